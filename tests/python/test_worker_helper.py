"""dkimspec_worker: the few lines that connect a verifier."""

import json
import os
import subprocess
import sys
from pathlib import Path

import dkimspec_worker
import pytest

ROOT = Path(__file__).resolve().parents[2]
ZONE = {
    "one.example": ["v=DKIM1; p=", "second"],
    "split.example": [["a", {"hex": "ff00"}, "b"]],
    "alias.example": {"cname": "One.Example"},
    "loop.example": {"cname": "loop.example"},
    "dangling.example": {"cname": "none.example"},
    "gone.example": "nxdomain",
    "empty.example": "nodata",
    "failing.example": "servfail",
    "dead.example": "timeout",
}


def request() -> dkimspec_worker.Request:
    return dkimspec_worker.Request(b"", 0, {}, ZONE)


@pytest.mark.parametrize("name, records", [
    ("one.example", [b"v=DKIM1; p=", b"second"]),
    ("ONE.example.", [b"v=DKIM1; p=", b"second"]),
    ("split.example", [b"a\xff\x00b"]),
    ("alias.example", [b"v=DKIM1; p=", b"second"]),
])
def test_records(name, records):
    assert request().records(name) == records
    assert request().txt(name.encode()) == records[0]


@pytest.mark.parametrize("name, error", [
    ("gone.example", LookupError), ("empty.example", LookupError),
    ("nowhere.example", LookupError), ("dangling.example", LookupError),
    ("failing.example", OSError), ("loop.example", OSError),
    ("dead.example", TimeoutError),
])
def test_what_is_no_record_is_an_exception(name, error):
    with pytest.raises(error):
        request().records(name)
    if error is LookupError:
        assert request().txt(name) is None


WORKER = """
import dkimspec_worker
def verify(request):
    print("noise")
    if b"boom" in request.message:
        raise RuntimeError("boom")
    return ["pass", dkimspec_worker.Signature("odd", says="why", d="a.example")]
dkimspec_worker.run(verify, name="mine", words={"odd": "fail"}, takes_now=True)
"""


def converse(*requests: dict) -> list[dict]:
    done = subprocess.run(
        [sys.executable, "-c", WORKER],
        input="".join(json.dumps(r) + "\n" for r in requests),
        env={**os.environ, "PYTHONPATH": str(ROOT / "python")},
        capture_output=True, text=True, timeout=30, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def test_the_protocol_is_spoken():
    start, verified, failed = converse(
        {"op": "start", "protocol": 1},
        {"op": "verify", "id": 7, "message": "eA==", "now": 1, "zone": {}},
        {"op": "verify", "id": 8, "message": "Ym9vbQ==", "now": 1, "zone": {}})
    assert (start["protocol"], start["name"], start["takes"]) == (1, "mine", ["now"])
    assert verified == {"id": 7, "signatures": [
        {"result": "pass"}, {"result": "odd", "says": "why", "d": "a.example"}]}
    assert failed["id"] == 8 and "RuntimeError: boom" in failed["error"]


def test_a_long_message_comes_in_a_file(tmp_path):
    path = tmp_path / "message"
    path.write_bytes(b"boom")
    _, failed = converse(
        {"op": "start", "protocol": 1},
        {"op": "verify", "id": 9, "message_path": str(path), "zone": {}})
    assert "error" in failed
