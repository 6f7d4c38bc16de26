"""The files of the project, as the lints see them."""

import subprocess
import sys
from pathlib import Path


def project_files(root: Path) -> list[str]:
    """Paths, relative to root, of the files that git tracks or would track.

    Outside a git checkout (a source archive) every file counts that is not
    below build/.
    """
    listing = subprocess.run(
        ["git", "-C", str(root), "ls-files", "-z", "--cached", "--others",
         "--exclude-standard"],
        capture_output=True, check=False)
    if listing.returncode == 0:
        names = listing.stdout.decode().split("\0")
        return sorted(n for n in set(names) if n and (root / n).is_file())
    return sorted(
        str(path.relative_to(root)) for path in root.rglob("*")
        if path.is_file() and path.relative_to(root).parts[0] != "build")


def run(check) -> None:
    """Prints the findings of check(root) and exits with 1 if there are any.

    check yields (finding, is_fatal).
    """
    root = Path(sys.argv[1] if len(sys.argv) > 1 else ".")
    fatal = False
    for finding, is_fatal in check(root):
        print(finding if is_fatal else f"warning: {finding}")
        fatal = fatal or is_fatal
    sys.exit(1 if fatal else 0)
