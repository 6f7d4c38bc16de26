#!/usr/bin/python3
"""Signs the zone signed.example, once and for all.

It writes zone.json, which `dkimspec dns` serves, and trust-anchor.txt, for
validating resolvers. The zone holds a key record, that of fixtures/keys/
ed25519-a.pem, under names that say how validating it ends: the signature over
it is good (secure), damaged (bogus), from another time (expired) or missing
(unsigned). Signatures are Ed25519 (RFC 8080), which has no random part: the same
key makes the same files again.

Needs the openssl command, 3.0 or newer.
"""

import argparse
import calendar
import hashlib
import json
import pathlib
import struct
import subprocess
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
APEX = "signed.example"
TTL = 300
NS, SOA, TXT, DS, RRSIG, NSEC, DNSKEY = 2, 6, 16, 43, 46, 47, 48
TYPES = {NS: "NS", SOA: "SOA", TXT: "TXT", RRSIG: "RRSIG", NSEC: "NSEC",
         DNSKEY: "DNSKEY"}
ED25519 = 15  # RFC 8080 section 4.
SHA256 = 2    # RFC 4509.
# Validators compare times in serial arithmetic: within 68 years (RFC 4034
# section 3.1.5).
INCEPTION = calendar.timegm((2020, 1, 1, 0, 0, 0))
EXPIRATION = calendar.timegm((2085, 1, 1, 0, 0, 0))
EXPIRED = calendar.timegm((2020, 2, 1, 0, 0, 0))
KEY_RECORD = ("v=DKIM1; k=ed25519; "
              "p=Nr1LQfE0Uz9LCfHu5OjEzM+rw7rs1Kl/MMn34o3htVs=")


def wire_name(name: str) -> bytes:
    return b"".join(bytes([len(label)]) + label.encode()
                    for label in name.split(".")) + b"\0"


def canonical_order(name: str) -> list[str]:
    """RFC 4034 section 6.1."""
    return name.split(".")[::-1]


def public_key(pem: pathlib.Path) -> bytes:
    """The 32 octets at the end of a SubjectPublicKeyInfo (RFC 8410)."""
    return subprocess.run(
        ["openssl", "pkey", "-in", str(pem), "-pubout", "-outform", "DER"],
        capture_output=True, check=True).stdout[-32:]


def sign(pem: pathlib.Path, data: bytes) -> bytes:
    with tempfile.NamedTemporaryFile() as file:
        file.write(data)
        file.flush()
        return subprocess.run(
            ["openssl", "pkeyutl", "-sign", "-rawin", "-inkey", str(pem),
             "-in", file.name], capture_output=True, check=True).stdout


def key_tag(rdata: bytes) -> int:
    """RFC 4034 appendix B."""
    total = sum(octet << 8 if at % 2 == 0 else octet
                for at, octet in enumerate(rdata))
    return (total + (total >> 16)) & 0xffff


def type_bitmap(types: list[int]) -> bytes:
    """RFC 4034 section 4.1.2; all of ours are in window 0."""
    bits = bytearray(max(types) // 8 + 1)
    for number in types:
        bits[number // 8] |= 0x80 >> number % 8
    return bytes([0, len(bits)]) + bytes(bits)


class Zone:
    """Names with their records, and what signs them."""

    def __init__(self, pem: pathlib.Path) -> None:
        self.pem = pem
        # Zone key and secure entry point (RFC 4034 section 2.1.1).
        self.dnskey = struct.pack("!HBB", 0x0101, 3, ED25519) + public_key(pem)
        self.tag = key_tag(self.dnskey)
        self.sets: dict[tuple[str, int], bytes] = {}
        self.signatures: dict[tuple[str, int], bytes] = {}

    def add(self, name: str, number: int, rdata: bytes) -> None:
        self.sets[name, number] = rdata

    def names(self) -> list[str]:
        return sorted({name for name, _ in self.sets}, key=canonical_order)

    def types_of(self, name: str) -> list[int]:
        return sorted(number for owner, number in self.sets if owner == name)

    def chain(self) -> None:
        """One NSEC record for each name, in a circle (RFC 4034 section 4)."""
        names = self.names()
        for name, following in zip(names, names[1:] + names[:1]):
            types = self.types_of(name) + [NSEC, RRSIG]
            self.add(name, NSEC, wire_name(following) + type_bitmap(types))

    def sign(self, name: str, number: int, expiration: int) -> None:
        """RFC 4034 section 3.1.8.1; each of our sets is a single record."""
        rdata = self.sets[name, number]
        fixed = struct.pack("!HBBIIIH", number, ED25519, name.count(".") + 1,
                            TTL, expiration, INCEPTION, self.tag)
        fixed += wire_name(APEX)
        record = wire_name(name) + struct.pack("!HHIH", number, 1, TTL,
                                               len(rdata)) + rdata
        self.signatures[name, number] = fixed + sign(self.pem, fixed + record)

    def records(self) -> list[dict]:
        listed = []
        for name in self.names():
            for number in self.types_of(name):
                listed.append((name, number, self.sets[name, number]))
                if (name, number) in self.signatures:
                    listed.append((name, RRSIG, self.signatures[name, number]))
        return [{"name": name, "type": TYPES[number], "ttl": TTL,
                 "rdata_hex": rdata.hex()} for name, number, rdata in listed]

    def trust_anchor(self) -> str:
        digest = hashlib.sha256(wire_name(APEX) + self.dnskey).hexdigest()
        return (f"{APEX}. {TTL} IN DS {self.tag} {ED25519} {SHA256} "
                f"{digest.upper()}")


def build(pem: pathlib.Path) -> Zone:
    zone = Zone(pem)
    server = f"ns.{APEX}"
    zone.add(APEX, SOA, wire_name(server) + wire_name(f"hostmaster.{APEX}")
             + struct.pack("!IIIII", 1, 3600, 600, 86400, TTL))
    zone.add(APEX, NS, wire_name(server))
    zone.add(APEX, DNSKEY, zone.dnskey)
    text = KEY_RECORD.encode()
    keys = {kind: f"s1._domainkey.{kind}.{APEX}"
            for kind in ("secure", "bogus", "expired", "unsigned")}
    for name in keys.values():
        zone.add(name, TXT, bytes([len(text)]) + text)
    zone.chain()
    for name, number in list(zone.sets):
        zone.sign(name, number, EXPIRATION)
    zone.sign(keys["expired"], TXT, EXPIRED)
    good = zone.signatures[keys["bogus"], TXT]
    zone.signatures[keys["bogus"], TXT] = good[:-1] + bytes([good[-1] ^ 1])
    del zone.signatures[keys["unsigned"], TXT]
    return zone


def main() -> None:
    parser = argparse.ArgumentParser(description="Signs the zone " + APEX + ".")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, metavar="DIR",
                        help="where to write (default: beside this script)")
    options = parser.parse_args()
    zone = build(HERE / "key.pem")
    records = ",\n".join("    " + json.dumps(record)
                         for record in zone.records())
    (options.out / "zone.json").write_text(
        f'{{\n  "format": "dkimspec-dns/1",\n  "records": [\n{records}\n'
        "  ]\n}\n")
    (options.out / "trust-anchor.txt").write_text(zone.trust_anchor() + "\n")


if __name__ == "__main__":
    main()
