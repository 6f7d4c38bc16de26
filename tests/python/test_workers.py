"""The workers of runners/implementations, each with the program it wraps.

What a program thinks of a case is for dkimspec run to say. Here it is shown
that a worker keeps to the protocol, and that DNS reaches the program as it
would through sockets.
"""

import base64
import functools
import json
import os
import pathlib
import re
import subprocess
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMPLEMENTATIONS = ROOT / "runners" / "implementations"
PEERS = pathlib.Path(os.environ.get("DKIMSPEC_PEERS",
                                    ROOT / "build" / "peers")).resolve()
COMMAND = os.environ.get("DKIMSPEC_COMMAND", "")
PYTHON = "/usr/bin/python3"

sys.path.insert(0, str(IMPLEMENTATIONS))
import implementation_file  # pylint: disable=wrong-import-position

ENTRIES = {entry["name"]: entry
           for entry in implementation_file.read_all(IMPLEMENTATIONS)}

SIGNED = (ROOT / "tests/python/data/rfc8463-appendix-a.eml").read_bytes()
DAMAGED = SIGNED.replace(b"hungry", b"thirsty")
UNSIGNED = SIGNED[SIGNED.index(b"From:"):]
ED25519 = "brisbane._domainkey.football.example.com"
RSA = "test._domainkey.football.example.com"
RSA_KEY = ("v=DKIM1; k=rsa; p=MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCBiQKBgQDkHlOQoBTz"
           "WRiGs5V6NpP3idY6Wk08a5qhdR6wy5bdOKb2jLQiY/J16JYi0Qvx/byYzCNb3W91y3"
           "FutACDfzwQ/BC/e/8uBsCR+yz1Lxj+PL6lHvqMKrM3rG4hstT5QjvHO9PzoxZyVYLz"
           "BfO2EeC3Ip3G+2kryOTIKT+l/K4w3QIDAQAB")
ZONE = {
    ED25519: ["v=DKIM1; k=ed25519;"
              " p=11qYAYKxCrfVS/7TyWQHOg7hcvPapiMlrwIaaPcHURo="],
    RSA: [RSA_KEY],
}
# These claim Ed25519 and do not verify the RFC's own signature.
ED25519_FAILS = {"haraka"}
RFC8601 = {"none", "pass", "fail", "policy", "neutral", "temperror",
           "permerror"}

# What the key of the RSA signature may look like, and whether it then passes.
# A timeout is apart: with sockets it takes as long as the program waits.
DNS = {
    "two-strings": ([[RSA_KEY[:100], RSA_KEY[100:]]], True),
    "octets": ([{"hex": RSA_KEY.encode().hex()}], True),
    "mixed-strings": ([[RSA_KEY[:100], {"hex": RSA_KEY[100:].encode().hex()}]],
                      True),
    "alias": ({"cname": "Key.Example.com"}, True),
    "alias-of-nothing": ({"cname": "gone.example.com"}, False),
    "alias-of-itself": ({"cname": RSA}, False),
    "junk": (["junk"], False),
    "empty": ([""], False),
    "not-utf-8": ([{"hex": "ff00fe"}], False),
    "nxdomain": ("nxdomain", False),
    "nodata": ("nodata", False),
    "servfail": ("servfail", False),
}


def zone_with(entry) -> dict:
    return ZONE | {"key.example.com": [RSA_KEY], RSA: entry}


def states() -> dict:
    try:
        return json.loads((PEERS / "status.json").read_text())
    except FileNotFoundError:
        return {}


def require(name: str) -> dict:
    """The entry of an implementation that is there; skips the test if not."""
    entry = ENTRIES[name]
    state = states().get(name, {"state": "not-run", "why": "not fetched"})
    if state["state"] != "ready":
        pytest.skip(f"{name}: {state['why']}")
    uses_command = any("{build}" in word for word in entry["start"]["argv"])
    if uses_command and not os.access(COMMAND, os.X_OK):
        pytest.skip(f"{name}: DKIMSPEC_COMMAND does not name the command")
    return entry


def filled(entry: dict, text: str) -> str:
    places = {"here": entry["here"], "peers": PEERS, "python": PYTHON,
              "build": pathlib.Path(COMMAND).parent}
    return re.sub(r"\{(\w+)\}", lambda found: str(places[found[1]]), text)


