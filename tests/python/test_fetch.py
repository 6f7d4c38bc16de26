"""The reader of implementation files, and what fetch.py promises."""

import copy
import json
import pathlib
import sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
IMPLEMENTATIONS = ROOT / "runners" / "implementations"
sys.path.insert(0, str(IMPLEMENTATIONS))
import fetch  # pylint: disable=wrong-import-position
import fetch_steps  # pylint: disable=wrong-import-position
import implementation_file  # pylint: disable=wrong-import-position

GOOD = {
    "name": "sample",
    "family": "sample",
    "language": "shell",
    "homepage": "https://sample.example/",
    "transport": "worker",
    "needs": [{"program": "go", "least": "1.21", "why": "it is built"}],
    "fetch": [{"go": {"output": "worker"}}],
    "start": {"argv": ["{peers}/sample/worker"]},
    "dns": "request",
    "reports": "each",
    "features": ["rsa-sha256"],
}

# What is wrong, and the place that the message must name.
WRONG = {
    "missing": (lambda e: e.pop("dns"), "/: lacks dns"),
    "unknown": (lambda e: e.update(colour="red"), "/colour: unknown member"),
    "type": (lambda e: e.update(features="rsa"), "/features: must be of type"),
    "enum": (lambda e: e.update(dns="pigeon"), "/dns: must be one of"),
    "pattern": (lambda e: e["needs"][0].update(least="new"), "/needs/0/least"),
    "empty": (lambda e: e["start"].update(argv=[]), "/start/argv"),
    "twice": (lambda e: e.update(features=["a", "a"]), "/features"),
    "word": (lambda e: e.update(words={"bad": "wrong"}), "/words/bad"),
    "step": (lambda e: e["fetch"].append({"wget": {}}), "/fetch/1/wget"),
    "two-steps": (lambda e: e["fetch"].append({"npm": {}, "go": {}}),
                  "/fetch/1: must have exactly one"),
    "both": (lambda e: e.update({"fetched-as": "other"}), "remove one"),
    "name": (lambda e: e.update(name="other"), "/name"),
}


TOOL = {
    "name": "sample",
    "homepage": "https://sample.example/",
    "note": "It stands between.",
    "fetch": [{"apt": {"packages": ["sample"]}}],
    "version": ["{peers}/sample/root/usr/sbin/sample", "-V"],
}


def write(folder: pathlib.Path, entry: dict) -> None:
    here = folder / "sample"
    here.mkdir()
    (here / "implementation.json").write_text(json.dumps(entry))
    (folder / implementation_file.SCHEMA).write_text(
        (IMPLEMENTATIONS / implementation_file.SCHEMA).read_text())


def test_a_good_file_is_read(tmp_path):
    write(tmp_path, GOOD)
    [entry] = implementation_file.read_all(tmp_path)
    assert entry == GOOD | {"here": tmp_path / "sample"}


@pytest.mark.parametrize("what", sorted(WRONG))
def test_a_wrong_file_is_refused_with_its_place(what, tmp_path):
    change, place = WRONG[what]
    entry = copy.deepcopy(GOOD)
    change(entry)
    write(tmp_path, entry)
    with pytest.raises(implementation_file.Wrong) as refusal:
        implementation_file.read_all(tmp_path)
    assert "implementation.json" in str(refusal.value)
    assert place in str(refusal.value)


def write_tool(folder: pathlib.Path, tool: dict) -> None:
    write(folder, GOOD)
    (folder / "sample" / "implementation.json").rename(
        folder / "sample" / "tool.json").write_text(json.dumps(tool))


def test_a_tool_is_no_implementation(tmp_path):
    write_tool(tmp_path, TOOL)
    assert implementation_file.read_all(tmp_path) == []
    [tool] = implementation_file.read_tools(tmp_path)
    assert tool == TOOL | {"here": tmp_path / "sample"}


