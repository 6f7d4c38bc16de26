"""Nobody passes, or fails, by the octets that a salt changes."""

import json
import os
import subprocess

import pytest

SALTS = ("", "pepper", "x1")


def outcomes(salt: str, folder) -> dict[tuple[str, str], str]:
    """(case, implementation) -> outcome, of everything that can be run."""
    out = folder / f"salt-{salt}"
    subprocess.run(
        [os.environ["DKIMSPEC_COMMAND"], "run", "--salt", salt,
         "--peers", os.environ["DKIMSPEC_PEERS"], "--out", str(out)],
        check=True, timeout=600, capture_output=True)
    lines = map(json.loads, (out / "results.jsonl").read_text().splitlines())
    return {(line["case"], line["implementation"]): line["outcome"]
            for line in lines if "case" in line}


@pytest.mark.slow
def test_three_salts_give_the_same_judgements(tmp_path):
    if "DKIMSPEC_COMMAND" not in os.environ:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    plain, *salted = (outcomes(salt, tmp_path) for salt in SALTS)
    assert plain
    for other in salted:
        assert other.keys() == plain.keys()
        changed = {key: (plain[key], other[key])
                   for key in plain if plain[key] != other[key]}
        assert changed == {}
