"""What four DNS programs and libraries read in the same octets.

Each reader takes messages and gives one dict for each, or a string: why it
reads none. The dicts have the same members whoever made them:

  opcode, rcode (with EDNS all 12 bits), flags (sorted names),
  question: [[name, type, class]],
  answer, authority, additional: [[name, type, class, TTL, data]],
  edns: {"size", "version", "options": [[code, hex]]} or None; a size below 512
    means 512 (RFC 6891 section 6.2.3), and some show it as that

Types and classes are numbers. The data of TXT and SPF are the character-strings
in hex, one by one; those of other types are their fields as text, or the RDATA
in hex where the type is unknown.
"""

import json
import pathlib
import re
import socket
import subprocess
import threading

import dns.flags
import dns.message
import dns.rdata

PROOF = pathlib.Path(__file__).parents[1] / "dnsstub" / "proof"
SECTIONS = ("answer", "authority", "additional")
FLAGS = {"aa", "ad", "cd", "qr", "ra", "rd", "tc"}
TYPES = {"A": 1, "NS": 2, "CNAME": 5, "SOA": 6, "TXT": 16, "AAAA": 28,
         "DNAME": 39, "DS": 43, "DNSKEY": 48, "SPF": 99, "ANY": 255}
CLASSES = {"IN": 1, "CH": 3}
RCODES = {"NOERROR": 0, "FORMERR": 1, "SERVFAIL": 2, "NXDOMAIN": 3,
          "NOTIMP": 4, "NOTIMPL": 4, "REFUSED": 5, "YXDOMAIN": 6, "NOTAUTH": 9,
          "BADVERS": 16, "BADCOOKIE": 23}
OPCODES = {"QUERY": 0, "NOTIFY": 4}


def plain_name(name: str) -> str:
    """Without the dot at the end; a mailbox is a name (RFC 1035 section 8)."""
    return name.rstrip(".").replace("@", ".")


def plain_data(kind: int, data: list) -> list:
    return ([plain_name(part) for part in data]
            if kind in (TYPES["NS"], TYPES["CNAME"], TYPES["SOA"],
                        TYPES["DNAME"]) else list(data))


def plain_record(name: str, kind: int, group: int, ttl: int, data: list
                 ) -> list:
    # RFC 2181 section 8: a TTL with the highest bit set means 0. Who shows
    # which of the two is of no account.
    return [plain_name(name), kind, group, ttl if ttl < 2 ** 31 else 0,
            plain_data(kind, data)]


# dnspython.

def dnspython_data(rdata) -> list:
    if rdata.rdtype in (TYPES["TXT"], TYPES["SPF"]):
        return [string.hex() for string in rdata.strings]
    if isinstance(rdata, dns.rdata.GenericRdata):
        return [rdata.data.hex()]
    return rdata.to_text().split()


def dnspython_edns(message) -> dict | None:
    if message.edns < 0:
        return None
    return {"size": max(message.payload, 512), "version": message.edns,
            "options": [[int(option.otype), option.to_wire().hex()]
                        for option in message.options]}


def read_by_dnspython(octets: bytes) -> dict | str:
    try:
        message = dns.message.from_wire(octets, one_rr_per_rrset=True)
    except Exception as error:  # pylint: disable=broad-except
        return type(error).__name__
    found = {
        "opcode": int(message.opcode()), "rcode": int(message.rcode()),
        "flags": sorted(name for name in FLAGS
                        if message.flags & dns.flags.from_text(name)),
        "question": [[plain_name(rrset.name.to_text()), int(rrset.rdtype),
                      int(rrset.rdclass)] for rrset in message.question],
        "edns": dnspython_edns(message)}
    for name in SECTIONS:
        found[name] = [
            plain_record(rrset.name.to_text(), int(rrset.rdtype),
                         int(rrset.rdclass), rrset.ttl, dnspython_data(rdata))
            for rrset in getattr(message, name) for rdata in rrset]
    return found


def read_all_by_dnspython(packets: list[bytes]) -> list[dict | str]:
    return [read_by_dnspython(octets) for octets in packets]


# Net::DNS.

def from_perl(line: str) -> dict | str:
    found = json.loads(line)
    if "error" in found:
        return found["error"]
    found["rcode"] = int(found["rcode"])
    found["question"] = [[plain_name(name), *rest]
                         for name, *rest in found["question"]]
    for name in SECTIONS:
        found[name] = [plain_record(*record) for record in found[name]]
    found["flags"] = sorted(found["flags"])
    if found["edns"]:
        found["edns"]["size"] = max(found["edns"]["size"], 512)
    return found


def read_all_by_net_dns(packets: list[bytes]) -> list[dict | str]:
    lines = subprocess.run(
        ["/usr/bin/perl", str(PROOF / "net_dns_reader.pl")], text=True,
        input="".join(octets.hex() + "\n" for octets in packets),
        capture_output=True, check=True).stdout.splitlines()
    return [from_perl(line) for line in lines]


# dig and drill print master files (RFC 1035 section 5.1), with much around.

def strings_in_hex(text: str) -> list[str]:
    """Of the "quoted" strings of a master file."""
    def octets(quoted: str) -> bytes:
        return b"".join(
            bytes([int(found[1])]) if found[1] else
            (found[2] or found[0]).encode("latin-1")
            for found in re.finditer(r"\\(\d{3})|\\(.)|[^\\]", quoted, re.S))
    assert re.fullmatch(r'("([^"\\]|\\.)*"( |$))*', text, re.S), text
    return [octets(found[1]).hex()
            for found in re.finditer(r'"((?:[^"\\]|\\.)*)"', text, re.S)]


