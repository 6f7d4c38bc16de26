#!/usr/bin/python3
"""Fetches the implementations under test, and tools, into one folder.

Nothing is installed into the system: Debian packages are unpacked, Python,
Node and Go programs are built from committed locks, all below build/peers.
docs/implementations.md describes the files that this program reads and
status.json, which it writes.

Exit status: 0, also where something could not be fetched (it is then listed as
not run or failed); 1 with --strict if anything is not ready; 2 wrong usage; 3
an implementation file is wrong, or the folder cannot be written.
"""

import argparse
import concurrent.futures
import contextlib
import fcntl
import hashlib
import json
import os
import pathlib
import re
import shutil
import sys
import tempfile

import implementation_file
from fetch_steps import Failed, PYTHON, STEPS, STEPS_VERSION, run

STAMP = ".stamp.json"
START_SECONDS = 20

VERSION_COMMANDS = {
    "apt-get": ["apt-get", "--version"],
    "cargo": ["cargo", "--version"],
    "g++": ["g++", "-dumpfullversion"],
    "go": ["go", "env", "GOVERSION"],
    "node": ["node", "--version"],
    "npm": ["npm", "--version"],
    "perl": ["/usr/bin/perl", "-e", "printf '%vd', $^V"],
    "python3": [PYTHON, "-c", "import platform, ensurepip;"
                "print(platform.python_version())"],
}


class Unknown(Exception):
    """The command line names what there is not."""


class NotRun(Exception):
    """The machine lacks something that the implementation needs."""


# What the machine has.

def numbers(version: str) -> tuple[int, ...]:
    return tuple(int(n) for n in re.findall(r"[0-9]+", version))


def program_version(program: str) -> str | None:
    """The version of a program of the machine, None if it is not there."""
    argv = VERSION_COMMANDS[program]
    if shutil.which(argv[0]) is None:
        return None
    try:
        found = re.search(r"[0-9]+(\.[0-9]+)*", run(argv, seconds=30))
    except Failed:
        return None
    return found.group() if found else None


def check_needs(needs: list[dict], versions: dict[str, str | None]) -> None:
    for need in needs:
        have = versions[need["program"]]
        least = need.get("least")
        wanted = need["program"] + (f" >= {least}" if least else "")
        if have is None:
            raise NotRun(f"needs {wanted} ({need['why']})")
        if least and numbers(have) < numbers(least):
            raise NotRun(f"needs {wanted}, found {have} ({need['why']})")


def stamp_of(entry: dict, versions: dict[str, str | None]) -> str:
    """A digest of everything that decides what a fetch yields."""
    digest = hashlib.sha256()
    tools = {need["program"]: versions[need["program"]]
             for need in entry.get("needs", [])}
    digest.update(json.dumps([STEPS_VERSION, entry["fetch"], tools],
                             sort_keys=True).encode())
    for step in entry["fetch"]:
        [(kind, arguments)] = step.items()
        for pattern in STEPS[kind][1](arguments):
            for path in sorted(entry["here"].glob(pattern)):
                digest.update(b"\0" + path.name.encode() + b"\0")
                digest.update(path.read_bytes())
    return digest.hexdigest()


def read_stamp(folder: pathlib.Path) -> dict:
    try:
        stamp = json.loads((folder / STAMP).read_text())
    except (OSError, ValueError):
        return {}
    return stamp if isinstance(stamp, dict) else {}


# One implementation.

def fetch(entry: dict, peers: pathlib.Path, inputs: str) -> None:
    """Fills <peers>/<name>: complete, or not there at all."""
    target = peers / entry["name"]
    with tempfile.TemporaryDirectory(
            prefix=f".{entry['name']}-", dir=peers) as folder:
        out = pathlib.Path(folder) / "new"
        out.mkdir()
        for step in entry["fetch"]:
            [(kind, arguments)] = step.items()
            STEPS[kind][0](arguments, entry["here"], out)
        (out / STAMP).write_text(json.dumps({"inputs": inputs}) + "\n")
        if target.exists():
            target.rename(pathlib.Path(folder) / "old")
        out.rename(target)


def remove_leftovers(peers: pathlib.Path) -> None:
    """What a fetch that was killed has left behind."""
    for folder in peers.glob(".*-*"):
        if folder.is_dir():
            shutil.rmtree(folder, ignore_errors=True)


def ask_version(entry: dict, peers: pathlib.Path) -> str:
    """Starts the worker once: what does not start is not ready."""
    places = {"here": str(entry["here"]), "peers": str(peers),
              "python": PYTHON}
    fill = lambda text: re.sub(
        r"\{(here|peers|python)\}", lambda m: places[m.group(1)], text)
    environment = [f"{name}={fill(value)}" for name, value
                   in entry["start"].get("environment", {}).items()]
    argv = ["env", *environment, *map(fill, entry["start"]["argv"])]
    try:
        out = run(argv, text='{"op":"start","protocol":1}\n',
                  seconds=START_SECONDS)
        return str(json.loads(out.splitlines()[0])["version"])
    except Failed as error:
        raise Failed(f"does not start: {error}") from error
    except (ValueError, IndexError, KeyError, TypeError) as error:
        raise Failed("does not start: its first line is no answer to start"
                     ) from error


