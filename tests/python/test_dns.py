"""The DNS stub server from Python: configuration, epochs, waiting."""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import threading

import dkimspec
import jsonschema
import pytest

from conftest import NAME

FORMAT = "dkimspec-dns/1"
ROOT = pathlib.Path(__file__).resolve().parents[2]


def result(mail: bytes, dns: dkimspec.DnsStub) -> str:
    [found] = dkimspec.verify(mail, nameserver=dns.nameserver)
    return found.result


def rotation(zone: dict) -> dict:
    return {
        "format": FORMAT,
        "epochs": ["before", "after"],
        "zone": zone,
        "rules": [{
            "id": "gone", "match": {"qname": NAME},
            "when": [{"epoch": "after", "fault": "nxdomain"}],
        }],
    }


def test_a_key_goes_with_its_epoch(mail, zone):
    with dkimspec.DnsStub(config=rotation(zone)) as dns:
        assert result(mail, dns) == "pass"
        dns.set_epoch("after")
        assert result(mail, dns) == "permerror"
        assert dns.log()[-1]["fault"] == "gone"
        with pytest.raises(dkimspec.Error, match="no epoch"):
            dns.set_epoch("never")


def test_endpoints_have_addresses():
    config = {"format": FORMAT, "endpoints": [
        {"id": "one", "addresses": ["127.0.0.1"]},
        {"id": "two", "addresses": ["127.0.0.2"], "tcp": "closed"}]}
    with dkimspec.DnsStub(config=config) as dns:
        assert dns.endpoints == {
            "one": [f"127.0.0.1:{dns.port}"], "two": [f"127.0.0.2:{dns.port}"]}


def test_mistakes_are_named():
    with pytest.raises(dkimspec.Error, match="config#/zones"):
        dkimspec.DnsStub(config={"format": FORMAT, "zones": {}})


def page_configuration() -> dict:
    page = (ROOT / "docs" / "dns-faults.md").read_text()
    blocks = re.findall(r"```json\n(.*?)```", page, re.DOTALL)
    [config] = [block for block in blocks if FORMAT in block]
    return json.loads(config.replace('{"file": "key.txt"}', '"v=DKIM1; p="'))


def test_the_schema_and_the_server_agree():
    schema = json.loads((ROOT / "docs" / "dns-config.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    config = page_configuration()
    assert list(validator.iter_errors(config)) == []
    dkimspec.DnsStub(config=config).close()
    for wrong in (
            {"match": {"pattern": "a..b"}, "fault": "drop"},
            {"match": {"pattern": "*.{preset}.b"}, "fault": "drop"},
            {"match": {"pattern": "*.b."}, "fault": "drop"},
            {"match": {}, "fault": "drop", "count_by": ["port"]},
            {"match": {}, "fault": "drop", "count_by": ["name", "name"]}):
        config = {"format": FORMAT, "rules": [{"id": "wrong", **wrong}]}
        assert not validator.is_valid(config), wrong
        with pytest.raises(dkimspec.Error, match="config#/rules/0"):
            dkimspec.DnsStub(config=config)


def test_the_name_picks_the_fault():
    config = {"format": FORMAT, "rules": [
        {"id": "any", "match": {"pattern": "*.{fault}.g.example"},
         "fault": "{fault}"}]}
    with dkimspec.DnsStub(config=config) as dns:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
            client.settimeout(60)
            client.connect(("127.0.0.1", dns.port))
            client.send(b"\0\7\1\0\0\1\0\0\0\0\0\0\1s\7refused\1g\7example\0"
                        b"\0\x10\0\1")
            assert client.recv(512)[3] & 15 == 5
        assert dns.log()[0]["fault"] == "refused"
        assert dns.unexpected == 0


def test_waiting_lets_other_threads_run(mail, zone):
    with dkimspec.DnsStub(zone) as dns:
        asker = threading.Thread(target=result, args=(mail, dns))
        assert not dns.wait_for(NAME, timeout=0.05)
        asker.start()
        assert dns.wait_for(NAME, timeout=60)
        asker.join()
        assert dns.queries(NAME) == 1


@pytest.fixture
def command() -> str:
    if "DKIMSPEC_COMMAND" not in os.environ:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    return os.environ["DKIMSPEC_COMMAND"]


def test_the_command_lists_the_presets(command):
    listed = subprocess.run(
        [command, "dns", "--faults", "--json"], capture_output=True, check=True)
    presets = json.loads(listed.stdout)
    assert len(presets) > 110
    assert {preset["kind"] for preset in presets} == {"core", "wire"}
    lines = subprocess.run(
        [command, "dns", "--faults"], capture_output=True, check=True)
    assert len(lines.stdout.splitlines()) == len(presets)


def say(path: str, line: str) -> str:
    with socket.socket(socket.AF_UNIX) as control:
        control.connect(path)
        control.sendall(line.encode() + b"\n")
        return control.makefile().read()


def test_the_command_is_controlled_and_logs(command, mail, zone, tmp_path):
    config = tmp_path / "config.json"
    config.write_text(json.dumps(rotation(zone)))
    control, log = str(tmp_path / "control"), tmp_path / "log.jsonl"
    with subprocess.Popen(
            [command, "dns", str(config), "--control", control,
             "--log", str(log)], stdout=subprocess.PIPE, text=True) as server:
        nameserver = server.stdout.readline().strip()
        [found] = dkimspec.verify(mail, nameserver=nameserver)
        assert found.result == "pass"
        assert say(control, "epoch after") == "ok\n"
        assert say(control, "epoch never").startswith("error: ")
        [found] = dkimspec.verify(mail, nameserver=nameserver)
        assert found.result == "permerror"
        queries = int(say(control, f"queries {NAME}"))
        assert queries >= 2
        assert say(control, f"wait {NAME} {queries} 100") == "yes\n"
        assert len(say(control, f"log {NAME}").splitlines()) == queries
        server.send_signal(signal.SIGTERM)
        assert server.wait(timeout=60) == 0
    assert len(log.read_text().splitlines()) == queries
    assert not os.path.exists(control)
