#!/usr/bin/env python3
"""How many messages a second implementations verify, side by side.

  tests/bench/compare_peers.py --command build/release/dkimspec [--peers DIR]
                               [--rounds N] [NAME ...]

Every implementation gets the same signed messages (RSA-2048, relaxed/relaxed,
5 kB and 100 kB) through its worker, a few at a time and in turn with the
others, so that whatever slows the machine slows all of them. Counted is the
processor time of the worker, best of all rounds, less what it needs to read
and decode a message without a signature: what is left is verification and the
key. libopendkim asks a name server on loopback for the key; the others are
handed it. Exit status 1 if one of them did not verify a message.
"""

import argparse
import base64
import itertools
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile
import threading

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMPLEMENTATIONS = ROOT / "runners" / "implementations"
SANDBOX = ROOT / "tests" / "python" / "dns_sandbox.py"
KEY = ROOT / "fixtures" / "keys" / "rsa2048-a.pem"

sys.path.insert(0, str(IMPLEMENTATIONS))
import implementation_file  # pylint: disable=wrong-import-position

NAMES = ["reference-worker", "opendkim", "go-msgauth", "dkimpy", "mail-dkim"]
SIZES = [5_000, 100_000]
WORDS = "the dinner is ready and we are hungry already game lost".split()
NOW = 1_736_157_600
HEADER = """\
Received: from mx.example.net (mx.example.net [192.0.2.1])
\tby mail.example.org (Postfix) with ESMTPS id 4F2A61C0
\tfor <suzie@example.org>; Mon, 06 Jan 2025 10:00:03 +0000 (UTC)
From: Joe SixPack <joe@example.com>
To: Suzie Q <suzie@example.org>
Subject: Is dinner ready, and if so,
 when may we come?
Date: Mon, 06 Jan 2025 10:00:00 +0000
Message-ID: <20250106100000.4F2A61C0@example.com>
MIME-Version: 1.0
Content-Type: text/plain; charset=utf-8

"""


def plain_message(size: int) -> bytes:
    rng = random.Random(6376)
    text = HEADER
    for line in itertools.count(1):
        if len(text) + 400 > size:
            return text.replace("\n", "\r\n").encode()
        text += " ".join(rng.choices(WORDS, k=12)) + "\n"
        text += "\n" if line % 7 == 0 else ""


def key_record() -> str:
    key = subprocess.run(["openssl", "pkey", "-in", KEY, "-pubout",
                          "-outform", "DER"], check=True, capture_output=True)
    return "v=DKIM1; k=rsa; p=" + base64.b64encode(key.stdout).decode()


def signed(command: str, message: bytes) -> bytes:
    return subprocess.run(
        [command, "sign", "--key", KEY, "--domain", "example.com",
         "--selector", "bench", "--now", str(NOW), "-"],
        input=message, check=True, capture_output=True).stdout


def arguments_of(entry: dict, command: str, peers: pathlib.Path) -> list[str]:
    if entry["name"] == "reference-worker":
        return [command, "worker"]
    return [part.format(peers=peers, here=entry["here"])
            for part in entry["start"]["argv"]]


