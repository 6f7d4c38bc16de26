"""The suite from Python: every case, verified by the reference."""

import json

import dkimspec
import pytest
from conftest import NOW

CLASSES = {
    "pass": "pass", "fail": "permanent", "permerror": "permanent",
    "neutral": "permanent", "policy": "permanent", "temperror": "temporary",
}


def test_cases_can_be_chosen_by_glob():
    everything = dkimspec.cases(now=NOW)
    body = dkimspec.cases("body/**", now=NOW)
    assert 0 < len(body) < len(everything)
    assert all(case.id.startswith("body/") for case in body)
    assert dkimspec.cases("no-such-topic/**", now=NOW) == []


def test_salt_changes_every_message_that_is_signed():
    plain = dkimspec.cases(now=NOW)
    salted = dkimspec.cases(now=NOW, salt="pepper")
    assert [case.id for case in plain] == [case.id for case in salted]
    for before, after in zip(plain, salted):
        assert before.message != after.message, before.id


@pytest.mark.parametrize(
    "case",
    [c for c in dkimspec.cases(now=NOW) if not (c.needs_sockets or c.slow)],
    ids=lambda case: case.id)
def test_the_reference_conforms(case):
    if "fault" in case.zone_json:
        with dkimspec.DnsStub(json.loads(case.zone_json)) as dns:
            found = dkimspec.verify(
                case.message, nameserver=dns.nameserver, now=case.now)
    else:
        found = dkimspec.verify(
            case.message, zone=json.loads(case.zone_json), now=case.now)
    for subject in case.subjects:
        if subject.position is None:
            assert found == []
            continue
        said = CLASSES[found[subject.position].result]
        assert said in [subject.expected, *subject.tolerated]
