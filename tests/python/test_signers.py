"""Signatures that others make are verified by us, and ours by others.

Where a program is known to err, KNOWN or DISAGREES says so with its version: an
entry that no longer holds fails, so that it is taken out.
"""

import base64
import functools
import json
import subprocess

import dkimspec
import pytest
import test_workers as workers

SIGNERS = ["dkimpy", "go-msgauth", "mail-dkim", "mailauth", "mox", "opendkim"]
VERIFIERS = ["dkimpy", "go-msgauth", "mail-dkim", "mailauth", "viadkim"]
CANONICALIZATIONS = ["relaxed/relaxed", "relaxed/simple", "simple/relaxed",
                     "simple/simple"]
DOMAIN, SELECTOR = "a.example", "s1"
KEY = dkimspec.test_key("rsa2048-a")
ZONE = {f"{SELECTOR}._domainkey.{DOMAIN}": [dkimspec.key_record(KEY)]}

HEADER = (b"From: A <a@a.example>\r\nTo: b@b.example\r\nSubject: Dinner\r\n"
          b"Date: Thu, 01 Jan 2026 00:00:00 +0000\r\n"
          b"Message-ID: <1@a.example>\r\n")
MESSAGES = {
    "plain": HEADER + b"\r\nHi.\r\n",
    "empty-body": HEADER + b"\r\n",
    "body-of-empty-lines": HEADER + b"\r\n\r\n\r\n\r\n",
    "body-of-white-space": HEADER + b"\r\n \r\n\t\r\n",
    "trailing-white-space": HEADER + b"\r\na \t\r\nb\t \r\n",
    "white-space-runs": HEADER + b"\r\n a  b\t\tc \t d\r\n",
    "empty-lines-at-end": HEADER + b"\r\na\r\n\r\n\r\n",
    "no-final-line-end": HEADER + b"\r\na\r\nb",
    "dots": HEADER + b"\r\n.\r\n..\r\n.a\r\n",
    "long-line": HEADER + b"\r\n" + b"x" * 3000 + b"\r\n",
    "8-bit-body": HEADER + b"\r\n\xc3\xa4 \xe4\xff\r\n",
    "folded-header": HEADER.replace(
        b"Subject: Dinner", b"Subject: Dinner\r\n\t at  \r\n eight") + b"\r\na\r\n",
    "odd-spacing": HEADER.replace(b"Subject: ", b"Subject:\t  ").replace(
        b"To: ", b"To:") + b"\r\na\r\n",
    "empty-value": HEADER.replace(b"Dinner", b"") + b"\r\na\r\n",
    "repeated-fields": b"Received: from a\r\nReceived: from b\r\n" + HEADER
                       + b"Comments: 1\r\nComments: 2\r\n\r\na\r\n",
    "tag-in-value": HEADER.replace(
        b"Dinner", b"b=abc; bh=def; v=1") + b"\r\nDKIM-Signature: b=\r\n",
}

# (signer, message): its version, the canonicalizations, and what we find.
KNOWN = {
    # The last line stays without the CRLF that simple would add to it.
    ("mail-dkim", "no-final-line-end"): {
        "version": "1.20230212", "c": ["relaxed/simple", "simple/simple"],
        "found": "body-hash-did-not-verify"},
    # With a relaxed body it does not sign if the last line has no end.
    ("opendkim", "no-final-line-end"): {
        "version": "2.11.0", "c": ["relaxed/relaxed", "simple/relaxed"],
        "found": "not signed"},
}
# (verifier, message): its version, the canonicalizations, and what it says.
DISAGREES = {
    ("mail-dkim", "no-final-line-end"): {
        "version": "1.20230212", "c": ["relaxed/simple", "simple/simple"],
        "found": "fail"},
}


def converse(entry: dict, lines: list[dict]) -> list[dict]:
    """What a worker answers; signing needs no DNS."""
    argv = [workers.filled(entry, word) for word in entry["start"]["argv"]]
    environment = {"PATH": "/usr/local/bin:/usr/bin:/bin:"
                           + workers.os.environ["PATH"]}
    environment |= {name: workers.filled(entry, value) for name, value
                    in entry["start"].get("environment", {}).items()}
    done = subprocess.run(
        argv, input="".join(json.dumps(line) + "\n" for line in lines),
        capture_output=True, text=True, timeout=120, check=False,
        env=environment)
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def sign_request(number: int, message: bytes, c: str) -> dict:
    header, body = c.split("/")
    return {"op": "sign", "id": number, "domain": DOMAIN, "selector": SELECTOR,
            "message": base64.b64encode(message).decode(),
            "key_pem": KEY.decode(), "algorithm": "rsa-sha256",
            "header_canonicalization": header, "body_canonicalization": body}