def ask_tool_version(entry: dict, peers: pathlib.Path) -> str:
    """What a tool says of itself; it finds the libraries fetched with it."""
    root = peers / entry["name"] / "root"
    libraries = [str(path) for pattern in ("lib/*-linux-gnu",
                                           "usr/lib/*-linux-gnu")
                 for path in sorted(root.glob(pattern))]
    argv = [word.replace("{peers}", str(peers)) for word in entry["version"]]
    try:
        out = run(["env", f"LD_LIBRARY_PATH={':'.join(libraries)}", *argv],
                  seconds=START_SECONDS)
    except Failed as error:
        raise Failed(f"does not start: {error}") from error
    found = re.search(r"[0-9]+(\.[0-9]+)+", out)
    if not found:
        raise Failed(f"names no version: {' '.join(argv)}")
    return found.group()


def make_ready(entry: dict, peers: pathlib.Path,
               versions: dict[str, str | None]) -> str:
    """Fetches what is not there yet; returns the version, if it can be told."""
    check_needs(entry.get("needs", []), versions)
    if "fetch" not in entry:
        return ""
    folder = peers / entry["name"]
    inputs = stamp_of(entry, versions)
    stamp = read_stamp(folder)
    if stamp.get("inputs") != inputs:
        fetch(entry, peers, inputs)
        stamp = read_stamp(folder)
    if "version" not in stamp:
        ask = ask_tool_version if "version" in entry else ask_version
        stamp["version"] = ask(entry, peers)
        write_json(folder / STAMP, stamp)
    return stamp["version"]


def state_of(entry: dict, peers: pathlib.Path,
             versions: dict[str, str | None]) -> dict[str, str]:
    try:
        version = make_ready(entry, peers, versions)
    except NotRun as reason:
        return {"state": "not-run", "why": str(reason)}
    except (Failed, OSError) as reason:
        return {"state": "failed", "why": str(reason)}
    return {"state": "ready"} | ({"version": version} if version else {})


def all_states(entries: list[dict], peers: pathlib.Path) -> dict[str, dict]:
    programs = sorted({need["program"] for entry in entries
                       for need in entry.get("needs", [])})
    with concurrent.futures.ThreadPoolExecutor(max_workers=4) as pool:
        versions = dict(zip(programs, pool.map(program_version, programs)))
        own = [entry for entry in entries if "fetched-as" not in entry]
        states = dict(zip(
            (entry["name"] for entry in own),
            pool.map(lambda entry: state_of(entry, peers, versions), own)))
    for entry in entries:
        if "fetched-as" in entry:
            states[entry["name"]] = states[entry["fetched-as"]]
    return states


# The command.

def write_json(path: pathlib.Path, value: dict) -> None:
    with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".", delete=False) as file:
        json.dump(value, file, indent=2, sort_keys=True)
        file.write("\n")
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def choose(entries: list[dict], only: list[str]) -> list[dict]:
    """Those named by --only, and those whose fetch they use."""
    if not only:
        return entries
    by_name = {entry["name"]: entry for entry in entries}
    for name in only:
        if name not in by_name:
            raise Unknown(f"--only {name}: there are: "
                          f"{', '.join(sorted(by_name))}")
    wanted = set(only) | {by_name[name].get("fetched-as", name)
                          for name in only}
    return [entry for entry in entries if entry["name"] in wanted]


def line_for(name: str, state: dict[str, str]) -> str:
    words = {"ready": "ready", "not-run": "not run", "failed": "failed"}
    tail = (f" ({state['version']})" if "version" in state
            else f": {state['why']}" if "why" in state else "")
    return f"{name:<20} {words[state['state']]}{tail}"


@contextlib.contextmanager
def lock(peers: pathlib.Path):
    """Two fetches into one folder take turns."""
    with open(peers / ".lock", "w", encoding="ascii") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def old_status(path: pathlib.Path) -> dict:
    try:
        status = json.loads(path.read_text())
    except (OSError, ValueError):
        return {}
    return status if isinstance(status, dict) else {}


def arguments(here: pathlib.Path) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="fetch.py", description="Fetches the implementations under test.")
    parser.add_argument("--peers", metavar="DIR", type=pathlib.Path,
                        default=here.parents[1] / "build" / "peers",
                        help="where to (default: build/peers)")
    parser.add_argument("--only", metavar="NAME", action="append", default=[],
                        help="fetch this one; may be given again")
    parser.add_argument("--strict", action="store_true",
                        help="exit with 1 if anything is not ready")
    return parser.parse_args()


def main() -> int:
    here = pathlib.Path(__file__).resolve().parent
    options = arguments(here)
    try:
        entries = (implementation_file.read_all(here)
                   + implementation_file.read_tools(here))
        peers = options.peers.resolve()
        peers.mkdir(parents=True, exist_ok=True)
        chosen = choose(entries, options.only)
        with lock(peers):
            remove_leftovers(peers)
            states = all_states(chosen, peers)
            status = peers / "status.json"
            known = {entry["name"] for entry in entries}
            kept = {name: state for name, state in old_status(status).items()
                    if name in known and options.only}
            write_json(status, kept | states)
    except Unknown as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 2
    except (implementation_file.Wrong, OSError) as error:
        print(f"fetch.py: {error}", file=sys.stderr)
        return 3
    names = set(options.only) or set(states)
    for name in sorted(names):
        print(line_for(name, states[name]))
    ready = all(states[name]["state"] == "ready" for name in names)
    return 1 if options.strict and not ready else 0


if __name__ == "__main__":
    sys.exit(main())
