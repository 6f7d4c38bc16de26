"""Sign, damage, serve the key with a fault, assert the verdict."""

import dkimspec
import pytest
from conftest import NAME, NOW


def ask(mail: bytes, dns: dkimspec.DnsStub) -> dkimspec.Verification:
    [found] = dkimspec.verify(mail, nameserver=dns.nameserver, now=NOW)
    return found


def test_an_intact_message_passes_over_dns(mail, zone):
    with dkimspec.DnsStub(zone) as dns:
        assert ask(mail, dns).result == "pass"
        assert dns.queries(NAME) == 1
        assert dns.unexpected == 0


def test_a_footer_breaks_the_body_and_nothing_else(mail, zone):
    hurt = dkimspec.mutate(mail, "append-footer", text="-- \r\nthe list\r\n")
    with dkimspec.DnsStub(zone) as dns:
        found = ask(hurt, dns)
    assert found.result == "fail"
    assert found.reason == "body-hash-did-not-verify"
    assert (found.body_hash, found.header_signature) == ("mismatch", "match")


def test_a_subject_tag_breaks_the_header_and_nothing_else(mail, zone):
    hurt = dkimspec.mutate(mail, "subject-tag")
    with dkimspec.DnsStub(zone) as dns:
        found = ask(hurt, dns)
    assert found.result == "fail"
    assert (found.body_hash, found.header_signature) == ("match", "mismatch")


def test_padding_survives_relaxed_but_not_simple(key, zone):
    from conftest import MESSAGE

    results = {}
    for c in ("relaxed/relaxed", "simple/simple"):
        mail = dkimspec.sign(
            MESSAGE, key=key, domain="dkim.example", selector="s1", c=c)
        padded = dkimspec.mutate(mail, "append-wsp")
        [found] = dkimspec.verify(padded, zone=zone, now=NOW)
        results[c] = found.result
    assert results == {"relaxed/relaxed": "pass", "simple/simple": "fail"}


def test_a_dead_name_server_is_temporary_and_a_missing_key_is_not(mail):
    with dkimspec.DnsStub({NAME: "timeout"}) as dns:
        found = ask(mail, dns)
        assert found.result == "temperror"
        assert dns.queries(NAME) >= 1
        dns.set_zone({NAME: "nxdomain"})
        found = ask(mail, dns)
        assert found.result == "permerror"
        assert found.reason == "no-key-for-signature"


def test_an_answer_that_needs_tcp_is_fetched_over_tcp(key, mail, zone):
    truncated = {NAME: {"fault": "tc-tcp", "txt": zone[NAME]}}
    with dkimspec.DnsStub(truncated) as dns:
        assert ask(mail, dns).result == "pass"
        assert [entry["tcp"] for entry in dns.log()] == [False, True]


def test_a_server_that_fails_once_is_asked_again(mail, zone):
    flaky = {NAME: {"fault": "servfail-once", "txt": zone[NAME]}}
    with dkimspec.DnsStub(flaky) as dns:
        assert ask(mail, dns).result == "pass"
        assert dns.queries(NAME) >= 2


@pytest.mark.parametrize("call", [
    lambda: dkimspec.verify(b"", zone={}, nameserver="127.0.0.1:53"),
    lambda: dkimspec.verify(b""),
    lambda: dkimspec.verify(b"", zone={"a.example": "no such word"}),
    lambda: dkimspec.verify(b"", nameserver="not an address"),
    lambda: dkimspec.mutate(b"", "no-such-mutator"),
    lambda: dkimspec.mutate(b"", "append-footer", no_such_parameter=1),
    lambda: dkimspec.mutate(b"", "append-footer", text=3.5),
    lambda: dkimspec.test_key("no-such-key"),
    lambda: dkimspec.cases(suite="/no/such/folder"),
    lambda: dkimspec.sign(
        b"\r\n", key=b"not a key", domain="a.example", selector="s"),
])
def test_a_wrong_call_is_an_error_with_a_message(call):
    with pytest.raises(dkimspec.Error) as caught:
        call()
    assert str(caught.value)


def test_nothing_to_damage_is_said(key):
    with pytest.raises(dkimspec.NothingToDamage):
        dkimspec.mutate(b"From: a@dkim.example\r\n\r\nx\r\n", "from-mangle")


def test_a_closed_stub_says_so(zone):
    dns = dkimspec.DnsStub(zone)
    dns.close()
    with pytest.raises(dkimspec.Error):
        dns.queries(NAME)
