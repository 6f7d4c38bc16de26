"""Three resolvers that people use, asked for the stub server's presets.

Each function takes a port and names and gives {name: Found}. None of them looks
at the machine's own configuration. The stub never answers early, so that a
resolver whose patience is shorter than a delay never sees the answer, however
slow the machine; where patience must be longer, it is longer by far.
"""

import concurrent.futures
import ctypes
import json
import os
import pathlib
import subprocess
from typing import NamedTuple

import dns.exception
import dns.resolver

SOURCE = pathlib.Path(__file__).parents[1] / "dnsstub" / "proof" / "lookup.go"


class Found(NamedTuple):
    outcome: str  # "answer", "no record" or "temporary", as in the table.
    records: tuple[bytes, ...]  # Their strings joined.
    says: str  # In the resolver's own words.


class Patience(NamedTuple):
    attempt: int  # Seconds for a single query.
    attempts: int


# IMPATIENT is for silence and for what is lost at first, PATIENT for what comes
# late, STEADY for replies at once, good or not.
IMPATIENT, PATIENT, STEADY = Patience(2, 4), Patience(60, 1), Patience(60, 4)


# dnspython.

def by_dnspython(port: int, name: str, patience: Patience) -> Found:
    resolver = dns.resolver.Resolver(configure=False)
    resolver.nameservers, resolver.port = ["127.0.0.1"], port
    resolver.timeout = patience.attempt
    # Between attempts it waits for 0.1 s, 0.2 s, 0.4 s, ...
    resolver.lifetime = patience.attempt * patience.attempts + 1
    try:
        answer = resolver.resolve(name + ".", "TXT", search=False)
    except (dns.resolver.NXDOMAIN, dns.resolver.NoAnswer) as error:
        return Found("no record", (), type(error).__name__)
    except dns.exception.DNSException as error:
        return Found("temporary", (), str(error))
    return Found("answer", tuple(b"".join(rdata.strings) for rdata in answer),
                 "")


def look_up_by_dnspython(port: int, names: list[str], patience: Patience
                         ) -> dict[str, Found]:
    threads = 8 if patience == STEADY else len(names)
    with concurrent.futures.ThreadPoolExecutor(threads) as pool:
        return dict(zip(names, pool.map(
            lambda name: by_dnspython(port, name, patience), names)))


# libunbound asks about nine times, and waits longer each time.

class UbResult(ctypes.Structure):
    """struct ub_result of unbound.h."""

    _fields_ = [
        ("qname", ctypes.c_char_p), ("qtype", ctypes.c_int),
        ("qclass", ctypes.c_int),
        ("data", ctypes.POINTER(ctypes.c_void_p)),
        ("len", ctypes.POINTER(ctypes.c_int)), ("canonname", ctypes.c_char_p),
        ("rcode", ctypes.c_int), ("answer_packet", ctypes.c_void_p),
        ("answer_len", ctypes.c_int), ("havedata", ctypes.c_int),
        ("nxdomain", ctypes.c_int), ("secure", ctypes.c_int),
        ("bogus", ctypes.c_int), ("why_bogus", ctypes.c_char_p),
        ("was_ratelimited", ctypes.c_int), ("ttl", ctypes.c_int)]


def load_libunbound() -> ctypes.CDLL:
    library = ctypes.CDLL("libunbound.so.8")
    library.ub_ctx_create.restype = ctypes.c_void_p
    for function in ("ub_ctx_delete", "ub_resolve_free"):
        getattr(library, function).argtypes = [ctypes.c_void_p]
    library.ub_ctx_set_fwd.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    library.ub_ctx_set_option.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_char_p]
    library.ub_resolve.argtypes = [
        ctypes.c_void_p, ctypes.c_char_p, ctypes.c_int, ctypes.c_int,
        ctypes.POINTER(ctypes.POINTER(UbResult))]
    return library


