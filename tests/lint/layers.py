"""Includes point downwards only: the layers of the project, enforced.

A folder may include itself and what stands below it. mutators and dnsstub
stand side by side and never include each other.
"""

import re
from pathlib import Path

import tree

# Folder -> folders it may include, besides itself. The longest prefix of a
# path decides which folder it belongs to. None: anything.
BASE = ["reference/base"]
JSON = BASE + ["reference/json"]
REFERENCE = BASE + ["reference"]
FIXTURES = JSON + ["reference", "mutators", "dnsstub", "fixtures"]
RUNNERS = FIXTURES + ["runners"]
MAY_INCLUDE = {
    "reference/base": [],
    "reference/json": BASE,
    "reference": BASE,
    "mutators": REFERENCE,
    "dnsstub": JSON,
    "fixtures": FIXTURES,
    "runners/cli": RUNNERS,
    "runners/implementations": JSON,  # Workers stand alone.
    "runners": FIXTURES,
    "python": FIXTURES + ["runners"],
}
INCLUDE = re.compile(rb'^\s*#\s*include\s*"([^"]+)"', re.MULTILINE)


def folder_of(path: str) -> str | None:
    """The layer that a path belongs to; None outside the layers."""
    fitting = [f for f in MAY_INCLUDE if path.startswith(f + "/")]
    return max(fitting, key=len) if fitting else None


def violations(path: str, text: bytes):
    """What path includes although it must not."""
    here = folder_of(path)
    if here is None:
        return
    for match in INCLUDE.finditer(text):
        included = match.group(1).decode()
        there = folder_of(included)
        if there is None and "/" not in included:
            yield f"{path}: include \"{included}\" by its path from the root"
        elif there not in (None, here) and there not in MAY_INCLUDE[here]:
            yield f"{path}: {here} must not include {included}"


def check(root: Path):
    for path in tree.project_files(root):
        if path.endswith((".h", ".cc")):
            for finding in violations(path, (root / path).read_bytes()):
                yield finding, True


if __name__ == "__main__":
    tree.run(check)
