"""Line ends in messages are CRLF, except where a bare CR or LF is the point.

A file whose point it is says so in its name: it contains "bare-lf", "bare-cr",
"lf-only" or "crcrlf". Everything else that people write has LF only.
"""

import re
from pathlib import Path

import tree

ODD = re.compile(rb"(?<!\r)\n|\r(?!\n)")
ON_PURPOSE = ("bare-lf", "bare-cr", "lf-only", "crcrlf")
BINARY = (".png", ".gz", ".der", ".bin")


def findings(path: str, octets: bytes):
    if path.endswith(".eml"):
        odd = ODD.search(octets)
        if odd and not any(word in path for word in ON_PURPOSE):
            line = octets.count(b"\n", 0, odd.start()) + 1
            yield f"{path}:{line}: a bare CR or LF in a message"
    elif not path.endswith(BINARY) and b"\0" not in octets:
        if b"\r" in octets:
            line = octets.count(b"\n", 0, octets.index(b"\r")) + 1
            yield f"{path}:{line}: a CR in a text file"


def check(root: Path):
    for path in tree.project_files(root):
        if "/corpus/" in path:
            continue
        for finding in findings(path, (root / path).read_bytes()):
            yield finding, True


if __name__ == "__main__":
    tree.run(check)