class Worker:
    def __init__(self, entry: dict, arguments: list[str], zone_file: str):
        if entry["dns"] == "sandbox":
            arguments = ["unshare", "--user", "--map-root-user", "--net",
                         "--mount", sys.executable, str(SANDBOX), zone_file,
                         *arguments]
        self.name = entry["name"]
        self.words = entry.get("words", {})
        self.process = subprocess.Popen(arguments, stdin=subprocess.PIPE,
                                        stdout=subprocess.PIPE)
        answer = self.ask([{"op": "start", "protocol": 1}])[0]
        if "error" in answer:
            sys.exit(f"{self.name}: {answer['error']}")

    def ask(self, requests: list[dict]) -> list[dict]:
        lines = [json.dumps(r).encode() + b"\n" for r in requests]
        writer = threading.Thread(target=self._write, args=(b"".join(lines),))
        writer.start()
        answers = [self.process.stdout.readline() for _ in lines]
        writer.join()
        if not answers[-1]:
            sys.exit(f"{self.name}: the worker ended")
        return [json.loads(answer) for answer in answers]

    def _write(self, octets: bytes) -> None:
        self.process.stdin.write(octets)
        self.process.stdin.flush()

    def processor_seconds(self) -> float:
        """Of all its threads, from the scheduler, in nanoseconds there."""
        tasks = pathlib.Path(f"/proc/{self.process.pid}/task")
        return sum(int((task / "schedstat").read_text().split()[0])
                   for task in tasks.iterdir()) / 1e9

    def seconds_each(self, request: dict, count: int, expected: str) -> float:
        before = self.processor_seconds()
        answers = self.ask([request | {"id": i} for i in range(count)])
        used = self.processor_seconds() - before
        for answer in answers:
            words = [s["result"] for s in answer.get("signatures", [])] or [
                "none"]
            if [self.words.get(w, w) for w in words] != [expected]:
                sys.exit(f"{self.name}: {answer} where {expected} is expected")
        return used / count

    def stop(self) -> None:
        self.process.stdin.close()
        self.process.wait(timeout=10)


def request_of(message: bytes, zone: dict) -> dict:
    return {"op": "verify", "message": base64.b64encode(message).decode(),
            "envelope": {"mail_from": "<joe@example.com>",
                         "rcpt_to": ["<suzie@example.org>"]},
            "now": NOW, "zone": zone}


def compare(workers: list[Worker], requests: tuple[dict, dict], rounds: int,
            count: int) -> dict[str, tuple[float, float]]:
    """Seconds for one message: all of it, and without a signature."""
    best = {worker.name: (float("inf"), float("inf")) for worker in workers}
    for _ in range(rounds):
        for worker in workers:
            times = (worker.seconds_each(requests[0], count, "pass"),
                     worker.seconds_each(requests[1], count, "none"))
            best[worker.name] = tuple(map(min, best[worker.name], times))
    return best


def show(size: int, best: dict[str, tuple[float, float]]) -> None:
    print(f"\n{size // 1000} kB        messages/s   of the fastest peer")
    rates = {name: 1 / (whole - base) for name, (whole, base) in best.items()}
    peers = [rate for name, rate in rates.items() if name != NAMES[0]]
    fastest = max(peers, default=rates.get(NAMES[0], 1))
    for name, rate in sorted(rates.items(), key=lambda item: -item[1]):
        print(f"{name:18} {rate:10.0f}   {rate / fastest:6.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME", default=NAMES)
    parser.add_argument("--command", default=str(ROOT / "build/release/dkimspec"))
    parser.add_argument("--peers", type=pathlib.Path,
                        default=ROOT / "build/peers")
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    command = os.path.abspath(arguments.command)
    entries = {e["name"]: e for e in
               implementation_file.read_all(IMPLEMENTATIONS)}
    unknown = [name for name in arguments.names if name not in entries]
    if unknown:
        sys.exit(f"no implementation {unknown[0]!r}; there are "
                 + ", ".join(sorted(entries)))
    zone = {"bench._domainkey.example.com": [key_record()]}
    with tempfile.NamedTemporaryFile("w", suffix=".json") as zone_file:
        json.dump(zone, zone_file)
        zone_file.flush()
        workers = [Worker(entries[name],
                          arguments_of(entries[name], command,
                                       arguments.peers.resolve()),
                          zone_file.name) for name in arguments.names]
        for size in SIZES:
            plain = plain_message(size)
            requests = (request_of(signed(command, plain), zone),
                        request_of(plain, zone))
            show(size, compare(workers, requests, arguments.rounds,
                               max(5, 1_000_000 // size // 5)))
        for worker in workers:
            worker.stop()


if __name__ == "__main__":
    main()
