"""The rules of explained.json: why an implementation and the reference differ.

A rule has an id, the implementation that it speaks of, the cause in words, a
citation, and when it holds:

    expected, said   the class of the reference, and that of the implementation,
                     or a list of several
    all, any, none   features that the generator recorded: each of these, one of
                     these, not one of these. "damage:*" stands for what begins
                     with "damage:"
    reason           one of these reasons of the reference
    detail           the reference's detail has one of these texts in it
    says             its own words have one of these texts in them

Members of `when` that are absent hold always, but a rule needs more than the
two classes: otherwise it would explain everything.

A rule whose cause is rare names a generated message that shows it, as
`message`: a full run, which wants every rule to explain something, looks at
those messages too.
"""

import dataclasses
import json
import pathlib

CLASSES = {"pass", "permanent", "temporary", "none", "error", "died"}
MEMBERS = {"id", "implementation", "cause", "citation", "when"}
LISTS = {"all", "any", "none", "reason", "detail", "says"}


class RuleError(Exception):
    """explained.json is not what it must be."""


@dataclasses.dataclass(frozen=True)
class Difference:
    """One signature, or message, of which two verifiers think differently."""
    implementation: str
    number: int
    features: frozenset
    expected: str
    reason: str
    detail: str
    said: str
    says: str


def has(features, pattern: str) -> bool:
    if pattern.endswith("*"):
        return any(name.startswith(pattern[:-1]) for name in features)
    return pattern in features


def listed(value) -> list:
    return value if isinstance(value, list) else [value]


def holds(when: dict, difference: Difference) -> bool:
    features = difference.features
    return (
        difference.expected in listed(when["expected"])
        and difference.said in listed(when["said"])
        and all(has(features, name) for name in when.get("all", []))
        and ("any" not in when
             or any(has(features, name) for name in when["any"]))
        and not any(has(features, name) for name in when.get("none", []))
        and ("reason" not in when or difference.reason in when["reason"])
        and ("detail" not in when
             or any(text in difference.detail for text in when["detail"]))
        and ("says" not in when
             or any(text in difference.says for text in when["says"])))


def check(rule: dict, place: str) -> None:
    if not isinstance(rule, dict) or set(rule) - {"message"} != MEMBERS:
        raise RuleError(f"{place}: must have {sorted(MEMBERS)}, and may have "
                        "\"message\"; nothing else")
    if type(rule.get("message", 0)) is not int or rule.get("message", 0) < 0:
        raise RuleError(f"{place}/message: the number of a message")
    for name in sorted(MEMBERS - {"when"}):
        if not isinstance(rule[name], str) or not rule[name].strip():
            raise RuleError(f"{place}/{name}: must be a text")
    if not rule["citation"].startswith("RFC "):
        raise RuleError(f"{place}/citation: must begin with \"RFC \"")
    when = rule["when"]
    extra = set(when) - LISTS - {"expected", "said"}
    if extra:
        raise RuleError(f"{place}/when: unknown member {sorted(extra)[0]!r}")
    for name in ("expected", "said"):
        classes = listed(when.get(name, []))
        if not classes or set(classes) - CLASSES:
            raise RuleError(f"{place}/when/{name}: of {sorted(CLASSES)}")
    if not set(when) & (LISTS - {"none"}):
        raise RuleError(f"{place}/when: explains everything; say more")
    for name in LISTS & set(when):
        if not when[name] or not isinstance(when[name], list):
            raise RuleError(f"{place}/when/{name}: must be a list of texts")


def read(path: pathlib.Path) -> list[dict]:
    rules = json.loads(path.read_text(encoding="utf-8"))
    ids = set()
    for index, rule in enumerate(rules):
        check(rule, f"{path.name}#/{index}")
        if rule["id"] in ids:
            raise RuleError(f"{path.name}#/{index}/id: occurs twice")
        ids.add(rule["id"])
    return rules


def explain(rules: list[dict], differences: list[Difference]
            ) -> tuple[dict[str, int], list[Difference]]:
    """How much each rule explains (the first that holds), and what none does."""
    counts = {rule["id"]: 0 for rule in rules}
    unexplained = []
    for difference in differences:
        for rule in rules:
            if (rule["implementation"] == difference.implementation
                    and holds(rule["when"], difference)):
                counts[rule["id"]] += 1
                break
        else:
            unexplained.append(difference)
    return counts, unexplained
