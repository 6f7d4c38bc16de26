"""Sign, damage, break DNS, verify: dkimspec from Python.

    key = dkimspec.test_key("rsa2048-a")
    mail = dkimspec.sign(message, key=key, domain="a.example", selector="s")
    hurt = dkimspec.mutate(mail, "append-footer", text="-- \\r\\nlist\\r\\n")
    zone = {"s._domainkey.a.example": [dkimspec.key_record(key)]}
    with dkimspec.DnsStub(zone) as dns:
        [found] = dkimspec.verify(hurt, nameserver=dns.nameserver)
        assert found.result == "fail" and found.body_hash == "mismatch"

Messages are bytes with CRLF line ends and nothing is normalised. Zones are
dictionaries in the one zone notation (docs/recipe-format.md). What is wrong
with a message or the DNS is a Verification; what is wrong with the call is a
dkimspec.Error, a ValueError.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Union

from . import _core
from ._core import Case, Error, NothingToDamage, Subject, Verification

Zone = Mapping[str, Any]
Param = Union[int, str, bytes, bool]

__all__ = [
    "Case", "DnsStub", "Error", "NothingToDamage", "Subject", "Verification",
    "Zone", "cases", "key_record", "mutate", "mutators", "sign", "test_key",
    "verify",
]


def sign(
    message: bytes,
    *,
    key: bytes,
    domain: str,
    selector: str,
    c: str = "relaxed/relaxed",
    h: Sequence[str] = (),
    i: str | None = None,
    t: int | None = None,
    x: int | None = None,
) -> bytes:
    """The message with a DKIM-Signature field on top.

    key is a private key in PEM, RSA or Ed25519. The letters are the tags of RFC
    6376 section 3.5; without h the reference signer chooses, and over-signs.
    """
    return _core.sign(message, key, domain, selector, c, list(h), i, t, x)


def verify(
    message: bytes,
    *,
    zone: Zone | None = None,
    nameserver: str | None = None,
    now: int | None = None,
    accept_rsa_sha1: bool = False,
    min_rsa_bits: int = 1024,
) -> list[Verification]:
    """One Verification for each DKIM-Signature field, top to bottom.

    Keys come from zone, or over DNS from nameserver ("127.0.0.1:5353"): give one
    of the two. now is in seconds since 1970; without it the clock is read.
    """
    if (zone is None) == (nameserver is None):
        raise Error("verify: give either zone or nameserver")
    return _core.verify(
        message,
        int(time.time()) if now is None else now,
        None if zone is None else json.dumps(zone),
        nameserver,
        accept_rsa_sha1,
        min_rsa_bits,
    )


def key_record(key: bytes) -> str:
    """The key record ("v=DKIM1; ...") that belongs to a private key in PEM."""
    return _core.key_record(key)


def test_key(name: str) -> bytes:
    """A committed test key, in PEM: "rsa2048-a", "ed25519-a", ..."""
    path = Path(_core.suite_folder()) / "keys" / f"{name}.pem"
    try:
        return path.read_bytes()
    except OSError as error:
        known = ", ".join(sorted(p.stem for p in path.parent.glob("*.pem")))
        raise Error(f"there is no test key {name!r}; known: {known}") from error


test_key.__test__ = False  # type: ignore[attr-defined]  # Not for pytest.


def mutate(message: bytes, name: str, *, seed: int = 0, **params: Param) -> bytes:
    """The message damaged by the mutator called name (docs/mutators.md).

    Raises NothingToDamage if the message offers nothing to damage: the result is
    never the message unchanged.
    """
    return _core.mutate(message, name, seed, **params)


def mutators() -> list[dict[str, str]]:
    """Every mutator: name, summary, and who does this."""
    return _core.mutators()


def cases(
    *globs: str,
    now: int | None = None,
    salt: str = "",
    suite: str | None = None,
) -> list[Case]:
    """The cases of the suite whose ids match one of the globs, or all.

    "*" matches within one part of an id, "**" across parts: "body/**". Messages
    are signed for now; without it, for the time of the call.
    """
    return _core.cases(
        list(globs), int(time.time()) if now is None else now, salt, suite)


class DnsStub:
    """A DNS server on loopback that serves a zone, with its faults.

    Use it in a with statement, or close() it. UDP and TCP share one port.
    config is a configuration (docs/dns-config.schema.json): endpoints, records
    of any type, rules, epochs; zone adds to its records.
    """

    def __init__(
        self,
        zone: Zone | None = None,
        *,
        port: int = 0,
        config: Mapping[str, Any] | None = None,
    ) -> None:
        self._stub = _core.DnsStub(
            json.dumps(zone or {}), port,
            None if config is None else json.dumps(config))

    @property
    def port(self) -> int:
        return self._stub.port

    @property
    def nameserver(self) -> str:
        """ "127.0.0.1:PORT", as verify() takes it."""
        return f"127.0.0.1:{self.port}"

    @property
    def endpoints(self) -> dict[str, list[str]]:
        """The addresses of each endpoint: {"main": ["127.0.0.1:PORT", ...]}."""
        return self._stub.endpoints

    def set_epoch(self, epoch: str) -> None:
        """Lets the rules of another epoch count; the first one does at first."""
        self._stub.set_epoch(epoch)

    def wait_for(self, name: str, queries: int = 1, timeout: float = 5.0) -> bool:
        """Whether that many TXT queries for name came before the timeout."""
        return self._stub.wait_for(name, queries, timeout)

    def set_zone(self, zone: Zone) -> None:
        """Replaces all records."""
        self._stub.set_zone(json.dumps(zone))

    def add_zone(self, zone: Zone) -> None:
        """Adds or replaces the names in zone."""
        self._stub.add_zone(json.dumps(zone))

    def queries(self, name: str) -> int:
        """How many TXT queries for name came so far, over both transports."""
        return self._stub.queries(name)

    @property
    def unexpected(self) -> int:
        """Queries for names that are not in the zone."""
        return self._stub.unexpected

    def log(self) -> list[dict[str, Any]]:
        """Every query: name, type, tcp, edns_size, sent, at in seconds, ..."""
        return self._stub.log()

    def reset(self) -> None:
        """Empties the log and the counters."""
        self._stub.reset()

    def close(self) -> None:
        self._stub.close()

    def __enter__(self) -> DnsStub:
        return self

    def __exit__(self, *exception: object) -> None:
        self.close()
