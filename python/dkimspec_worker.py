"""Connects a DKIM verifier written in Python to `dkimspec run`.

    import dkim, dkimspec_worker

    def verify(request):
        return ["pass" if dkim.verify(request.message, dnsfunc=request.txt) else "fail"]

    dkimspec_worker.run(verify, name="my-verifier", reports="first")

One file, standard library only: import it, or copy it. It speaks the worker
protocol (docs/worker-protocol.md) on standard input and output; whatever the
verifier prints goes to standard error.
"""

from __future__ import annotations

import base64
import json
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any, Union


@dataclass
class Signature:
    """What the verifier says of one signature."""

    result: str  # An RFC 8601 word, or a word of its own listed in `words`.
    says: str = ""  # Its explanation, verbatim.
    d: str = ""
    s: str = ""


@dataclass
class Request:
    """One message to verify."""

    message: bytes
    now: int  # Seconds since 1970; for verifiers that can be told the time.
    envelope: dict[str, Any] = field(default_factory=dict)
    _zone: dict[str, Any] = field(default_factory=dict)

    def records(self, name: str) -> list[bytes]:
        """The TXT records at name, the strings of each joined.

        Raises LookupError if there is none, TimeoutError if no answer comes,
        and OSError if the server fails: map them to what your resolver does.
        """
        for _ in range(11):  # As many CNAMEs as resolvers follow.
            entry = self._find(name)
            if isinstance(entry, dict) and "cname" in entry:
                name = entry["cname"]
                continue
            if isinstance(entry, list):
                return [_octets(record) for record in entry]
            if entry == "timeout":
                raise TimeoutError(f"{name}: no answer")
            if entry in ("nxdomain", "nodata"):
                raise LookupError(f"{name}: {entry}")
            break
        raise OSError(f"{name}: the server failed")

    def txt(self, name: Union[str, bytes], timeout: float = 0) -> bytes | None:
        """The first TXT record at name; None if there is none. For dkimpy."""
        try:
            return self.records(
                name if isinstance(name, str) else name.decode())[0]
        except LookupError:
            return None

    def _find(self, name: str) -> Any:
        wanted = name.rstrip(".").lower()
        for owner, entry in self._zone.items():
            if owner.lower() == wanted:
                return entry
        return "nxdomain"


def _octets(text: Any) -> bytes:
    """A text of the zone notation: a str, {"hex": ...}, or a list of these."""
    if isinstance(text, list):
        return b"".join(map(_octets, text))
    if isinstance(text, dict):
        return bytes.fromhex(text["hex"])
    return text.encode()


Verdict = Union[str, Signature]


def run(
    verify: Callable[[Request], Iterable[Verdict]],
    *,
    name: str,
    version: str = "",
    features: Iterable[str] = ("rsa-sha256", "ed25519-sha256"),
    policies: Iterable[str] = (),
    words: dict[str, str] | None = None,
    reports: str = "each",
    takes_now: bool = False,
) -> None:
    """Answers requests until standard input ends.

    verify returns a verdict for each signature, in the order of the message: an
    RFC 8601 word, or a Signature. With reports="first" it returns one for the
    first signature, with "one-for-all" one for the message. An exception is a
    fault of the worker, not a verdict: catch what your library means by one.
    """
    start = {
        "protocol": 1, "name": name, "version": version, "language": "python",
        "ops": ["verify"], "features": list(features),
        "policies": list(policies), "words": words or {},
        "takes": ["now"] if takes_now else [], "dns": "request",
        "reports": reports,
    }
    out, sys.stdout = sys.stdout, sys.stderr
    try:
        for line in sys.stdin:
            asked = json.loads(line)
            answer = start if asked["op"] == "start" else _answer(verify, asked)
            print(json.dumps(answer), file=out, flush=True)
    finally:
        sys.stdout = out


def _answer(verify: Callable[[Request], Iterable[Verdict]],
            asked: dict[str, Any]) -> dict[str, Any]:
    try:
        verdicts = list(verify(_request(asked)))
    except Exception:  # Whatever it is, the runner shall see it.
        return {"id": asked["id"], "error": traceback.format_exc()}
    signatures = [
        {"result": v} if isinstance(v, str) else {
            key: value for key, value in vars(v).items() if value}
        for v in verdicts]
    return {"id": asked["id"], "signatures": signatures}


def _request(asked: dict[str, Any]) -> Request:
    if "message_path" in asked:
        with open(asked["message_path"], "rb") as file:
            message = file.read()
    else:
        message = base64.b64decode(asked["message"])
    return Request(message, asked.get("now", 0), asked.get("envelope") or {},
                   asked.get("zone") or {})
