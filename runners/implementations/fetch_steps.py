"""The steps with which implementations are fetched, and the commands they run.

Each step fills `out`, a temporary folder that later becomes <peers>/<name>;
`here` is the folder of the implementation file. implementation.schema.json says
what a step takes.
"""

import os
import pathlib
import re
import shutil
import signal
import subprocess
import tempfile

PYTHON = "/usr/bin/python3"
# Part of every stamp: raise it when a step produces something else.
STEPS_VERSION = 1
COMMAND_SECONDS = 150


class Failed(Exception):
    """Fetching or building went wrong."""


def clean_environment() -> dict[str, str]:
    """The environment for all commands: ours, less what would steer them."""
    steering = re.compile(
        r"PYTHON|PIP_TARGET|PIP_PREFIX|PIP_USER|VIRTUAL_ENV|PERL|NODE_"
        r"|RUSTFLAGS|CARGO_BUILD|CARGO_TARGET|GOFLAGS|GOWORK|GOOS|GOARCH|GOBIN|CPATH|LD_|LIBRARY_PATH")
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
        text: str = "", *, seconds: int = COMMAND_SECONDS) -> str:
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


def step_cargo(step: dict, here: pathlib.Path, out: pathlib.Path) -> None:
    source = out / "source"
    source.mkdir()
    shutil.copy(here / "Cargo.toml", source)
    shutil.copytree(here / "src", source / "src")
    # The committed lock names no registry: it is taken from a lock that Cargo
    # makes here, whose versions do not matter.
    run(["cargo", "generate-lockfile"], source)
    lock_file = source / "Cargo.lock"
    registry = re.search(r"^source = .*$", lock_file.read_text(), re.M)
    lock_file.write_text(re.sub(
        r"^checksum = ", f"{registry.group() if registry else ''}\\n\\g<0>",
        (here / "Cargo.lock").read_text(), flags=re.M))
    run(["cargo", "build", "--release", "--locked", "--target-dir",
         str(source / "target")], source, seconds=2 * COMMAND_SECONDS)
    shutil.copy(source / "target/release" / step["output"], out)
    shutil.rmtree(source)


# Each kind of step, and the files of `here` that decide what it produces.
STEPS = {
    "cargo": (step_cargo, lambda step: ["Cargo.*", "src/*.rs"]),
    "apt": (step_apt, lambda step: []),
    "venv": (step_venv, lambda step: [step["requirements"]]),
    "npm": (step_npm, lambda step: ["package.json", "package-lock.json"]),
    "go": (step_go, lambda step: ["go.mod", "go.sum", "*.go", "../goworker/*"]),
    "g++": (step_cxx, lambda step: [step["source"]]),
}
