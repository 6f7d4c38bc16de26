"""Asks the stub server for its faults and keeps the octets that come back.

Test equipment that shares nothing with the project's own encoders: the queries
are put together here, and replies are only cut out of the stream.
"""

import json
import os
import socket
import struct
import subprocess

import pytest

TXT = 16
QUERY_ID = 0x1234
PATIENCE = 60.0  # For what must come.
SILENCE = 0.05   # For what must not.
WAYS = ("udp", "plain", "tcp")  # "plain": over UDP, without EDNS.


def encode_name(name: str) -> bytes:
    labels = name.encode("ascii").split(b".")
    return b"".join(bytes([len(label)]) + label for label in labels) + b"\0"


def make_query(name: str, edns: bool, kind: int = TXT) -> bytes:
    """A query with RD=1; the OPT record offers 1232 octets."""
    opt = b"\0" + struct.pack("!HHIH", 41, 1232, 0, 0) if edns else b""
    return (struct.pack("!6H", QUERY_ID, 0x0100, 1, 0, 0, 1 if edns else 0)
            + encode_name(name) + struct.pack("!HH", kind, 1) + opt)


def datagrams(port: int, query: bytes, count: int, host: str = "127.0.0.1",
              silence: float = SILENCE) -> list[bytes]:
    """Up to `count` of them, and any that follow at once."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as client:
        client.sendto(query, (host, port))
        found = []
        try:
            while True:
                client.settimeout(PATIENCE if len(found) < count else silence)
                found.append(client.recv(65535))
        except (TimeoutError, BlockingIOError):
            return found


def read_exactly(client: socket.socket, size: int) -> bytes:
    octets = b""
    while len(octets) < size:
        more = client.recv(size - len(octets))
        if not more:
            raise ConnectionResetError
        octets += more
    return octets


def messages(port: int, query: bytes, count: int) -> list[bytes]:
    """Up to `count` whole messages of a connection, and any that follow."""
    with socket.create_connection(("127.0.0.1", port)) as client:
        client.sendall(struct.pack("!H", len(query)) + query)
        found = []
        try:
            while True:
                client.settimeout(PATIENCE if len(found) < count else SILENCE)
                [size] = struct.unpack("!H", read_exactly(client, 2))
                found.append(read_exactly(client, size))
        except (TimeoutError, ConnectionResetError):
            return found


def capture(port: int, name: str, way: str, count: int) -> list[bytes]:
    query = make_query(name, edns=way != "plain")
    ask = messages if way == "tcp" else datagrams
    return ask(port, query, count)


def presets() -> dict[str, dict]:
    """The table of faults by name, as the command lists it."""
    if "DKIMSPEC_COMMAND" not in os.environ:
        pytest.skip("DKIMSPEC_COMMAND does not name the command")
    listed = subprocess.run(
        [os.environ["DKIMSPEC_COMMAND"], "dns", "--faults", "--json"],
        capture_output=True, check=True)
    return {preset["name"]: preset for preset in json.loads(listed.stdout)}


def preset_name(preset: str) -> str:
    """What to ask for to meet it, without any configuration."""
    return f"s._domainkey.{preset}.f.example"
