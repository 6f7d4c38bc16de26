"""Every legal answer of the stub server reads alike in four programs.

legality.json says of each preset, for each way to ask, what comes: "legal" (a
well-formed message that answers the query), or why it is not: "malformed",
"no answer" to this query, "nothing", or "late" and not waited for. A list is
for several packets, one word for the same on every way. A new preset fails
here until it has a row.
"""

import concurrent.futures
import json
import shutil

import dkimspec
import dns.message
import pytest

import dns_capture
import dns_readers

LEGALITY = json.loads((dns_readers.PROOF / "legality.json").read_text())
# Octets that are wrong at the first glance, and at the last.
RECORDS = [["v=DKIM1; ", "p=", {"hex": "00ff225c3b7f80090a"}],
           ['second "quoted" \\ ; (x) ', "", "y"]]
# Malformed, as others see it; dnspython is content.
FINE_FOR_DNSPYTHON = {"wrong-class", "empty-rdata", "pointer-into-header"}


def verdicts(preset: str, way: str) -> list[str]:
    row = LEGALITY[preset]
    said = row if isinstance(row, str) else row[way]
    return said if isinstance(said, list) else [said]


def is_packet(verdict: str) -> bool:
    return not verdict.startswith(("nothing: ", "late: "))


def capture_preset(port: int, preset: str) -> list[tuple]:
    """(preset, way, verdict, query, octets) of each packet, one way after the
    other: some presets count."""
    found = []
    for way in dns_capture.WAYS:
        said = verdicts(preset, way)
        if said[0].startswith("late: "):
            continue
        name = dns_capture.preset_name(preset)
        expected = [verdict for verdict in said if is_packet(verdict)]
        # Where nothing is to come, whatever comes soon is too much.
        got = dns_capture.capture(port, name, way, len(expected))
        assert len(got) == len(expected), f"{preset} over {way}: {said}"
        query = dns_capture.make_query(name, edns=way != "plain")
        found += [(preset, way, verdict, query, octets)
                  for verdict, octets in zip(expected, got)]
    return found


@pytest.fixture(name="packets", scope="module")
def all_packets() -> list[tuple]:
    config = {"format": "dkimspec-dns/1",
              "zone": {"s._domainkey.f.example": RECORDS}}
    with dkimspec.DnsStub(config=config) as stub, \
            concurrent.futures.ThreadPoolExecutor(len(LEGALITY)) as pool:
        captured = [pool.submit(capture_preset, stub.port, preset)
                    for preset in LEGALITY]
        return [packet for preset in captured for packet in preset.result()]


def test_every_preset_is_classified():
    assert set(LEGALITY) == set(dns_capture.presets())
    for preset in LEGALITY:
        for way in dns_capture.WAYS:
            for verdict in verdicts(preset, way):
                assert verdict == "legal" or verdict.startswith(
                    ("nothing: ", "late: ", "malformed: ", "no answer: "))


def answers(query: bytes, octets: bytes) -> bool:
    return dns.message.from_wire(query).is_response(
        dns.message.from_wire(octets))


def test_what_is_not_legal_is_refused(packets):
    for preset, way, verdict, query, octets in packets:
        if verdict.startswith("no answer: "):
            assert not answers(query, octets), (preset, way)
        elif verdict.startswith("malformed: ") \
                and preset not in FINE_FOR_DNSPYTHON:
            assert isinstance(dns_readers.read_by_dnspython(octets), str), (
                preset, way)


@pytest.mark.parametrize("program", ["dig", "drill"])
def test_the_programs_are_here(program):
    assert shutil.which(program), (
        f"{program} is missing; cmake/install-packages.sh installs it")


def read_by_all(packets: list[tuple], folder) -> dict[str, list]:
    queries = [query for _, _, _, query, _ in packets]
    octets = [octets for _, _, _, _, octets in packets]
    return {"dnspython": dns_readers.read_all_by_dnspython(octets),
            "Net::DNS": dns_readers.read_all_by_net_dns(octets),
            "drill": dns_readers.read_all_by_drill(octets, folder),
            "dig": dns_readers.read_all_by_dig(queries, octets, folder)}


