"""Mistakes that suites of this kind are known to make: numbers 9 and 10.

tests/dnsstub/pitfalls_test.cc has the others.
"""

import ctypes
import os
import pathlib
import re
import select
import subprocess
import time

import dkimspec
import pytest

import dns_resolvers
from conftest import NAME
from dns_resolvers import UbResult

# Nobody has the key to it, and the zone is not signed: no answer is genuine.
TRUST_ANCHOR = b"dkim.example. DS 12345 13 2 " + b"5a" * 32
PATIENCE = 120


# 9. A verifier on libunbound must not wait for what has ended: a bogus answer
# comes as an answer, and not as a failure.

def libunbound() -> ctypes.CDLL:
    library = dns_resolvers.load_libunbound()
    for name, arguments in {
            "ub_ctx_add_ta": [ctypes.c_char_p],
            "ub_ctx_async": [ctypes.c_int],
            "ub_resolve_async": [
                ctypes.c_char_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p,
                ctypes.c_void_p, ctypes.POINTER(ctypes.c_int)],
            "ub_fd": [], "ub_process": []}.items():
        getattr(library, name).argtypes = [ctypes.c_void_p, *arguments]
    return library


def resolve_in_background(port: int, trust_anchor: bytes | None) -> list[tuple]:
    """What libunbound's callback was called with: (error, rcode, bogus)."""
    library, calls = libunbound(), []

    @ctypes.CFUNCTYPE(None, ctypes.c_void_p, ctypes.c_int,
                      ctypes.POINTER(UbResult))
    def call(_, error, result):
        calls.append((error, result[0].rcode, result[0].bogus))
        library.ub_resolve_free(result)

    context = library.ub_ctx_create()
    try:
        library.ub_ctx_set_fwd(context, f"127.0.0.1@{port}".encode())
        if trust_anchor:
            assert library.ub_ctx_add_ta(context, trust_anchor) == 0
        library.ub_ctx_async(context, 1)  # A thread, not a process.
        assert library.ub_resolve_async(
            context, NAME.encode(), 16, 1, None, call,
            ctypes.byref(ctypes.c_int())) == 0
        deadline = time.monotonic() + PATIENCE
        while not calls and time.monotonic() < deadline:
            if select.select([library.ub_fd(context)], [], [], 1)[0]:
                library.ub_process(context)
        return calls
    finally:
        library.ub_ctx_delete(context)


def until(wanted, look):
    """What look() gives, at last: on a machine that is too busy, libunbound
    gives up, after a second or two, on what is there."""
    for _ in range(5):
        found = look()
        if found == wanted:
            break
    return found


def test_9_a_bogus_answer_is_an_end(zone):
    def errors_and_bogus(trust_anchor):
        return [(error, bogus) for error, _, bogus
                in resolve_in_background(dns.port, trust_anchor)]

    with dkimspec.DnsStub(zone) as dns:
        right, wrong = [(0, 0, 0)], [(0, 1)]
        assert until(right, lambda: resolve_in_background(
            dns.port, None)) == right
        assert until(wrong, lambda: errors_and_bogus(TRUST_ANCHOR)) == wrong


def test_9_a_forwarder_that_found_it_bogus_has_failed(mail, zone):
    """That is temporary, too, and no memory of it stays."""
    with dkimspec.DnsStub({NAME: {"fault": "servfail-bogus"}}) as dns:
        def results():
            return [found.result for found in
                    dkimspec.verify(mail, nameserver=dns.nameserver)]

        assert results() == ["temperror"]
        dns.set_zone(zone)
        assert until(["pass"], results) == ["pass"]


# 10. Where there are no namespaces for users, as in many containers, whatever
# takes a port goes on, and the rest says why not.

def works(prefix: list[str]) -> bool:
    return subprocess.run([*prefix, "true"], capture_output=True,
                          check=False).returncode == 0


@pytest.fixture(name="run")
def run_without_namespaces():
    if "DKIMSPEC_COMMAND" not in os.environ:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    command = [os.environ["DKIMSPEC_COMMAND"], "run",
               "--cases", "body/relaxed/trailing-wsp-is-ignored"]
    forbid = ["unshare", "--user", "--map-root-user", "sh", "-euc",
              'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', "sh"]
    if not works(forbid):
        if works(["unshare", "--user"]):
            pytest.skip("namespaces cannot be forbidden here")
        forbid = []  # There are none to begin with.
    return lambda *arguments: subprocess.run(
        [*forbid, *command, *arguments], capture_output=True, text=True,
        timeout=PATIENCE, check=False)


def test_10_ports_do_without_namespaces(run):
    done = run("--implementations", "reference,reference-unbound")
    assert done.returncode == 0, done.stderr
    for name in ("reference", "reference-unbound"):
        assert re.search(rf"^{name} +1 +0 ", done.stdout, re.M), done.stdout


def test_10_a_sandbox_says_why_it_is_not_there(run):
    peers = pathlib.Path(os.environ["DKIMSPEC_PEERS"])
    if not (peers / "dkimpy").exists():
        pytest.skip("dkimpy is not fetched")
    done = run("--peers", str(peers),
               "--implementations", "reference,dkimpy-sandbox")
    assert re.search(r"^Not run:\n +dkimpy-sandbox: .*clone: .+ \(.+\)$",
                     done.stdout, re.M), done.stdout


def test_10_a_worker_that_needs_the_sandbox_is_not_asked(run):
    done = run("--dns", "sandbox", "--",
               os.environ["DKIMSPEC_COMMAND"], "worker")
    assert done.returncode != 0
    assert "sandbox" in done.stderr or "Not run" in done.stdout
