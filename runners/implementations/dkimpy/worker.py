"""A worker around dkimpy: docs/worker-protocol.md on stdin and stdout.

With --dns request the zone comes in the request; with --dns sandbox the library
asks the name server of resolv.conf. Both go through the library's own get_txt
and dnspython, so they answer alike.
"""

import argparse
import base64
import importlib.metadata
import json
import logging
import pathlib
import sys
import traceback

import dkim
import dns.resolver

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent))
import zone_resolver  # pylint: disable=wrong-import-position


class Capture(logging.Handler):
    """Keeps what the library says while it verifies."""

    def __init__(self):
        super().__init__()
        self.lines: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(record.getMessage())


class Worker:
    """Answers requests, one at a time."""

    def __init__(self, dns_way: str):
        self._dns_way = dns_way
        self._capture = Capture()
        self._logger = logging.Logger("dkimpy", logging.ERROR)
        self._logger.addHandler(self._capture)

    def answer(self, line: str) -> dict:
        try:
            request = json.loads(line)
            op, number = request["op"], request.get("id")
        except (ValueError, LookupError, TypeError, AttributeError) as error:
            return {"error": f"request is not understood: {error}"}
        if op == "start":
            return self._start()
        ops = {"verify": self._verify, "sign": sign}
        if op not in ops:
            return {"id": number, "error": f"unknown op {op!r}"}
        try:
            return {"id": number} | ops[op](request)
        except Exception:  # pylint: disable=broad-exception-caught
            return {"id": number, "error": traceback.format_exc()}

    def _start(self) -> dict:
        return {
            "protocol": 1,
            "name": "dkimpy",
            "version": importlib.metadata.version("dkimpy"),
            "language": "python",
            "ops": ["verify", "sign"],
            "features": ["rsa-sha1", "rsa-sha256", "ed25519-sha256"],
            "takes": [],
            "dns": self._dns_way,
            "reports": "each",
        }

    def _verify(self, request: dict) -> dict:
        if self._dns_way == "request":
            dns.resolver.default_resolver = zone_resolver.ZoneResolver(
                request.get("zone") or {})
        message = message_of(request)
        try:
            verifier = dkim.DKIM(message, logger=self._logger)
        except dkim.DKIMException as refusal:
            # It refuses the message and tells nothing of its signatures.
            return {"silent": True, "says": words_of(refusal)}
        fields = sum(name.lower() == b"dkim-signature"
                     for name, _ in verifier.headers)
        return {"signatures": [self._verify_one(message, index)
                               for index in range(fields)]}

    def _verify_one(self, message: bytes, index: int) -> dict:
        self._capture.lines.clear()
        verifier = dkim.DKIM(message, logger=self._logger)
        try:
            result = "true" if verifier.verify(idx=index) else "false"
            says = "; ".join(self._capture.lines)
        except dkim.DKIMException as refusal:
            result, says = type(refusal).__name__, words_of(refusal)
        # Octets were read from the field; a str is what it begins with.
        told = {"d": verifier.domain, "s": verifier.selector}
        return {name: value.decode("utf-8", "backslashreplace")
                for name, value in told.items() if isinstance(value, bytes)
                } | {"result": result, "says": says}


def pkcs1_of(pem: str) -> bytes:
    """The PEM that the library reads, of a PKCS #8 RSA key."""
    octets = base64.b64decode("".join(pem.split("-----")[2].split()))
    inner = octets.index(b"\x04\x82") + 4  # In the OCTET STRING.
    text = base64.encodebytes(octets[inner:])
    return (b"-----BEGIN RSA PRIVATE KEY-----\n" + text
            + b"-----END RSA PRIVATE KEY-----\n")


def sign(request: dict) -> dict:
    if request.get("algorithm", "rsa-sha256") != "rsa-sha256":
        return {"unsupported": request["algorithm"]}
    message = message_of(request)
    options = {"canonicalize": tuple(
        request.get(part + "_canonicalization", "relaxed").encode()
        for part in ("header", "body"))}
    if request.get("signed_header_fields"):
        options["include_headers"] = [
            name.lower().encode() for name in request["signed_header_fields"]]
    if request.get("identity"):
        options["identity"] = request["identity"].encode()
    field = dkim.DKIM(message).sign(
        request["selector"].encode(), request["domain"].encode(),
        pkcs1_of(request["key_pem"]), **options)
    return {"message": base64.b64encode(field + message).decode()}


def words_of(refusal: Exception) -> str:
    return f"{type(refusal).__name__}: {refusal}"


def message_of(request: dict) -> bytes:
    if request.get("message_path") is not None:
        return pathlib.Path(request["message_path"]).read_bytes()
    return base64.b64decode(request["message"], validate=True)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--dns", choices=["request", "sandbox"], required=True)
    worker = Worker(parser.parse_args().dns)
    for line in sys.stdin.buffer:
        if line.strip():
            print(json.dumps(worker.answer(line)), flush=True)


if __name__ == "__main__":
    main()
