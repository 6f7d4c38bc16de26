"""A dnspython resolver that answers from the zone of a request.

Only the transport is replaced: names, retries, CNAMEs and errors are the real
resolver's. The zone notation is that of docs/worker-protocol.md.
"""

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.nameserver
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.resolver
import dns.rrset
import dns.rdtypes.ANY.CNAME
import dns.rdtypes.ANY.TXT

_RCODES = {
    "nodata": dns.rcode.NOERROR,
    "nxdomain": dns.rcode.NXDOMAIN,
    "servfail": dns.rcode.SERVFAIL,
}
_MAX_ALIASES = 8


class ZoneResolver(dns.resolver.Resolver):
    """Stands where the library expects its default resolver."""

    def __init__(self, zone: dict):
        super().__init__(configure=False)
        server = _ZoneServer(zone)
        self.nameservers = [server]
        # A zone answers alike when asked again, so SERVFAIL need not be.
        self.retry_servfail = False

    def resolve(self, qname, *args, **kwargs):
        server = self.nameservers[0]
        if isinstance(qname, str):
            name = dns.name.from_text(qname)
            if server.find(name) == "timeout":
                # At once: nobody gains from waiting for what never comes.
                raise dns.resolver.LifetimeTimeout(
                    timeout=kwargs.get("lifetime") or self.lifetime, errors=[])
        return super().resolve(qname, *args, **kwargs)


class _ZoneServer(dns.nameserver.Nameserver):
    """A name server without a socket, recursive as stub resolvers expect."""

    def __init__(self, zone: dict):
        super().__init__()
        self._zone = {_name(name): _entry(name, value)
                      for name, value in zone.items()}

    def __str__(self) -> str:
        return "the zone of the request"

    def kind(self) -> str:
        return "zone"

    def is_always_max_size(self) -> bool:
        return True

    def answer_nameserver(self) -> str:
        return "127.0.0.1"

    def answer_port(self) -> int:
        return 53

    def find(self, name: dns.name.Name):
        """The word or the records at the end of the aliases."""
        for _ in range(_MAX_ALIASES + 1):
            entry = self._zone.get(name, "nxdomain")
            if not isinstance(entry, dns.name.Name):
                return entry
            name = entry
        return "servfail"  # As a resolver says of an endless chain.

    def query(self, request, timeout, source, source_port, max_size=False,
              one_rr_per_rrset=False, ignore_trailing=False):
        response = dns.message.make_response(request)
        response.flags |= dns.flags.RA
        asked = name = request.question[0].name
        entry = self.find(asked)
        if isinstance(entry, str):
            response.set_rcode(_RCODES[entry])
            return response
        while isinstance(self._zone[name], dns.name.Name):
            target = self._zone[name]
            response.answer.append(dns.rrset.from_rdata(
                name, 60, dns.rdtypes.ANY.CNAME.CNAME(
                    dns.rdataclass.IN, dns.rdatatype.CNAME, target)))
            name = target
        response.answer.append(dns.rrset.from_rdata_list(name, 60, entry))
        return response


def _name(text: str) -> dns.name.Name:
    return dns.name.from_text(text)


def _entry(name: str, value):
    """A word, the target of an alias, or the rdata of the records."""
    if isinstance(value, list):
        return [_record(record) for record in value]
    if isinstance(value, dict) and "cname" in value:
        return _name(value["cname"])
    if value == "timeout" or (isinstance(value, str) and value in _RCODES):
        return value
    raise ValueError(f"zone, {name}: cannot be served by a resolver hook")


def _record(record) -> dns.rdtypes.ANY.TXT.TXT:
    parts = record if isinstance(record, list) else [record]
    strings = [part.encode() if isinstance(part, str)
               else bytes.fromhex(part["hex"]) for part in parts]
    if len(strings) == 1:  # A long text is cut at 255 octets.
        [text] = strings
        strings = [text[i:i + 255] for i in range(0, len(text), 255)] or [b""]
    return dns.rdtypes.ANY.TXT.TXT(
        dns.rdataclass.IN, dns.rdatatype.TXT, strings)