@pytest.mark.parametrize("change, place", [
    ({"version": []}, "/version"), ({"dns": "request"}, "/dns: unknown member"),
    ({"fetch": [{"wget": {}}]}, "/fetch/0/wget"), ({"name": "other"}, "/name"),
])
def test_a_wrong_tool_is_refused_with_its_place(change, place, tmp_path):
    write_tool(tmp_path, TOOL | change)
    with pytest.raises(implementation_file.Wrong) as refusal:
        implementation_file.read_tools(tmp_path)
    assert "tool.json" in str(refusal.value)
    assert place in str(refusal.value)


def test_a_tool_finds_the_libraries_fetched_with_it(tmp_path):
    folder = tmp_path / "sample" / "root" / "usr" / "lib" / "any-linux-gnu"
    folder.mkdir(parents=True)
    tool = TOOL | {"version": [
        "sh", "-c", f'test "$LD_LIBRARY_PATH" = {folder} && echo v4.2.1']}
    assert fetch.ask_tool_version(tool, tmp_path) == "4.2.1"
    with pytest.raises(fetch_steps.Failed, match="names no version"):
        fetch.ask_tool_version(TOOL | {"version": ["true"]}, tmp_path)
    with pytest.raises(fetch_steps.Failed, match="does not start"):
        fetch.ask_tool_version(TOOL | {"version": ["false"]}, tmp_path)


@pytest.mark.parametrize("have, complaint", [
    ("1.21", None), ("1.21.3", None), ("2.0", None),
    ("1.9", "found 1.9"), (None, "needs go >= 1.21"),
])
def test_needs_compare_versions_as_numbers(have, complaint):
    if complaint is None:
        fetch.check_needs(GOOD["needs"], {"go": have})
        return
    with pytest.raises(fetch.NotRun, match=complaint):
        fetch.check_needs(GOOD["needs"], {"go": have})


def test_the_stamp_follows_sources_steps_and_tools(tmp_path):
    here = tmp_path / "sample"
    here.mkdir()
    source = here / "main.go"
    source.write_text("package main")
    entry = GOOD | {"here": here}
    stamps = [fetch.stamp_of(entry, {"go": "1.21"})]
    assert fetch.stamp_of(entry, {"go": "1.21"}) == stamps[0]
    stamps.append(fetch.stamp_of(entry, {"go": "1.22"}))
    source.write_text("package other")
    stamps.append(fetch.stamp_of(entry, {"go": "1.21"}))
    entry["fetch"] = [{"go": {"output": "other"}}]
    stamps.append(fetch.stamp_of(entry, {"go": "1.21"}))
    assert len(set(stamps)) == len(stamps)


def test_what_is_there_is_whole(tmp_path, monkeypatch):
    def fill(step, here, out):
        del here
        (out / "first").write_text(step["text"])
        if step["text"] == "bad":
            raise fetch_steps.Failed("out of paper")
        (out / "second").write_text(step["text"])

    monkeypatch.setitem(fetch_steps.STEPS, "fill", (fill, lambda step: []))
    entry = {"name": "sample", "here": tmp_path}
    sample = tmp_path / "sample"
    for text in ("old", "new"):
        fetch.fetch(entry | {"fetch": [{"fill": {"text": text}}]}, tmp_path, text)
        assert (sample / "second").read_text() == text
    with pytest.raises(fetch_steps.Failed):
        fetch.fetch(entry | {"fetch": [{"fill": {"text": "bad"}}]}, tmp_path, "x")
    assert (sample / "first").read_text() == "new"
    assert fetch.read_stamp(sample) == {"inputs": "new"}
    assert [path.name for path in tmp_path.iterdir()] == ["sample"]


def test_a_command_without_an_end_is_ended():
    with pytest.raises(fetch_steps.Failed, match="no end after 1 s"):
        fetch_steps.run(["sh", "-c", "sleep 60 & sleep 60"], seconds=1)


def test_a_failing_command_tells_why():
    with pytest.raises(fetch_steps.Failed, match="error: no such colour"):
        fetch_steps.run(["sh", "-c", "echo error: no such colour >&2; exit 2"])
