"""Runs a program behind a name server that serves one zone.

  unshare --user --map-root-user --net --mount \
      python3 dns_sandbox.py ZONE.json PROGRAM [ARGUMENT ...]

Test equipment, apart from the project's own stub and sandbox: what it shows of
a worker does not depend on them. The zone notation is that of
docs/worker-protocol.md.
"""

import ctypes
import fcntl
import json
import os
import pathlib
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

RCODES = {"nodata": 0, "servfail": 2, "nxdomain": 3}
TXT, CNAME = 16, 5


def encode_name(name: str) -> bytes:
    labels = name.rstrip(".").encode().split(b".")
    return b"".join(bytes([len(l)]) + l for l in labels) + b"\0"


def strings_of(record) -> list[bytes]:
    parts = record if isinstance(record, list) else [record]
    octets = [part.encode() if isinstance(part, str)
              else bytes.fromhex(part["hex"]) for part in parts]
    return [text[at:at + 255] for text in octets
            for at in range(0, max(len(text), 1), 255)]


def record_octets(owner: bytes, kind: int, data: bytes) -> bytes:
    return owner + struct.pack("!HHIH", kind, 1, 1, len(data)) + data


def question_end(query: bytes) -> tuple[str, int]:
    at, labels = 12, []
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("latin-1"))
        at += 1 + query[at]
    return ".".join(labels).lower(), at + 5


def answer(zone: dict, query: bytes) -> bytes | None:
    """The answer of a recursive server, None where there is to be none."""
    name, end = question_end(query)
    owner, records, rcode = b"\xc0\x0c", [], 0
    for _ in range(9):
        entry = zone.get(name, "nxdomain")
        if not isinstance(entry, dict):
            break
        target = encode_name(entry["cname"])
        records.append(record_octets(owner, CNAME, target))
        owner, name = target, entry["cname"].lower()
    else:
        entry, records = "servfail", []
    if entry == "timeout":
        return None
    if isinstance(entry, str):
        rcode = RCODES[entry]
    else:
        records += [record_octets(owner, TXT, b"".join(
            bytes([len(s)]) + s for s in strings_of(r))) for r in entry]
    return (query[:2] + struct.pack("!HHHHH", 0x8180 | rcode, 1, len(records),
                                    0, 0) + query[12:end] + b"".join(records))


def serve_udp(server: socket.socket, zone: dict) -> None:
    while True:
        query, client = server.recvfrom(4096)
        reply = answer(zone, query)
        if reply is None:
            continue
        if len(reply) > 512:  # Truncated: ask again over TCP.
            _, end = question_end(query)
            reply = (reply[:2] + struct.pack("!HHHHH", 0x8380, 1, 0, 0, 0)
                     + query[12:end])
        server.sendto(reply, client)


def serve_tcp(server: socket.socket, zone: dict) -> None:
    while True:
        client, _ = server.accept()
        with client, client.makefile("rb") as stream:
            head = stream.read(2)
            if len(head) == 2:
                reply = answer(zone, stream.read(struct.unpack("!H", head)[0]))
                if reply is not None:
                    client.sendall(struct.pack("!H", len(reply)) + reply)


def serve(sockets: list[socket.socket], zone: dict, program: int) -> None:
    # Ends with the program (PR_SET_PDEATHSIG), which may have ended already.
    ctypes.CDLL(None).prctl(1, signal.SIGKILL)
    if os.getppid() != program:
        os._exit(0)
    os.close(0)
    os.close(1)
    threading.Thread(target=serve_tcp, args=(sockets[1], zone),
                     daemon=True).start()
    serve_udp(sockets[0], zone)


def loopback_up() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as control:
        request = struct.pack("16sH22x", b"lo", 0x1 | 0x40)  # IFF_UP, RUNNING.
        fcntl.ioctl(control, 0x8914, request)  # SIOCSIFFLAGS


def main() -> None:
    zone = {name.lower(): entry for name, entry
            in json.loads(pathlib.Path(sys.argv[1]).read_text()).items()}
    loopback_up()
    with tempfile.NamedTemporaryFile("w") as config:
        config.write("nameserver 127.0.0.1\noptions timeout:1 attempts:1\n")
        config.flush()
        subprocess.run(["mount", "--bind", config.name, "/etc/resolv.conf"],
                       check=True)
    sockets = [socket.socket(socket.AF_INET, kind)
               for kind in (socket.SOCK_DGRAM, socket.SOCK_STREAM)]
    for server in sockets:
        server.bind(("127.0.0.1", 53))
    sockets[1].listen()
    program = os.getpid()
    if os.fork() == 0:
        serve(sockets, zone, program)
    os.execvp(sys.argv[2], sys.argv[2:])


if __name__ == "__main__":
    main()
