"""Reads implementation.json files, strictly.

implementation.schema.json says what the members mean. The rules are checked
against that schema itself, by the few of its keywords that it uses, so there is
one statement of them and no need for a JSON Schema library.
"""

import json
import pathlib
import re

SCHEMA = "implementation.schema.json"


class Wrong(Exception):
    """An implementation file breaks the format: file, place, remedy."""


def read_all(folder: pathlib.Path) -> list[dict]:
    """All implementations below `folder`, by name; each knows its `here`."""
    schema = _load(folder / SCHEMA)
    entries = [_read(path, schema, schema)
               for path in sorted(folder.glob("*/implementation.json"))]
    by_name = {entry["name"]: entry for entry in entries}
    for entry in entries:
        source = entry.get("fetched-as")
        if source and "fetch" not in by_name.get(source, {}):
            raise Wrong(f"{entry['here'] / 'implementation.json'}: /fetched-as:"
                        f" no implementation {source!r} is fetched")
    return entries


def read_tools(folder: pathlib.Path) -> list[dict]:
    """All tools below `folder`, by name; each knows its `here`."""
    schema = _load(folder / SCHEMA)
    return [_read(path, schema, schema["$defs"]["tool"])
            for path in sorted(folder.glob("*/tool.json"))]


def _load(path: pathlib.Path):
    def no_duplicates(pairs):
        members = dict(pairs)
        if len(members) != len(pairs):
            raise ValueError("a member is given twice")
        return members
    try:
        return json.loads(path.read_text("utf-8"),
                          object_pairs_hook=no_duplicates)
    except OSError as error:
        raise Wrong(f"{path}: {error.strerror}") from error
    except ValueError as error:
        raise Wrong(f"{path}: {error}") from error


def _read(path: pathlib.Path, schema: dict, rule: dict) -> dict:
    entry = _load(path)
    problem = problem_of(entry, rule, schema, "")
    if problem:
        raise Wrong(f"{path}: {problem}")
    if entry["name"] != path.parent.name:
        raise Wrong(f"{path}: /name: is {entry['name']!r}, the folder is "
                    f"{path.parent.name!r}; name them alike")
    return entry | {"here": path.parent}


_KINDS = {"object": dict, "array": list, "string": str}


def problem_of(value, rule: dict, schema: dict, place: str) -> str:
    """The first way in which `value` breaks `rule`, empty if there is none."""
    if "$ref" in rule:
        rule = schema["$defs"][rule["$ref"].rpartition("/")[2]]
    kind = rule.get("type")
    if kind and not isinstance(value, _KINDS[kind]):
        return f"{place or '/'}: must be of type {kind}"
    if "enum" in rule and value not in rule["enum"]:
        return f"{place}: must be one of {', '.join(rule['enum'])}"
    check = {dict: _object_problem, list: _array_problem, str: _text_problem}
    return check[type(value)](value, rule, schema, place)


def _text_problem(value: str, rule: dict, schema: dict, place: str) -> str:
    del schema
    if len(value) < rule.get("minLength", 0):
        return f"{place}: must not be empty"
    if not re.search(rule.get("pattern", ""), value):
        return f"{place}: must match {rule['pattern']}"
    return ""


def _array_problem(value: list, rule: dict, schema: dict, place: str) -> str:
    if len(value) < rule.get("minItems", 0):
        return f"{place}: must not be empty"
    if rule.get("uniqueItems") and len(set(value)) != len(value):
        return f"{place}: something is there twice"
    problems = (problem_of(item, rule["items"], schema, f"{place}/{index}")
                for index, item in enumerate(value))
    return next(filter(None, problems), "")


def _object_problem(value: dict, rule: dict, schema: dict, place: str) -> str:
    missing = [name for name in rule.get("required", []) if name not in value]
    if missing:
        return f"{place or '/'}: lacks {', '.join(missing)}"
    forbidden = rule.get("not", {}).get("required", [])
    if forbidden and all(name in value for name in forbidden):
        return f"{place or '/'}: has {' and '.join(forbidden)}; remove one"
    if not rule.get("minProperties", 0) <= len(value) <= rule.get(
            "maxProperties", len(value)):
        return f"{place}: must have exactly one member"
    known = rule.get("properties", {})
    others = rule.get("additionalProperties", True)
    for name, member in value.items():
        if name not in known and others is False:
            return (f"{place}/{name}: unknown member; there are: "
                    f"{', '.join(known) or 'none'}")
        member_rule = known.get(name, others)
        if isinstance(member_rule, dict):
            problem = problem_of(member, member_rule, schema, f"{place}/{name}")
            if problem:
                return problem
    return ""
