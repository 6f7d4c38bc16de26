#!/usr/bin/python3
"""The stub server's queries per second beside those of other name servers.

    tests/bench/dns/compare_servers.py --root build/dns-peers/root \\
        --bench build/release/tests/dnsstub/bench/dns_bench

`--root` is where Debian packages were unpacked (docs/performance.md says how):
nsd, knot, unbound and dnsperf with the libraries they need. Nothing of them is
installed, and they listen on loopback only. Each server gets processor 0 and
dnsperf processor 1; the rounds go through all servers in turn, so that what else
the machine does hits them alike. A server's speed is the number of answers
divided by the processor time that it took, and the median of the rounds counts.
"""

import argparse
import os
import pathlib
import re
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time

TICK = os.sysconf("SC_CLK_TCK")
ZONE = "bench.example"


def free_port() -> int:
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as tcp, \
            socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as udp:
        tcp.bind(("127.0.0.1", 0))
        port = tcp.getsockname()[1]
        udp.bind(("127.0.0.1", port))
        return port


class Server:
    """A running server; `pid` and its children are the ones that answer."""

    def __init__(self, name: str, argv: list[str], env: dict, port: int = 0):
        self.name = name
        self.process = subprocess.Popen(
            ["taskset", "-c", "0", *argv], env=env, text=True,
            stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL, start_new_session=True)
        self.port = port or int(self.process.stdout.readline())

    def seconds(self) -> float:
        """Processor time of all processes of the server's session."""
        total = 0
        for stat in pathlib.Path("/proc").glob("[0-9]*/stat"):
            try:
                fields = stat.read_text().rpartition(")")[2].split()
            except OSError:
                continue
            if int(fields[3]) == self.process.pid:
                total += int(fields[11]) + int(fields[12])
        return total / TICK

    def stop(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.communicate()


def write(folder: pathlib.Path, name: str, text: str) -> str:
    (folder / name).write_text(text)
    return str(folder / name)


def nsd(root: pathlib.Path, folder: pathlib.Path, port: int) -> list[str]:
    config = write(folder, "nsd.conf", f"""
server:
  ip-address: 127.0.0.1@{port}
  server-count: 1
  minimal-responses: yes
  username: ""
  chroot: ""
  zonesdir: "{folder}"
  pidfile: "{folder}/nsd.pid"
  xfrdfile: ""
  database: ""
  zonelistfile: "{folder}/nsd.list"
remote-control:
  control-enable: no
zone:
  name: {ZONE}
  zonefile: zone
""")
    return [str(root / "usr/sbin/nsd"), "-d", "-c", config]


def knot(root: pathlib.Path, folder: pathlib.Path, port: int) -> list[str]:
    config = write(folder, "knot.conf", f"""
server:
  listen: 127.0.0.1@{port}
  udp-workers: 1
  tcp-workers: 1
  background-workers: 1
  rundir: "{folder}"
database:
  storage: "{folder}/knot-db"
template:
  - id: default
    storage: "{folder}"
    zonefile-sync: -1
    journal-content: none
zone:
  - domain: {ZONE}
    file: zone
""")
    return [str(root / "usr/sbin/knotd"), "-c", config]


def unbound(root: pathlib.Path, folder: pathlib.Path, port: int) -> list[str]:
    data = []
    for line in (folder / "zone").read_text().splitlines():
        if " TXT " in line:
            name, _, text = line.partition(" TXT ")
            data.append(f"  local-data: '{name}.{ZONE}. 0 TXT {text}'\n")
    config = write(folder, "unbound.conf", f"""
server:
  interface: 127.0.0.1@{port}
  num-threads: 1
  username: ""
  chroot: ""
  directory: "{folder}"
  pidfile: ""
  use-syslog: no
  module-config: "iterator"
  local-zone: "{ZONE}." static
{"".join(data)}remote-control:
  control-enable: no
""")
    return [str(root / "usr/sbin/unbound"), "-d", "-p", "-c", config]


OTHERS = {"nsd": nsd, "knot": knot, "unbound": unbound}


def answers(port: int) -> bool:
    query = (b"\0\1\1\0\0\1\0\0\0\0\0\0\2s1\x0a_domainkey\5bench\7example\0"
             b"\0\x10\0\1")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.settimeout(0.2)
        client.connect(("127.0.0.1", port))
        try:
            client.send(query)
            return client.recv(4096)[3] & 15 == 0
        except OSError:
            return False


def environment(root: pathlib.Path) -> dict:
    libraries = [str(path) for path in root.glob("usr/lib/*-linux-gnu")]
    return {**os.environ, "LD_LIBRARY_PATH": ":".join(libraries)}


def start(args, folder: pathlib.Path, name: str) -> Server:
    root = args.root.resolve()
    if name == "stub":
        return Server(name, [str(args.bench), "--serve"], dict(os.environ))
    env = environment(root)
    port = free_port()
    server = Server(name, OTHERS[name](root, folder, port), env, port)
    deadline = time.monotonic() + 30
    while not answers(port):
        if time.monotonic() > deadline or server.process.poll() is not None:
            server.stop()
            sys.exit(f"{name}: did not start; is all of it under {root}?")
        time.sleep(0.1)
    return server


def measure(args, folder: pathlib.Path, server: Server) -> tuple[float, float]:
    """Answers per second, and per second of the server's processor time."""
    before = server.seconds()
    run = subprocess.run(
        ["taskset", "-c", "1", str(args.root / "usr/bin/dnsperf"),
         "-s", "127.0.0.1", "-p", str(server.port), "-d", str(folder / "names"),
         "-l", str(args.seconds), "-c", "4", "-q", "400", "-e", "-b", "1232"],
        capture_output=True, text=True, check=True,
        env=environment(args.root.resolve()))
    took = server.seconds() - before
    completed = int(re.search(r"Queries completed:\s+(\d+)", run.stdout)[1])
    noerror = re.search(r"NOERROR (\d+) \(100", run.stdout)
    if not noerror:
        sys.exit(f"{server.name}: not all answers are NOERROR\n{run.stdout}")
    return completed / args.seconds, completed / took


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--bench", type=pathlib.Path, required=True)
    parser.add_argument("--root", type=pathlib.Path, required=True)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--servers", default="stub,nsd,knot,unbound")
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        for file, option in (("zone", "--zone-file"), ("names", "--names")):
            made = subprocess.run([args.bench, option], capture_output=True,
                                  check=True)
            (folder / file).write_bytes(made.stdout)
        servers = []
        try:
            for each in args.servers.split(","):
                servers.append(start(args, folder, each))
            measured = {server.name: [] for server in servers}
            for server in servers * args.rounds:
                measured[server.name].append(measure(args, folder, server))
        finally:
            for server in servers:
                server.stop()
    print(f"{'':10} {'answers/s':>12} {'per core':>12} {'of nsd':>8}")
    speed = {server: statistics.median(per_core for _, per_core in rounds)
             for server, rounds in measured.items()}
    for server, rounds in measured.items():
        wall = statistics.median(per_second for per_second, _ in rounds)
        share = f"{speed[server] / speed['nsd']:.2f}" if "nsd" in speed else ""
        print(f"{server:10} {wall:12.0f} {speed[server]:12.0f} {share:>8}")


if __name__ == "__main__":
    main()
