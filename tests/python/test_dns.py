"""The DNS stub server from Python: configuration, epochs, waiting."""

import threading

import dkimspec
import pytest

from conftest import NAME

FORMAT = "dkimspec-dns/1"


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


def test_waiting_lets_other_threads_run(mail, zone):
    with dkimspec.DnsStub(zone) as dns:
        asker = threading.Thread(target=result, args=(mail, dns))
        assert not dns.wait_for(NAME, timeout=0.05)
        asker.start()
        assert dns.wait_for(NAME, timeout=10)
        asker.join()
        assert dns.queries(NAME) == 1