@functools.cache
def why_no_namespaces() -> str:
    probe = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--net", "--mount", "true"],
        capture_output=True, text=True, check=False)
    return probe.stderr.strip()


def ask(entry: dict, lines: list, zone: dict, folder: pathlib.Path) -> list:
    """What the worker answers to `lines`; requests get the zone their way."""
    argv = [filled(entry, word) for word in entry["start"]["argv"]]
    if entry["dns"] == "sandbox":
        if why_no_namespaces():
            pytest.skip(f"no namespaces here: {why_no_namespaces()}")
        path = folder / "zone.json"
        path.write_text(json.dumps(zone))
        argv = ["unshare", "--user", "--map-root-user", "--net", "--mount",
                PYTHON, str(pathlib.Path(__file__).with_name("dns_sandbox.py")),
                str(path), *argv]
    else:
        lines = [line | {"zone": zone} if isinstance(line, dict) else line
                 for line in lines]
    text = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n"
                   for line in lines)
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:" + os.environ["PATH"]}
    environment |= {name: filled(entry, value) for name, value
                    in entry["start"].get("environment", {}).items()}
    done = subprocess.run(argv, input=text, capture_output=True, text=True,
                          timeout=120, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def request(number: int, message: bytes) -> dict:
    return {"op": "verify", "id": number, "now": 1767225600,
            "message": base64.b64encode(message).decode()}


def word(entry: dict, signature: dict) -> str:
    """Its RFC 8601 word; that there is one is part of every test."""
    own = signature["result"]
    return entry.get("words", {}).get(own) or ({own} & RFC8601).pop()


def words(entry: dict, answer: dict) -> list[str]:
    return [word(entry, signature) for signature in answer["signatures"]]


def rsa_word(entry: dict, answer: dict) -> str:
    """Of the RSA signature, which is the last of the message."""
    return words(entry, answer)[-1]


every = pytest.mark.parametrize("name", sorted(ENTRIES))


@every
def test_start_agrees_with_the_file(name, tmp_path):
    entry = require(name)
    [said] = ask(entry, [{"op": "start", "protocol": 1}], {}, tmp_path)
    assert said["protocol"] == 1
    assert said["ops"] == ["verify"] or "verify" in said["ops"]
    assert said["version"]
    for member in ("language", "dns", "reports"):
        assert said[member] == entry[member]
    assert set(said["features"]) >= set(entry["features"])


@every
def test_each_signature_is_told_in_message_order(name, tmp_path):
    entry = require(name)
    [answer] = ask(entry, [request(4711, SIGNED)], ZONE, tmp_path)
    assert answer["id"] == 4711
    assert len(answer["signatures"]) == 2
    ed25519 = ("ed25519-sha256" in entry["features"]
               and name not in ED25519_FAILS)
    assert words(entry, answer) == ["pass" if ed25519 else "permerror", "pass"]
    for signature, selector in zip(answer["signatures"], ["brisbane", "test"]):
        assert signature["d"] == "football.example.com"
        assert signature.get("s", selector) == selector


@every
def test_damage_is_noticed_and_explained(name, tmp_path):
    entry = require(name)
    [answer] = ask(entry, [request(1, DAMAGED)], ZONE, tmp_path)
    assert len(answer["signatures"]) == 2
    assert "pass" not in words(entry, answer)
    assert all(signature["says"] for signature in answer["signatures"])


@every
def test_an_unsigned_message_has_no_signatures(name, tmp_path):
    entry = require(name)
    [answer] = ask(entry, [request(1, UNSIGNED)], ZONE, tmp_path)
    assert answer == {"id": 1, "signatures": []}


@every
def test_bad_requests_are_answered_and_survived(name, tmp_path):
    entry = require(name)
    answers = ask(entry, [
        "[]", "not JSON", {"op": "dance", "id": 2}, {"op": "verify", "id": 3},
        request(4, SIGNED)], ZONE, tmp_path)
    assert all("error" in answer for answer in answers[:-1]), answers
    assert [answer.get("id") for answer in answers[2:]] == [2, 3, 4]
    assert rsa_word(entry, answers[-1]) == "pass"


@every
def test_a_long_message_comes_by_path(name, tmp_path):
    entry = require(name)
    path = tmp_path / "message.eml"
    path.write_bytes(SIGNED)
    [answer] = ask(entry, [{"op": "verify", "id": 1, "now": 1767225600,
                            "message_path": str(path)}], ZONE, tmp_path)
    assert rsa_word(entry, answer) == "pass"


@every
@pytest.mark.parametrize("what", sorted(DNS))
def test_dns_reaches_the_program(name, what, tmp_path):
    entry = require(name)
    key, passes = DNS[what]
    [answer] = ask(entry, [request(1, SIGNED)], zone_with(key), tmp_path)
    assert (rsa_word(entry, answer) == "pass") == passes


@every
def test_what_a_hook_cannot_serve_is_an_error(name, tmp_path):
    entry = require(name)
    if entry["dns"] != "request":
        pytest.skip("has no hook")
    zone = zone_with({"fault": "tc-refused", "txt": ["v=DKIM1"]})
    [answer] = ask(entry, [request(1, SIGNED)], zone, tmp_path)
    assert "error" in answer


# Programs that are there with a hook and with sockets.
BOTH_WAYS = pytest.mark.parametrize("name", sorted(
    name for name, entry in ENTRIES.items() if "fetched-as" in entry))


def test_four_programs_are_there_both_ways():
    assert {entry["fetched-as"]: (entry["dns"], entry["name"])
            for entry in ENTRIES.values() if "fetched-as" in entry} == {
                name: ("sandbox", name + "-sandbox")
                for name in ("dkimpy", "go-msgauth", "mail-dkim", "mailauth")}


@BOTH_WAYS
def test_both_ways_are_described_alike(name):
    ways = [ENTRIES[ENTRIES[name]["fetched-as"]], ENTRIES[name]]
    for member in ("family", "language", "needs", "reports", "features",
                   "policies", "words"):
        assert ways[0].get(member) == ways[1].get(member), member


@BOTH_WAYS
def test_an_unknown_way_is_refused(name):
    entry = require(name)
    argv = [filled(entry, word) for word in entry["start"]["argv"]]
    assert argv[-2:] == ["--dns", "sandbox"]
    environment = {member: filled(entry, value) for member, value
                   in entry["start"].get("environment", {}).items()}
    done = subprocess.run([*argv[:-1], "pigeon"], capture_output=True,
                          text=True, input="", timeout=120, check=False,
                          env=os.environ | environment)
    assert done.returncode != 0
    assert "sandbox" in done.stderr  # It names what there is.


def own_words(answer: dict) -> list[str]:
    """Of each signature, untranslated; of an exception, its last line."""
    return (answer["error"].splitlines()[-1:] if "error" in answer else
            [s["result"] for s in answer.get("signatures", [])])


def assert_alike(name: str, lines: list, zone: dict, folder) -> None:
    """It must not matter which way the keys come."""
    hook, sockets = [[own_words(answer) for answer
                      in ask(require(way), lines, zone, folder)]
                     for way in (ENTRIES[name]["fetched-as"], name)]
    assert len(hook) == len(lines)
    assert hook == sockets


@BOTH_WAYS
@pytest.mark.parametrize("what", sorted(DNS))
def test_it_says_the_same_both_ways(name, what, tmp_path):
    assert_alike(name, [request(1, SIGNED), request(2, DAMAGED)],
                 zone_with(DNS[what][0]), tmp_path)


@BOTH_WAYS
def test_it_says_the_same_of_silence_both_ways(name, tmp_path):
    assert_alike(name, [request(1, SIGNED)], zone_with("timeout"), tmp_path)


@BOTH_WAYS
@pytest.mark.parametrize("domain", [
    "foot(ball.example.com", "foot..example.com", "-ball.example.com",
    "foot-.example.com", "foot_ball.example.com", "foot*ball.example.com",
    "x" * 63 + ".example.com", "x" * 64 + ".example.com"])
def test_it_asks_for_the_same_names_both_ways(name, domain, tmp_path):
    # A key that was found makes the signature a bad one, not one without key.
    message = SIGNED.replace(b"football.example.com;", domain.encode() + b";")
    assert message != SIGNED
    # Names that no DNS message can hold are in no zone.
    holds = ".." not in domain and len(domain.partition(".")[0]) <= 63
    zone = {key.replace("football.example.com", domain): value
            for key, value in ZONE.items() if holds}
    assert_alike(name, [request(1, message)], zone, tmp_path)
