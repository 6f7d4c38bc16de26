"""The DNS stub server as a stranger meets it, with docs/dns-faults.md open."""

import os
import pathlib
import re
import signal
import subprocess

import pytest

import dns_capture
import dns_readers

ROOT = pathlib.Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "dns-faults.md").read_text()
PROGRAMS = re.findall(r"```python\n(.*?)```", PAGE, re.S)


@pytest.fixture(name="command")
def dns_command() -> list[str]:
    if "DKIMSPEC_COMMAND" not in os.environ:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    return [os.environ["DKIMSPEC_COMMAND"], "dns"]


def first_answer(port: int, name: str) -> list:
    [reply] = dns_capture.capture(port, name, "tcp", 1)
    return dns_readers.read_by_dnspython(reply)["answer"]


def test_without_a_file_there_is_the_fault_zone(command):
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        host, port = server.stdout.readline().strip().rsplit(":", 1)
        assert host == "127.0.0.1"
        name = dns_capture.preset_name("tc-tcp")
        [[owner, kind, group, ttl, [text]]] = first_answer(int(port), name)
        assert (owner, kind, group, ttl) == (name, 16, 1, 0)
        # The page shows what dig does.
        assert f'"{bytes.fromhex(text).decode()}"' in PAGE
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0


def complaint(command: list[str], *arguments: str) -> str:
    done = subprocess.run([*command, *arguments], capture_output=True,
                          text=True, check=False, timeout=60)
    assert done.returncode in (2, 3) and done.stdout == ""
    return done.stderr


def test_mistakes_are_told(command, tmp_path):
    zone = tmp_path / "zone.json"
    zone.write_text('{"s._domainkey.a.example": "tc-reset"}')
    # A word that is a preset: where it ought to stand.
    assert '{"fault": "name"}' in complaint(command, "--zone", str(zone))
    assert '"zone"' in complaint(command, str(zone), "--zone", str(zone))
    assert "no-such-file" in complaint(command, str(tmp_path / "no-such-file"))


@pytest.mark.parametrize("program", PROGRAMS, ids=range(len(PROGRAMS)))
def test_the_page_is_right(program):
    exec(compile(program, "dns-faults.md", "exec"), {})
