"""dkimspec run --resolver unbound, and the signed zone for it.

An unbound daemon of our own stands between the implementations and our DNS
server. It must not change what anyone is judged for, and must leave nothing
behind. docs/resolver.md explains what the differences below are.
"""

import filecmp
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PEERS = pathlib.Path(os.environ.get("DKIMSPEC_PEERS", ROOT / "build" / "peers"))
COMMAND = os.environ.get("DKIMSPEC_COMMAND", "")
SIGNED_ZONE = ROOT / "dnsstub" / "dnssec"

# Whose DNS is a socket; each with the cases that it is judged for in another
# way behind a resolver.
DIFFERENCES = {
    "reference-unbound": set(),
    "dkimpy-sandbox": set(),
    # An answer with a DNAME is a failure to it; behind the resolver it has none.
    "opendkim": {"dns/delegation/every-way-to-a-name-elsewhere-is-followed@dname"},
}
# Neither waits for anything, which a resolver and its clients do differently.
TOPICS = ("dns/absence/**", "dns/aliases/**", "dns/answers/**", "dns/data/**",
          "dns/delegation/**", "dns/failures/**", "dns/transport/**")


def require_unbound() -> None:
    if not COMMAND:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    if not (PEERS / "unbound").is_dir():
        pytest.skip("no unbound; runners/implementations/fetch.py fetches it")


def topics() -> list[str]:
    known = subprocess.run([COMMAND, "cases", "list", "dns/**"], check=True,
                           capture_output=True, text=True, timeout=600).stdout
    return [topic for topic in TOPICS if f"{topic[:-2]}" in known]


def results_of(resolver: str, folder: pathlib.Path) -> list[dict]:
    out = folder / resolver
    cases = [word for topic in topics() for word in ("--cases", topic)]
    subprocess.run(
        [COMMAND, "run", "--resolver", resolver, "--peers", str(PEERS),
         "--implementations", ",".join(DIFFERENCES), *cases,
         "--now", "2026-01-01T00:00:00Z", "--out", str(out)],
        check=True, capture_output=True, timeout=1200)
    lines = (out / "results.jsonl").read_text().splitlines()
    return [json.loads(line) for line in lines]


def outcomes(results: list[dict]) -> dict[tuple[str, str], str]:
    return {(line["implementation"].removesuffix("+unbound"), line["case"]):
            line["outcome"] for line in results if "case" in line}


@pytest.mark.slow
def test_a_resolver_in_between_changes_no_verdict(tmp_path):
    require_unbound()
    direct = results_of("direct", tmp_path)
    behind = results_of("unbound", tmp_path)
    for header, resolver in ((direct[0], "direct"), (behind[0], "unbound ")):
        assert header["resolver"].startswith(resolver)
        for who in header["implementations"]:
            assert who["resolver"].startswith(resolver), who
    plain, resolved = outcomes(direct), outcomes(behind)
    assert plain.keys() == resolved.keys() and len(plain) > 30
    changed = {
        (who, case): (plain[who, case], resolved[who, case])
        for who, case in plain
        if plain[who, case] != resolved[who, case]
        and resolved[who, case] != "unsupported"
        and "flaky" not in (plain[who, case], resolved[who, case])
        and case not in DIFFERENCES[who]}
    assert changed == {}
    both = tmp_path / "both.jsonl"
    both.write_text((tmp_path / "direct/results.jsonl").read_text()
                    + (tmp_path / "unbound/results.jsonl").read_text())
    table = subprocess.run([COMMAND, "report", str(both)], check=True,
                           capture_output=True, text=True, timeout=600).stdout
    for name in DIFFERENCES:
        assert f"\n{name} " in table and f"\n{name}+unbound " in table


def descendants(pid: int) -> list[int]:
    found = []
    for task in pathlib.Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            children = [int(word) for word in task.read_text().split()]
        except OSError:
            continue
        for child in children:
            found += [child, *descendants(child)]
    return found


def is_unbound(pid: int) -> bool:
    """A daemon: not one that says its version, and not one that has ended,
    though nobody may have asked how."""
    try:
        words = pathlib.Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0")
    except OSError:
        return False
    return words[0].endswith(b"/unbound") and b"-d" in words


def wait_for(condition, seconds: int = 120):
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(0.01)
    raise AssertionError(f"not within {seconds} s")


@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_the_resolver_ends_with_the_run(how):
    require_unbound()
    # A worker that never answers keeps the run where it is.
    run = subprocess.Popen(
        [COMMAND, "run", "--resolver", "unbound", "--peers", str(PEERS),
         "--dns", "nameserver", "--timeout", "600", "--cases", "dns/**", "--",
         sys.executable, str(ROOT / "tests/workers/hang.py")],
        cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        [pid] = wait_for(lambda: [child for child in descendants(run.pid)
                                  if is_unbound(child)])
        run.send_signal(how)
        run.wait(timeout=120)
        wait_for(lambda: not is_unbound(pid))
    finally:
        run.kill()
        run.wait()


def test_without_unbound_it_says_what_would_help(tmp_path):
    if not COMMAND:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    if any(pathlib.Path(path).exists() for path in
           ("/usr/sbin/unbound", "/usr/local/sbin/unbound")):
        pytest.skip("this machine has an unbound of its own")
    done = subprocess.run(
        [COMMAND, "run", "--resolver", "unbound", "--peers", str(tmp_path)],
        capture_output=True, text=True, timeout=600, check=False)
    assert done.returncode == 2
    assert "needs the program unbound" in done.stderr
    assert "fetch.py --only unbound" in done.stderr


def test_the_signed_zone_is_what_its_script_makes(tmp_path):
    version = "" if shutil.which("openssl") is None else subprocess.run(
        ["openssl", "version"], capture_output=True, text=True,
        check=True).stdout
    if not version.startswith("OpenSSL 3"):
        pytest.skip(f"openssl 3 is needed, found {version or 'none'}")
    subprocess.run([str(SIGNED_ZONE / "sign.py"), "--out", str(tmp_path)],
                   check=True, timeout=600)
    names = ["zone.json", "trust-anchor.txt"]
    assert filecmp.cmpfiles(SIGNED_ZONE, tmp_path, names,
                            shallow=False) == (names, [], [])
