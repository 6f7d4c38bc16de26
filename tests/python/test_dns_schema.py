"""docs/dns-config.schema.json and the reader of configurations agree.

What the reader takes, the schema takes, too: every configuration in the
documents and the tests, and many made from them by changing one member. What is
wrong in its form, both refuse. The reader alone knows presets, names, epochs
and files.
"""

import copy
import json
import pathlib
import re

import dkimspec
import jsonschema
import pytest

ROOT = pathlib.Path(__file__).parents[2]
FORMAT = "dkimspec-dns/1"
SCHEMA = json.loads((ROOT / "docs" / "dns-config.schema.json").read_text())
VALIDATOR = jsonschema.Draft202012Validator(SCHEMA)


def parsed(text: str):
    try:
        return json.loads(text)
    except ValueError:
        return None


def candidates():
    """Whatever looks like a configuration, right or wrong."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        for block in re.findall(r"```json\n(.*?)```", page.read_text(), re.S):
            yield page.name, block
    for test in sorted((ROOT / "tests" / "dnsstub").glob("**/*.cc")):
        for text in re.findall(r'R"\((.*?)\)"', test.read_text(), re.S):
            # Some tests write the members alone, from the first comma on.
            whole = f'{{"format": "{FORMAT}"{text}}}'
            yield test.name, whole if text.startswith(",") else text
    for path in sorted((ROOT / "tests/fuzz/corpus/dns_config_fuzz").glob("*")):
        yield path.name, path.read_text("utf-8", "replace")
    for path in sorted((ROOT / "dnsstub").glob("**/*.json")):
        yield path.name, path.read_text()


def configurations() -> list[tuple[str, dict]]:
    found = [(place, parsed(text)) for place, text in candidates()]
    return [(place, value) for place, value in found
            if isinstance(value, dict) and value.get("format") == FORMAT]


def schema_takes(config) -> bool:
    return VALIDATOR.is_valid(config)


def reader_takes(config) -> bool:
    try:
        dkimspec.DnsStub(config=config).close()
    except dkimspec.Error:
        return False
    return True


@pytest.fixture(name="taken", scope="module")
def all_taken(tmp_path_factory) -> list[tuple[str, dict]]:
    """Those that the reader takes; the files that they name are there."""
    folder = tmp_path_factory.mktemp("config")
    (folder / "key.txt").write_text("v=DKIM1; p=")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        yield [(place, config) for place, config in configurations()
               if reader_takes(config)]


def test_the_schema_is_one():
    jsonschema.Draft202012Validator.check_schema(SCHEMA)


def test_examples_are_found_and_taken(taken):
    assert len(taken) > 15
    assert {"dns-faults.md", "config_test.cc", "rules"} <= {
        place for place, _ in taken}
    for place, config in taken:
        assert not list(VALIDATOR.iter_errors(config)), (place, config)


def test_examples_in_documents_are_right(taken):
    in_documents = [place for place, _ in configurations()
                    if place.endswith(".md")]
    assert in_documents == [place for place, _ in taken
                            if place.endswith(".md")]


def places(value, path=()):
    """The path of every member and element."""
    inner = (value.items() if isinstance(value, dict)
             else enumerate(value) if isinstance(value, list) else ())
    for key, part in inner:
        yield (*path, key)
        yield from places(part, (*path, key))


def changed(config: dict, path: tuple, change) -> dict:
    """A copy in which change(parent, key) was called at path."""
    result = copy.deepcopy(config)
    parent = result
    for key in path[:-1]:
        parent = parent[key]
    change(parent, path[-1])
    return result


OTHER_VALUES = [None, True, 0, -1, 70000, 2 ** 33, 1.5, "", "x", "TXT", [], {},
                ["x"], {"hex": "0"}, {"hex": "00"}]


def put(value):
    def change(parent, key):
        parent[key] = value
    return change


def remove(parent, key):
    del parent[key]


def test_the_schema_takes_what_the_reader_takes(taken):
    tried = 0
    for place, config in taken:
        for path in list(places(config)):
            if path[0] == "zone":  # The zone notation is another document's.
                continue
            for change in [remove, *map(put, OTHER_VALUES)]:
                other = changed(config, path, change)
                tried += 1
                if not schema_takes(other):
                    assert not reader_takes(other), (place, path, other)
    assert tried > 1000


def test_both_refuse_unknown_members(taken):
    def add(parent, key):
        parent[key]["unknown"] = 1

    for place, config in taken:
        objects = [path for path in places(config)
                   if path[0] != "zone" and path[-1] != "OPT"]
        for path in objects:
            parent = config
            for key in path:
                parent = parent[key]
            if isinstance(parent, dict):
                other = changed(config, path, add)
                assert not schema_takes(other), (place, path)
                assert not reader_takes(other), (place, path)


WRONG = {
    "another format": {"format": "dkimspec-dns/2"},
    "no format": {"zone": {}},
    "a list": [],
    "unknown member": {"zones": {}},
    "seed of another type": {"defaults": {"seed": "7"}},
    "negative TTL": {"defaults": {"ttl": -1}},
    "UDP size below 512": {"defaults": {"udp_max": 511}},
    "no CNAME": {"defaults": {"max_cnames": 0}},
    "unknown way with loops": {"defaults": {"loops": "never"}},
    "short hang": {"defaults": {"hang_ms": 9}},
    "endpoint without id": {"endpoints": [{"port": 0}]},
    "port too high": {"endpoints": [{"id": "a", "port": 65536}]},
    "no address": {"endpoints": [{"id": "a", "addresses": []}]},
    "unknown TCP": {"endpoints": [{"id": "a", "tcp": "open"}]},
    "unknown personality": {"endpoints": [{"id": "a", "personality": "x"}]},
    "records as object": {"records": {}},
    "record without name": {"records": [{"text": "x"}]},
    "name with dot at the end": {"records": [{"name": "a.", "text": "x"}]},
    "odd hex": {"records": [{"name": "a", "rdata_hex": "f"}]},
    "unknown order": {"records": [{"name": "a", "text": "x", "order": "any"}]},
    "split beyond 255": {"records": [{"name": "a", "text": "x", "split": 256}]},
    "unknown octets": {"records": [{"name": "a", "text": {"octets": "x"}}]},
    "epochs alike": {"epochs": ["a", "a"]},
    "empty epoch": {"epochs": [""]},
    "rule without id": {"rules": [{"match": {}, "fault": "drop"}]},
    "rule without match": {"rules": [{"id": "r", "fault": "drop"}]},
    "unknown transport": {"rules": [
        {"id": "r", "match": {"transport": "quic"}, "fault": "drop"}]},
    "queries that are none": {"rules": [
        {"id": "r", "match": {}, "when": [{"queries": "-3", "do": []}]}]},
    "unknown flag": {"rules": [
        {"id": "r", "match": {}, "do": [{"flags": {"XX": True}}]}]},
    "loss beyond 100": {"rules": [
        {"id": "r", "match": {}, "do": [{"loss_percent": 101}]}]},
    "unknown end": {"rules": [{"id": "r", "match": {}, "do": [{"conn": "x"}]}]},
    "pace without rest": {"rules": [
        {"id": "r", "match": {}, "tcp": [{"pace": {"first": 1}}]}]},
    "unknown count": {"rules": [
        {"id": "r", "match": {}, "fault": "drop", "count_by": ["moon"]}]},
    "counted twice": {"rules": [
        {"id": "r", "match": {}, "fault": "drop",
         "count_by": ["name", "name"]}]},
    "pattern with an empty label": {"rules": [
        {"id": "r", "match": {"pattern": "a..b"}, "fault": "drop"}]},
    "pattern with another brace": {"rules": [
        {"id": "r", "match": {"pattern": "{name}.a"}, "fault": "drop"}]},
}


@pytest.mark.parametrize("what", WRONG)
def test_both_refuse_what_is_wrong(what):
    config = WRONG[what]
    if isinstance(config, dict) and what != "no format":
        config = {"format": FORMAT} | config
    assert not schema_takes(config)
    assert not reader_takes(config)
