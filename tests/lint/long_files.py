"""Files that grew too long: a sign that two things live in one room."""

from pathlib import Path

import tree

WARN_ABOVE = 400
FAIL_ABOVE = 800
SUFFIXES = (".h", ".cc", ".py", ".js", ".go", ".pl", ".html", ".md", ".cmake")


def findings(path: str, lines: int):
    if path.endswith(SUFFIXES) and lines > WARN_ABOVE:
        yield f"{path}: {lines} lines", lines > FAIL_ABOVE


def check(root: Path):
    for path in tree.project_files(root):
        if path.endswith(SUFFIXES):
            yield from findings(path, (root / path).read_bytes().count(b"\n"))


if __name__ == "__main__":
    tree.run(check)