def libunbound_version() -> str:
    library = load_libunbound()
    library.ub_version.restype = ctypes.c_char_p
    return library.ub_version().decode()


def joined_strings(rdata: bytes) -> bytes:
    """libunbound leaves the strings to us, and their bounds (RFC 1035 section
    3.3.14): what leaves RDATA is cut off here."""
    text, at = b"", 0
    while at < len(rdata):
        text += rdata[at + 1:at + 1 + rdata[at]]
        at += 1 + rdata[at]
    return text


def found_by_libunbound(result: UbResult) -> Found:
    if result.rcode not in (0, 3):
        return Found("temporary", (), f"RCODE {result.rcode}")
    if result.nxdomain or not result.havedata:
        return Found("no record", (), f"RCODE {result.rcode}")
    records, i = [], 0
    while result.data[i]:
        records.append(joined_strings(
            ctypes.string_at(result.data[i], result.len[i])))
        i += 1
    return Found("answer", tuple(records), "")


def by_libunbound(library: ctypes.CDLL, port: int, name: str,
                  first_wait: int) -> Found:
    # A context of its own: a shared one remembers the server's failures.
    context = library.ub_ctx_create()
    result = ctypes.POINTER(UbResult)()
    try:
        library.ub_ctx_set_fwd(context, f"127.0.0.1@{port}".encode())
        for option, value in (
                (b"unknown-server-time-limit:", first_wait),
                (b"tcp-auth-query-timeout:", max(first_wait, 1000))):
            library.ub_ctx_set_option(context, option, str(value).encode())
        error = library.ub_resolve(context, name.encode(), 16, 1,
                                   ctypes.byref(result))
        if error:
            return Found("temporary", (), f"error {error}")
        return found_by_libunbound(result.contents)
    finally:
        library.ub_resolve_free(result)
        library.ub_ctx_delete(context)


def look_up_by_libunbound(port: int, names: list[str], patience: Patience
                          ) -> dict[str, Found]:
    """Not twice at once: how long it waits first is a setting per process."""
    library = load_libunbound()
    first_wait = 150 if patience == IMPATIENT else patience.attempt * 1000
    # A context holds many descriptors while it waits.
    with concurrent.futures.ThreadPoolExecutor(min(len(names), 40)) as pool:
        return dict(zip(names, pool.map(lambda name: by_libunbound(
            library, port, name, first_wait), names)))


# Go.

def build_go_lookup(folder: pathlib.Path) -> pathlib.Path:
    """Needs nothing but the standard library."""
    program = folder / "lookup"
    subprocess.run(["go", "build", "-mod=readonly", "-trimpath",
                    "-buildvcs=false", "-o", str(program), SOURCE.name],
                   cwd=SOURCE.parent, check=True,
                   env=os.environ | {"CGO_ENABLED": "0", "GO111MODULE": "on",
                                     "GOTOOLCHAIN": "local", "GOWORK": "off"})
    return program


def look_up_by_go(program: pathlib.Path, port: int, names: list[str],
                  patience: Patience) -> dict[str, Found]:
    """Go takes its patience from /etc/resolv.conf: it gets one of its own."""
    config = program.with_name("resolv.conf.{}-{}".format(*patience))
    config.write_text(
        f"nameserver 127.0.0.1\noptions timeout:{patience.attempt} "
        f"attempts:{patience.attempts}\n", encoding="ascii")
    done = subprocess.run(
        ["unshare", "--user", "--map-root-user", "--mount", "sh", "-euc",
         'mount --bind "$1" /etc/resolv.conf; shift; exec "$@"', "sh",
         str(config), str(program), f"127.0.0.1:{port}", "300s"],
        input="".join(name + "\n" for name in names), text=True,
        capture_output=True, check=True)
    lines = map(json.loads, done.stdout.splitlines())
    return {line["name"]: Found(
        line["class"], tuple(map(bytes.fromhex, line["records"])), line["says"])
        for line in lines}
