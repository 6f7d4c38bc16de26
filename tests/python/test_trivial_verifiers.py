"""Verifiers that look at no message get what they deserve: nothing.

A suite that a program can please by always saying the same, or by never
answering, proves nothing about any other program either.
"""

import collections
import json
import os
import pathlib
import subprocess

import pytest

WORKERS = pathlib.Path(__file__).resolve().parents[1] / "workers"
COMMAND = os.environ.get("DKIMSPEC_COMMAND", "")
LONGEST = 120  # Seconds that any of them may take, on a slow machine too.
IN_A_ROW = 5  # Crashes or hangs after which a program is given up.

RIGHT = {"conformant", "tolerated"}

pytestmark = pytest.mark.skipif(
    not COMMAND, reason="DKIMSPEC_COMMAND does not name the command")


@pytest.fixture(name="run")
def fixture_run(tmp_path):
    def run(name, *options):
        command = [COMMAND, "run", "--out", str(tmp_path), *options, "--",
                   "/usr/bin/python3", str(WORKERS / f"{name}.py")]
        done = subprocess.run(command, timeout=LONGEST, capture_output=True,
                              text=True, check=False)
        assert done.returncode in (0, 1), done.stderr
        lines = (tmp_path / "results.jsonl").read_text("utf-8").splitlines()
        return [result for result in map(json.loads, lines[1:-1])
                if not needs_a_socket(result)]
    return run


def needs_a_socket(result):
    """True of cases that nobody can be asked who is told what the DNS holds."""
    return (result["outcome"] == "unsupported" and
            {s["reason"] for s in result["subjects"]} == {"needs a DNS socket"})


def outcomes(results):
    return collections.Counter(result["outcome"] for result in results)


def by_debt(results):
    """What came of each signature, by what was owed."""
    owed = collections.defaultdict(collections.Counter)
    for result in results:
        for subject in result["subjects"]:
            owed[subject["expected"]][subject["outcome"]] += 1
    return owed


def test_who_always_passes_accepts_everything_that_is_bad(run):
    results = run("always_pass")
    # Whether to wait for an answer that comes late is left to the verifier.
    late = [result for result in results if result["case"] ==
            "dns/silence/an-answer-after-half-a-minute-is-none"]
    assert outcomes(late) == {"tolerated": 1}
    owed = by_debt(result for result in results if result not in late)
    assert set(owed) == {"pass", "permanent", "temporary", "none"}
    assert set(owed["pass"]) == {"conformant"}
    assert set(owed["permanent"]) == {"false-accept"}
    assert set(owed["temporary"]) == {"false-accept"}
    # Without a signature there is nothing that it says pass to.
    assert set(owed["none"]) == {"conformant"}


def test_who_always_fails_has_nothing_right(run):
    results = run("always_fail")
    assert not RIGHT & set(outcomes(results))
    owed = by_debt(results)
    for expected in ("permanent", "temporary", "none"):
        assert set(owed[expected]) == {"unproven"}
    # Where the text allows a refusal it is no mistake, and no proof either.
    assert set(owed["pass"]) == {"false-reject", "unproven"}
    assert owed["pass"]["false-reject"] > 5 * owed["pass"]["unproven"]


@pytest.mark.parametrize("name, outcome, options", [
    ("crash", "crash", []),
    ("hang", "hang", ["--timeout", "0.5"]),
])
def test_who_never_answers_is_given_up(run, name, outcome, options):
    results = run(name, *options)
    counts = outcomes(results)
    # Controls are among the five, and stand in no line of their own.
    assert set(counts) == {outcome, "given-up"}
    assert 1 <= counts[outcome] <= IN_A_ROW
    assert counts["given-up"] == len(results) - counts[outcome]


def test_who_talks_nonsense_gets_no_verdict(run):
    results = run("garbage", "--timeout", "1")
    assert results and set(outcomes(results)) == {"adapter-error"}
