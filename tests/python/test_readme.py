"""Every command and program in the README does what it says.

./run and ./check are left out: they are what runs this.
"""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import dkimspec
import pytest

ROOT = Path(__file__).resolve().parents[2]
BLOCK = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BLOCKS = BLOCK.findall((ROOT / "README.md").read_text())
PROGRAMS = [text for language, text in BLOCKS if language == "python"]
COMMANDS = [
    line for language, text in BLOCKS if language == ""
    for line in text.splitlines() if "build/release/dkimspec" in line]
PEER_PYTHON = Path(os.environ.get("DKIMSPEC_PEERS", ROOT / "build/peers")) / (
    "dkimpy/venv/bin/python")


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """A folder that looks like a checkout in which ./run was run."""
    command = os.environ.get("DKIMSPEC_COMMAND")
    if not command:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    for name in ("fixtures", "python"):
        (tmp_path / name).symlink_to(ROOT / name)
    release = tmp_path / "build" / "release"
    release.mkdir(parents=True)
    (release / "dkimspec").symlink_to(command)
    return tmp_path


def run(line: str, folder: Path) -> subprocess.CompletedProcess:
    return subprocess.run(
        ["bash", "-c", line], cwd=folder, capture_output=True, timeout=120,
        stdin=subprocess.DEVNULL)


def only(part: str) -> str:
    """The one command of the README that contains part."""
    [line] = [line for line in COMMANDS if part in line]
    return line


def test_all_commands_are_known():
    verbs = [re.search(r"dkimspec (\w+(?: (?:list|show|export))?)", line)[1]
             for line in COMMANDS]
    assert verbs == ["run", "cases list", "cases show", "cases export", "sign",
                     "mutate", "verify", "dns"]


def test_cases_commands(checkout):
    listed = run(only("cases list"), checkout)
    assert listed.returncode == 0 and b"header/selection/" in listed.stdout
    shown = run(only("cases show"), checkout)
    assert shown.returncode == 0 and b"A relay may pad lines" in shown.stdout
    exported = run(only("cases export"), checkout)
    assert exported.returncode == 0, exported.stderr
    assert list((checkout / "build/vectors").rglob("message.eml"))


def test_sign_mutate_verify(checkout):
    key = dkimspec.test_key("rsa2048-a")
    (checkout / "zone.json").write_text(json.dumps(
        {"s1._domainkey.dkim.example": [dkimspec.key_record(key)]}))
    assert run(only(" sign "), checkout).returncode == 0
    assert run(only(" mutate "), checkout).returncode == 0
    signed = run("build/release/dkimspec verify --zone zone.json signed.eml", checkout)
    assert signed.returncode == 0 and b"pass" in signed.stdout
    hurt = run(only(" verify "), checkout)
    assert hurt.returncode == 1 and b"body hash did not verify" in hurt.stdout
    assert (checkout / "hurt.eml").read_bytes().endswith(b"-- \r\nthe list\r\n")


def test_dns(checkout):
    (checkout / "zone.json").write_text('{"a.example": "servfail"}')
    with subprocess.Popen(
            shlex.split(only(" dns ")), cwd=checkout,
            stdout=subprocess.PIPE) as server:
        try:
            assert b"127.0.0.1:" in server.stdout.readline()
        finally:
            server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=10) == 0


def test_the_worker_of_five_lines(checkout):
    if not PEER_PYTHON.exists():
        pytest.skip("dkimpy is not fetched")
    (checkout / "my_worker.py").write_text(PROGRAMS[0])
    line = only(" run ").replace("python3", str(PEER_PYTHON))
    done = run(line, checkout)
    assert done.returncode == 1, done.stderr  # It is wrong here and there.
    assert b"my-verifier" in done.stdout


def test_the_python_example():
    done = subprocess.run(
        [sys.executable, "-c", PROGRAMS[1]], capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr.decode()
