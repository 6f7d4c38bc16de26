"""Workers find their files wherever the checkout is, also below /tmp."""

import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

WORKER = Path(__file__).resolve().parents[1] / "workers" / "always_fail.py"


@pytest.mark.skipif("DKIMSPEC_COMMAND" not in os.environ,
                    reason="DKIMSPEC_COMMAND does not name the command")
def test_files_beside_the_implementation_are_visible(tmp_path):
    here = tmp_path / "implementations" / "mine"
    here.mkdir(parents=True)
    # Shared with another implementation: the way there leads through a folder
    # that holds nothing the program needs.
    other = here.parent / "other"
    other.mkdir()
    for name in (WORKER.name, "trivial.py"):
        shutil.copy(WORKER.with_name(name), other)
    (here / "implementation.json").write_text(json.dumps({
        "name": "mine", "family": "mine", "language": "python",
        "homepage": "https://dkim.example/", "transport": "worker",
        "start": {"argv": ["{python}", "{here}/../other/always_fail.py"]},
        "dns": "request", "reports": "each", "features": ["rsa-sha256"]}))
    (tmp_path / "peers").mkdir()
    (tmp_path / "peers" / "status.json").write_text(
        json.dumps({"mine": {"state": "ready", "version": "1"}}))
    done = subprocess.run(
        [os.environ["DKIMSPEC_COMMAND"], "run", "--implementations", "mine",
         "--peers", str(tmp_path / "peers"), "--cases", "body/simple/*"],
        env={**os.environ, "DKIMSPEC_IMPLEMENTATIONS": str(here.parent)},
        capture_output=True, text=True, timeout=60)
    assert "Not run" not in done.stdout, done.stdout
    assert "\nmine" in done.stdout, done.stderr