@functools.cache
def signed_by(name: str) -> dict:
    """The answers of a signer, by message and canonicalization."""
    wanted = [(message, c) for message in MESSAGES for c in CANONICALIZATIONS]
    answers = converse(workers.require(name), [
        sign_request(number, MESSAGES[message], c)
        for number, (message, c) in enumerate(wanted)])
    assert [answer["id"] for answer in answers] == list(range(len(wanted)))
    return dict(zip(wanted, answers))


def found_in(answer: dict) -> str:
    """What we find in a message that somebody signed."""
    if "message" not in answer:
        return "not signed"
    found = dkimspec.verify(base64.b64decode(answer["message"]), zone=ZONE)
    assert len(found) == 1
    return found[0].result if found[0].result == "pass" else found[0].reason


def expected(table: dict, name: str, message: str, c: str,
             usual: str = "pass") -> str:
    entry = table.get((name, message))
    if entry is None or c not in entry["c"]:
        return usual
    assert entry["version"] == workers.states()[name]["version"], (
        f"{name} changed; look again whether it still errs")
    return entry["found"]


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("name", SIGNERS)
def test_we_verify_what_others_sign(name, message):
    workers.require(name)
    for c in CANONICALIZATIONS:
        answer = signed_by(name)[message, c]
        assert found_in(answer) == expected(KNOWN, name, message, c), (
            c, answer.get("error"))


@pytest.mark.parametrize("name", SIGNERS)
def test_the_canonicalization_asked_for_is_declared(name):
    workers.require(name)
    for c in CANONICALIZATIONS:
        signed = base64.b64decode(signed_by(name)["plain", c]["message"])
        field = b"".join(signed[:signed.index(b"From:")].split())
        names = {c.encode(), c.removesuffix("/simple").encode()}
        said = [tag[2:] for tag in field.split(b":", 1)[1].split(b";")
                if tag.startswith(b"c=")]
        assert said and said[0] in names or (not said and c == "simple/simple")


def our_signature(message: str, c: str) -> bytes:
    return dkimspec.sign(MESSAGES[message], key=KEY, domain=DOMAIN,
                         selector=SELECTOR, c=c)


@functools.cache
def judged_by(name: str) -> dict:
    """The words of a verifier on our signatures."""
    entry = workers.require(name)
    wanted = [(message, c) for message in MESSAGES for c in CANONICALIZATIONS]
    answers = converse(entry, [
        workers.request(number, our_signature(*one)) | {"zone": ZONE}
        for number, one in enumerate(wanted)])
    return {one: " ".join(workers.words(entry, answer))
            if "signatures" in answer else "no answer"
            for one, answer in zip(wanted, answers)}


@pytest.mark.parametrize("message", MESSAGES)
@pytest.mark.parametrize("name", VERIFIERS)
def test_others_verify_what_we_sign(name, message):
    workers.require(name)
    for c in CANONICALIZATIONS:
        assert judged_by(name)[message, c] == expected(
            DISAGREES, name, message, c), c


@pytest.mark.parametrize("name", SIGNERS)
def test_signers_say_what_they_cannot_do(name):
    entry = workers.require(name)
    request = sign_request(1, MESSAGES["plain"], "relaxed/relaxed")
    [strange, start] = converse(entry, [
        request | {"algorithm": "rsa-md5"}, {"op": "start", "protocol": 1}])
    assert strange == {"id": 1, "unsupported": "rsa-md5"}
    assert "sign" in start["ops"]


def test_known_errors_are_of_programs_asked():
    assert {name for name, _ in KNOWN} <= set(SIGNERS)
    assert {name for name, _ in DISAGREES} <= set(VERIFIERS)
    assert {message for _, message in [*KNOWN, *DISAGREES]} <= set(MESSAGES)
