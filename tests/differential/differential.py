#!/usr/bin/python3
"""Verifies generated messages with the reference, the oracle and others.

The reference and the oracle must agree everywhere. Where another implementation
comes to a different class (pass, permanent, temporary, none), a rule of
explained.json must say why; a rule that explains nothing in a full run must go.
Implementations that were not fetched are left out, and it says so.
"""

import argparse
import collections
import concurrent.futures
import json
import os
import pathlib
import re
import subprocess
import sys

import explained

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parents[1]
IMPLEMENTATIONS = ROOT / "runners" / "implementations"
PEERS = pathlib.Path(os.environ.get("DKIMSPEC_PEERS",
                                    ROOT / "build" / "peers")).resolve()
OTHERS = ("go-msgauth", "mox", "viadkim")
FULL = 10000  # From here on every rule must explain something.

CLASS = {"pass": "pass", "fail": "permanent", "permerror": "permanent",
         "neutral": "permanent", "policy": "permanent",
         "temperror": "temporary", "none": "none"}
BEST_FIRST = ("pass", "temporary", "permanent", "none")


class Worker:
    """An implementation behind the worker protocol; restarted if it dies."""

    def __init__(self, name: str):
        self.name = name
        here = IMPLEMENTATIONS / name
        self._entry = json.loads((here / "implementation.json").read_text())
        places = {"here": here, "peers": PEERS}
        fill = lambda text: re.sub(
            r"\{(\w+)\}", lambda found: str(places[found[1]]), text)
        start = self._entry["start"]
        self._argv = [fill(word) for word in start["argv"]]
        self._environment = dict(os.environ) | {
            key: fill(value)
            for key, value in start.get("environment", {}).items()}
        self._process = None

    def why_not(self) -> str:
        """Empty if it can be asked."""
        try:
            states = json.loads((PEERS / "status.json").read_text())
        except FileNotFoundError:
            states = {}
        state = states.get(self.name, {"state": "not-run",
                                       "why": "was not fetched"})
        return "" if state["state"] == "ready" else state["why"]

    def _exchange(self, request: dict) -> dict | None:
        if self._process is None:
            self._process = subprocess.Popen(
                self._argv, env=self._environment, stdin=subprocess.PIPE,
                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except BrokenPipeError:
            line = b""
        if not line:
            self.close()
            return None
        return json.loads(line)

    def ask(self, sample: dict) -> list[tuple[str, str]]:
        """A class and its own words for each signature."""
        answer = self._exchange({
            "op": "verify", "id": sample["number"], "now": sample["now"],
            "message": sample["message"], "zone": sample["zone"]})
        if answer is None:
            return [("died", "")]
        if "error" in answer or "unsupported" in answer:
            return [("error", answer.get("error") or answer["unsupported"])]
        if answer.get("silent"):
            return [("none", answer.get("says") or "")]
        words = self._entry.get("words", {})
        return [(CLASS[words.get(one["result"], one["result"])],
                 one.get("says") or "") for one in answer["signatures"]]

    def close(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.communicate()
            self._process = None


def best(classes: list[str]) -> str:
    odd = [name for name in classes if name not in BEST_FIRST]
    return odd[0] if odd else min(classes, key=BEST_FIRST.index,
                                  default="none")


def only(texts: set[str]) -> str:
    return texts.pop() if len(texts) == 1 else ""


def compare(name: str, sample: dict, said: list) -> list[explained.Difference]:
    """Signature by signature; if some were left out, the best of each side."""
    ours = sample["reference"]
    if len(ours) != len(said):
        ours = [{"class": best([one["class"] for one in ours]),
                 "reason": only({one["reason"] for one in ours}),
                 "says": only({one["says"] for one in ours})}]
        said = [(best([one[0] for one in said]),
                 "; ".join(one[1] for one in said))]
    return [explained.Difference(
                name, sample["number"], frozenset(sample["features"]),
                one["class"], one["reason"], one["says"], got, says)
            for one, (got, says) in zip(ours, said) if one["class"] != got]


def generate(program: str, first: int, count: int) -> list[dict]:
    done = subprocess.run([program, str(first), str(count)], check=True,
                          stdout=subprocess.PIPE)
    return [json.loads(line) for line in done.stdout.splitlines()]


def generate_all(program: str, first: int, count: int,
                 rules: list[dict]) -> list[dict]:
    """The messages asked for; in a full run also those that rules name."""
    samples = generate(program, first, count)
    if is_full(first, count):
        named = {rule["message"] for rule in rules if "message" in rule}
        for number in sorted(named - set(range(first, first + count))):
            samples += generate(program, number, 1)
    return samples


def is_full(first: int, count: int) -> bool:
    return first == 0 and count >= FULL


def oracle_differences(samples: list[dict]) -> list[str]:
    texts = []
    for sample in samples:
        ours = [one["class"] for one in sample["reference"]]
        others = [one["class"] for one in sample["oracle"]]
        if ours != others:
            texts.append(f"{sample['number']}: reference "
                         f"{sample['reference']}, oracle {sample['oracle']}")
    return texts


def poor(samples: list[dict]) -> str:
    """What the messages lack for a comparison to mean anything; or empty."""
    classes = collections.Counter(
        one["class"] for sample in samples for one in sample["reference"])
    unsigned = sum(not sample["reference"] for sample in samples)
    if min(classes["pass"], classes["permanent"]) < len(samples) / 4:
        return f"too few of a class: {dict(classes)}"
    if not classes["temporary"] or not unsigned:
        return "no temporary failure, or no message without signature"
    return ""


def ask_all(worker: Worker, samples: list[dict]) -> list[explained.Difference]:
    found = []
    for sample in samples:
        found += compare(worker.name, sample, worker.ask(sample))
    worker.close()
    return found


def show(difference: explained.Difference) -> str:
    return (f"  {difference.number} {difference.implementation}: expected "
            f"{difference.expected} ({difference.reason}; "
            f"{difference.detail[:80]}), said "
            f"{difference.said} ({difference.says[:120]!r})\n"
            f"      {' '.join(sorted(difference.features))}")


def report(differences: list, rules: list[dict], names: set,
           full: bool, verbose: bool) -> int:
    """Prints what was found; returns how many problems there are."""
    counts, unexplained = explained.explain(rules, differences)
    for rule in rules:
        if verbose and counts[rule["id"]]:
            print(f"{counts[rule['id']]:6} {rule['id']}: {rule['cause']}")
    stale = [rule["id"] for rule in rules
             if full and rule["implementation"] in names
             and not counts[rule["id"]]]
    for name in stale:
        print(f"explained.json: {name} explains nothing; remove it")
    kinds = collections.Counter(
        (one.implementation, one.expected, one.said) for one in unexplained)
    for kind, count in kinds.most_common():
        print(f"{count} unexplained: {kind[0]}, expected {kind[1]}, "
              f"said {kind[2]}")
    for difference in unexplained[:20]:
        print(show(difference))
    print(f"{len(differences)} differences, {len(unexplained)} unexplained, "
          f"{len(stale)} stale rules")
    return len(unexplained) + len(stale)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--generator", required=True)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--count", type=int, default=1000)
    parser.add_argument("--verbose", action="store_true",
                        help="also what each rule explains")
    options = parser.parse_args()
    rules = explained.read(HERE / "explained.json")
    samples = generate_all(options.generator, options.first, options.count,
                           rules)
    problems = oracle_differences(samples)
    if options.count >= 1000 and poor(samples):
        problems.append(poor(samples))
    print(f"{len(samples)} messages, {len(problems)} problems between "
          f"reference and oracle")
    for text in problems[:20]:
        print(" ", text)
    workers = [Worker(name) for name in OTHERS]
    for worker in workers:
        if worker.why_not():
            print(f"skipped: {worker.name}: {worker.why_not()}; "
                  f"runners/implementations/fetch.py fetches it")
    ready = [worker for worker in workers if not worker.why_not()]
    with concurrent.futures.ThreadPoolExecutor() as pool:
        found = pool.map(lambda worker: ask_all(worker, samples), ready)
        differences = [one for some in found for one in some]
    wrong = report(differences, rules, {worker.name for worker in ready},
                   is_full(options.first, options.count), options.verbose)
    return 1 if problems or wrong else 0


if __name__ == "__main__":
    sys.exit(main())