def printed_data(kind: int, text: str) -> list:
    unknown = re.fullmatch(r"\\# [0-9]+ ?([0-9A-Fa-f ]*)", text)
    if unknown:  # RFC 3597 section 5.
        return [unknown[1].replace(" ", "").lower()]
    return (strings_in_hex(text) if kind in (TYPES["TXT"], TYPES["SPF"])
            else text.split())


def number(text: str, known: dict[str, int]) -> int:
    return known[text] if text in known else int(re.sub(r"\D", "", text))


def printed_record(line: str) -> list:
    name, ttl, group, kind, data = re.split(r"[ \t]+", line, maxsplit=4)
    return plain_record(name, number(kind, TYPES), number(group, CLASSES),
                        int(ttl), printed_data(number(kind, TYPES), data))


def printed_option(line: str) -> list | None:
    """RFC 8914's error is shown in words, others in hex."""
    error = re.match(r"; EDE: (\d+)", line)
    if error:
        return [15, f"{int(error[1]):04x}"]
    other = re.match(r"; OPT=(\d+): ([0-9a-f ]*)", line)
    return [int(other[1]), other[2].replace(" ", "")] if other else None


def printed_message(text: str) -> dict:
    header = re.search(r"opcode: (\S+), (?:status|rcode): (.*), id:", text)
    flags = re.search(r"^;; flags: ([a-z ]*)", text, re.M)
    edns = re.search(r"EDNS: version:? (\d+).*udp: (\d+)", text)
    extended = re.search(r"ext-rcode: (\d+)", text)
    found = {
        "opcode": number(header[1], OPCODES),
        "rcode": int(extended[1]) if extended else number(header[2], RCODES),
        "flags": sorted(set(flags[1].split())),
        "question": [], "answer": [], "authority": [], "additional": [],
        "edns": {"version": int(edns[1]), "size": max(int(edns[2]), 512),
                 "options": []} if edns else None}
    section = None
    for line in text.split("\n"):
        begins = re.match(r";; ([A-Z]+) SECTION:", line)
        option = printed_option(line)
        if begins or not line:  # An empty line ends a section.
            section = begins[1].lower() if begins else None
        elif option:
            found["edns"]["options"].append(option)
        elif section == "question" and (
                words := re.match(r";;?\s?(\S+)\s+(\S+)\s+(\S+)$", line)):
            found["question"].append([plain_name(words[1]), number(
                words[3], TYPES), number(words[2], CLASSES)])
        elif section and not line.startswith(";"):
            found[section].append(printed_record(line))
    return found


def read_by_drill(octets: bytes, folder: pathlib.Path) -> dict | str:
    path = folder / "packet.hex"
    path.write_text(octets.hex() + "\n", encoding="ascii")
    done = subprocess.run(["drill", "-i", str(path), "."], capture_output=True,
                          encoding="latin-1", check=False)
    if "->>HEADER<<-" not in done.stdout:
        return done.stderr.strip() or done.stdout.strip() or "nothing"
    return printed_message(done.stdout)


def read_all_by_drill(packets: list[bytes], folder: pathlib.Path
                      ) -> list[dict | str]:
    return [read_by_drill(octets, folder) for octets in packets]


def replay(server: socket.socket, packets: list[bytes]) -> None:
    """Gives the n-th packet, under the query's ID, to the n-th query. Ends
    early, too, with a query of no octets."""
    for octets in packets:
        query, client = server.recvfrom(4096)
        if not query:
            return
        server.sendto(query[:2] + octets[2:], client)


def asked(query: bytes) -> str:
    """As dig reads it: "a.example. TYPE16"."""
    labels, at = [], 12
    while query[at]:
        labels.append(query[at + 1:at + 1 + query[at]].decode("ascii"))
        at += 1 + query[at]
    return f"{'.'.join(labels)}. TYPE{int.from_bytes(query[at + 1:at + 3])}"


DIG_OPTIONS = ["+nocmd", "+notcp", "+norecurse", "+noedns", "+ignore",
               "+tries=1", "+timeout=60", "+nobadcookie",
               "+noednsnegotiation", "+nosplit"]


def read_all_by_dig(queries: list[bytes], packets: list[bytes],
                    folder: pathlib.Path) -> list[dict | str]:
    """dig reads no files, so a server gives it the packets one by one."""
    batch = folder / "batch"
    batch.write_text("".join(f"{asked(query)}\n" for query in queries),
                     encoding="ascii")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))
        serving = threading.Thread(target=replay, args=(server, packets),
                                   daemon=True)
        serving.start()
        done = subprocess.run(
            ["dig", "-r", "@127.0.0.1", "-p", str(server.getsockname()[1]),
             "-f", str(batch), *DIG_OPTIONS],
            capture_output=True, encoding="latin-1", check=False)
        server.sendto(b"", server.getsockname())
        serving.join()
    parts = re.split(r"(?m)^(?=;; Got answer:$)", done.stdout)
    # What stands before an answer is a complaint about it.
    return [" ".join(before.split(";; MSG SIZE")[-1].splitlines()[1:])
            .strip() or printed_message(part)
            for before, part in zip(parts, parts[1:])]