def check_alike(labels: list, read: dict[str, list]) -> None:
    for reader, messages in read.items():
        assert len(messages) == len(labels), reader
        for label, message, first in zip(labels, messages, read["dnspython"]):
            assert isinstance(message, dict), (label, reader, message)
            assert message == first, (label, reader)


def test_every_legal_answer_reads_alike(packets, tmp_path):
    legal = [packet for packet in packets if packet[2] == "legal"]
    assert len(legal) > 400
    check_alike([packet[:2] for packet in legal], read_by_all(legal, tmp_path))


ORDINARY = {
    "format": "dkimspec-dns/1",
    "endpoints": [
        {"id": "recursive", "addresses": ["127.0.0.1"]},
        {"id": "authoritative", "addresses": ["127.0.0.2"],
         "personality": "authoritative"}],
    "zone": {"a.example": [["two ", "strings"], "another"],
             "b.example": {"cname": "a.example"},
             "c.example": {"cname": "b.example"},
             "none.example": "nodata"},
    "records": [
        {"name": "old.example", "type": "DNAME", "target": "new.example"},
        {"name": "s.new.example", "text": "moved", "ttl": 300},
        {"name": "*.w.example", "text": "wild"},
        {"name": "hex.example", "rdata_hex": "03ff00220161", "ttl": 2147483647},
        {"name": "type.example", "type": "TYPE65280", "rdata_hex": "0102"},
        {"name": "ent.example", "type": "NONE"}]}
NAMES = ("a.example", "A.eXample", "b.example", "c.example", "none.example",
         "old.example", "s.old.example", "x.y.w.example", "hex.example",
         "type.example", "ent.example", "no.example")
KINDS = ("TXT", "A", "AAAA", "NS", "SOA", "CNAME", "DNAME", "DS", "DNSKEY",
         "ANY")


def test_ordinary_answers_read_alike(tmp_path):
    """Records of every kind, and what resolvers explore with."""
    found = []
    with dkimspec.DnsStub(config=ORDINARY) as stub:
        for host in ("127.0.0.1", "127.0.0.2"):
            for name in NAMES:
                for kind in KINDS:
                    query = dns_capture.make_query(
                        name, edns=True, kind=dns_readers.TYPES[kind])
                    [reply] = dns_capture.datagrams(
                        stub.port, query, 1, host=host, silence=0)
                    found.append(((host, name, kind), "udp", "legal", query,
                                  reply))
    read = read_by_all(found, tmp_path)
    check_alike([packet[0] for packet in found], read)
    seen = {record[1] for message in read["dnspython"]
            for record in message["answer"]}
    assert {dns_readers.TYPES[kind] for kind in ("TXT", "CNAME", "DNAME")
            } <= seen


def test_the_readers_see_the_records(packets, tmp_path):
    """Four readers that see nothing agree, too."""
    chosen = [packet for packet in packets
              if packet[:2] == ("records-reversed", "tcp")]
    owner = dns_capture.preset_name("records-reversed")
    strings = [[part.encode().hex() if isinstance(part, str) else part["hex"]
                for part in record] for record in RECORDS]
    for reader, [message] in read_by_all(chosen, tmp_path).items():
        assert message == {
            "opcode": 0, "rcode": 0, "flags": ["qr", "ra", "rd"],
            "question": [[owner, 16, 1]],
            "answer": [[owner, 16, 1, 0, record]
                       for record in reversed(strings)],
            "authority": [], "additional": [],
            "edns": {"size": 1232, "version": 0, "options": []}}, reader


def test_the_readers_see_what_is_wrong(packets, tmp_path):
    """A reader that takes anything shows nothing."""
    chosen = [packet for packet in packets
              if packet[:2] == ("lying-string-length", "udp")]
    for reader, [message] in read_by_all(chosen, tmp_path).items():
        assert not isinstance(message, dict) or not message["answer"], reader
