#!/usr/bin/python3
"""Fetches the implementations under test into one folder.

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
import signal
import subprocess
import sys
import tempfile

import implementation_file

PYTHON = "/usr/bin/python3"
STAMP = ".stamp.json"
# Part of every stamp: raise it when the steps below produce something else.
STEPS_VERSION = 1
COMMAND_SECONDS = 150
START_SECONDS = 20

VERSION_COMMANDS = {
    "apt-get": ["apt-get", "--version"],
    "g++": ["g++", "-dumpfullversion"],
    "go": ["go", "env", "GOVERSION"],
    "node": ["node", "--version"],
    "npm": ["npm", "--version"],
    "perl": ["/usr/bin/perl", "-e", "printf '%vd', $^V"],
    "python3": [PYTHON, "-c", "import platform, ensurepip;"
                "print(platform.python_version())"],
}


class NotRun(Exception):
    """The machine lacks something that the implementation needs."""


class Failed(Exception):
    """Fetching or building went wrong."""


def clean_environment() -> dict[str, str]:
    """The environment for all commands: ours, less what would steer them."""
    steering = re.compile(
        r"PYTHON|PIP_TARGET|PIP_PREFIX|PIP_USER|VIRTUAL_ENV|PERL|NODE_"
        r"|GOFLAGS|GOWORK|GOOS|GOARCH|GOBIN|CPATH|LD_|LIBRARY_PATH")
    kept = {k: v for k, v in os.environ.items() if not steering.match(k)}
    return kept | {
        "LC_ALL": "C.UTF-8",
        "GOTOOLCHAIN": "local",
        "GOWORK": "off",
        "GO111MODULE": "on",
        "CGO_ENABLED": "0",
        "PIP_DISABLE_PIP_VERSION_CHECK": "1",
        "PIP_NO_INPUT": "1",
    }


def run(argv: list[str], folder: pathlib.Path | None = None,
        text: str = "", seconds: int = COMMAND_SECONDS) -> str:
    """Runs a command and returns its stdout; Failed says what went wrong."""
    try:
        process = subprocess.Popen(
            argv, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, text=True, errors="replace",
            env=clean_environment(), start_new_session=True)
    except OSError as error:
        raise Failed(f"{argv[0]}: {error.strerror}") from error
    try:
        out, err = process.communicate(text, timeout=seconds)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        raise Failed(f"{command_name(argv)}: no end after {seconds} s") from None
    if process.returncode != 0:
        raise Failed(f"{command_name(argv)}: {telling_line(err or out)}")
    return out


def command_name(argv: list[str]) -> str:
    return " ".join([os.path.basename(argv[0]), *argv[1:3]])


def telling_line(output: str) -> str:
    """The line of an error output that tells most: the first that is an error."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    telling = [line for line in lines
               if re.search(r"(?i)\berror\b|^E:|can't|cannot|fatal", line)]
    line = (telling or lines[-1:] or ["failed without a word"])[0][:300]
    unreachable = re.search(
        r"(?i)EAI_AGAIN|ENOTFOUND|ECONNREFUSED|temporary failure|dial tcp"
        r"|could not resolve|could not connect|connection error|NewConnection",
        output)
    return line + (" (is the network reachable?)" if unreachable else "")


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


# The steps. Each fills `out`, a temporary folder that later becomes
# <peers>/<name>; `here` is the folder of the implementation file.

def step_apt(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    del here
    with tempfile.TemporaryDirectory(dir=out) as folder:
        downloads = pathlib.Path(folder)
        try:
            run(["apt-get", "download", *step["packages"]], downloads)
        except Failed as error:
            if "locate package" in str(error):
                raise Failed(f"{error}; is apt-get update needed?") from error
            raise
        for package in sorted(downloads.glob("*.deb")):
            run(["dpkg-deb", "-x", str(package), str(out / "root")])


def step_venv(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    python = out / "venv" / "bin" / "python"
    if not python.exists():
        run([PYTHON, "-m", "venv", str(out / "venv")])
    # All is pinned, build tools included: no isolation, so that a build can
    # use only what an earlier step has installed.
    run([str(python), "-m", "pip", "install", "--quiet", "--require-hashes",
         "--no-deps", "--no-build-isolation", "--retries", "1",
         "-r", str(here / step["requirements"])])


def step_npm(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    del step
    for name in ("package.json", "package-lock.json"):
        shutil.copy(here / name, out / name)
    run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund",
         "--fetch-retries=1"], out)


def step_go(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    run(["go", "build", "-mod=readonly", "-trimpath", "-buildvcs=false",
         "-o", str(out / step["output"]), "."], here)


def step_cxx(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    triple = run(["g++", "-print-multiarch"]).strip()
    libraries = pathlib.PurePath("root/usr/lib") / triple
    # DT_RPATH, unlike DT_RUNPATH, also serves the libraries' own libraries.
    run(["g++", "-std=c++20", "-O2", "-Wall", "-Wextra",
         "-isystem", str(out / "root/usr/include"),
         str(here / step["source"]), "-o", str(out / step["output"]),
         f"-L{out / libraries}", *(f"-l{l}" for l in step.get("libraries", [])),
         f"-Wl,-rpath-link,{out / libraries}", "-Wl,--disable-new-dtags",
         f"-Wl,-rpath,$ORIGIN/{libraries}"])


STEPS = {
    "apt": (step_apt, lambda step: []),
    "venv": (step_venv, lambda step: [step["requirements"]]),
    "npm": (step_npm, lambda step: ["package.json", "package-lock.json"]),
    "go": (step_go, lambda step: ["go.mod", "go.sum", "*.go", "../goworker/*"]),
    "g++": (step_cxx, lambda step: [step["source"]]),
}


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
        stamp["version"] = ask_version(entry, peers)
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
            raise SystemExit(f"fetch.py: no implementation named {name!r}; "
                             f"there are: {', '.join(sorted(by_name))}")
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
        entries = implementation_file.read_all(here)
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
