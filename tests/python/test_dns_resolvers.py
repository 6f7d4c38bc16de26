"""Every preset ends in real resolvers as its row says, or there is a reason.

differences.json lists where libunbound, dnspython and Go end up elsewhere, and
why. What it does not explain fails, and so does what no longer differs. Other
releases differ otherwise: the test skips where they are not those measured. The
settings of the reference's own lookups are another: unbound_key_source_test.
"""

import concurrent.futures
import functools
import json
import pathlib
import re
import shutil
import subprocess
import tempfile

import dkimspec
import dns.version
import pytest

import dns_capture
import dns_resolvers
from dns_resolvers import IMPATIENT, PATIENT, STEADY

TABLE = json.loads(
    dns_resolvers.SOURCE.with_name("differences.json").read_text())
KEY = b"v=DKIM1; k=ed25519; p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="
# Slow, but there is an answer for those who wait: more than one attempt, or one
# that is too short, would not show it.
WAITED_FOR = {"delay-1s", "delay-2s", "delay-6s", "good-then-drop"}
# Not slow in itself, but one of the three waits: dnspython asks again and again
# after a reply from elsewhere, and Go ignores replies without a question.
WAITED_FOR_IN_VAIN = {
    "wrong-source-then-right", "formerr-header-only", "cut-after-header"}


def names_by_patience(presets: dict[str, dict]) -> dict:
    """Those that may end in silence get little patience, all others much."""
    hasty = {preset for preset, row in presets.items()
             if row["slow"] or preset in WAITED_FOR_IN_VAIN} - WAITED_FOR
    groups = {IMPATIENT: hasty, PATIENT: WAITED_FOR,
              STEADY: set(presets) - hasty - WAITED_FOR}
    return {patience: sorted(map(dns_capture.preset_name, group & set(presets)))
            for patience, group in groups.items()}


def in_groups(look_up, presets: dict[str, dict], port: int) -> dict:
    """All groups at the same time: they mostly wait."""
    groups = {patience: names for patience, names
              in names_by_patience(presets).items() if names}
    with concurrent.futures.ThreadPoolExecutor(len(groups)) as pool:
        found = pool.map(lambda patience: look_up(
            port, groups[patience], patience), groups)
        return {name: what for group in found for name, what in group.items()}


def outcome(found: dns_resolvers.Found) -> str:
    """An answer that does not hold the key is another answer."""
    return ("other answer" if found.outcome == "answer"
            and not any(b"p=11qYAYK" in text for text in found.records)
            else found.outcome)


def two_numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"[0-9]+", version)[:2]]


def version_of(resolver: str) -> str:
    """"" if it is not here."""
    if resolver == "dnspython":
        return dns.version.version
    if resolver == "libunbound":
        return dns_resolvers.libunbound_version()
    return "" if shutil.which("go") is None else subprocess.run(
        ["go", "env", "GOVERSION"], capture_output=True, text=True,
        check=True).stdout.strip()


@functools.cache
def why_not(resolver: str) -> str:
    measured, found = TABLE["measured"][resolver], version_of(resolver)
    if two_numbers(found) != two_numbers(measured):
        return (f"differences.json was made with {resolver} {measured}, "
                f"found {found or 'none'}")
    return why_no_namespaces() if resolver == "Go" else ""


def why_no_namespaces() -> str:
    probe = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "true"],
        capture_output=True, text=True, check=False)
    return f"no namespaces here: {probe.stderr}" if probe.returncode else ""


def by_dnspython(presets: dict[str, dict], port: int) -> dict:
    return in_groups(dns_resolvers.look_up_by_dnspython, presets, port)


def by_libunbound(presets: dict[str, dict], port: int) -> dict:
    look_up, groups = (dns_resolvers.look_up_by_libunbound,
                       names_by_patience(presets))
    steady = groups[PATIENT] + groups[STEADY]
    # One after the other, as look_up says.
    hasty = look_up(port, groups[IMPATIENT], IMPATIENT) if groups[IMPATIENT] \
        else {}
    return hasty | (look_up(port, steady, STEADY) if steady else {})


def by_go(presets: dict[str, dict], port: int) -> dict:
    with tempfile.TemporaryDirectory() as folder:
        program = dns_resolvers.build_go_lookup(pathlib.Path(folder))
        return in_groups(
            lambda *arguments: dns_resolvers.look_up_by_go(program, *arguments),
            presets, port)


def outcomes(look_up, presets: dict[str, dict]) -> dict[str, str]:
    """By preset. Each resolver has a server of its own: some presets count."""
    config = {"format": "dkimspec-dns/1",
              "zone": {"s._domainkey.f.example": [KEY.decode()]}}
    with dkimspec.DnsStub(config=config) as stub:
        found = look_up(presets, stub.port)
    return {preset: outcome(found[dns_capture.preset_name(preset)])
            for preset in presets}


WAYS = {"dnspython": by_dnspython, "libunbound": by_libunbound, "Go": by_go}


@pytest.fixture(name="found", scope="module")
def all_outcomes() -> dict[str, dict[str, str]]:
    presets = dns_capture.presets()
    with concurrent.futures.ThreadPoolExecutor(len(WAYS)) as pool:
        found = {resolver: pool.submit(outcomes, look_up, presets)
                 for resolver, look_up in WAYS.items() if not why_not(resolver)}
        return {resolver: each.result() for resolver, each in found.items()}


def settled(resolver: str, preset: str, row: dict, wanted: str, got: str
            ) -> str:
    """On a machine that is too busy, an answer may come too late for any
    patience. What is not as wanted is asked for again, by itself."""
    for _ in range(3):
        if got != wanted:
            got = outcomes(WAYS[resolver], {preset: row})[preset]
    return got


@pytest.mark.parametrize("resolver", WAYS)
def test_every_preset_ends_as_its_row_says(resolver, found):
    if why_not(resolver):
        pytest.skip(why_not(resolver))
    explained = {row["preset"]: (row["expected"], row["got"])
                 for row in TABLE["differences"] if row["resolver"] == resolver}
    differences = {}
    for preset, row in dns_capture.presets().items():
        _, wanted = explained.get(preset, (None, row["outcome"]))
        got = settled(resolver, preset, row, wanted, found[resolver][preset])
        if got != row["outcome"]:
            differences[preset] = (row["outcome"], got)
    assert differences == explained, (
        f"{resolver}: (expected, got) above differs from differences.json, "
        f"which was made with {TABLE['measured']}")


def test_the_table_is_about_presets_and_explains():
    presets = dns_capture.presets()
    assert set(TABLE["depends-on-patience"]) <= set(presets)
    rows = TABLE["differences"]
    for row in rows:
        assert row["preset"] in presets and len(row["why"]) > 10, row
        assert row["resolver"] in TABLE["measured"], row
    pairs = [(row["resolver"], row["preset"]) for row in rows]
    assert len(set(pairs)) == len(pairs)
