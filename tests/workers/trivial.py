"""What the trivial workers share: the worker protocol, and nothing of DKIM.

Each of them is a verifier that deserves no good score; the suite must give it
none. They are also the smallest examples of the protocol.
"""

import base64
import json
import re
import sys

_FOLD = re.compile(rb"\r?\n(?=[ \t])")
_FIELD = re.compile(rb"^dkim-signature[ \t]*:(.*)$", re.IGNORECASE)


def say(answer):
    sys.stdout.write(json.dumps(answer) + "\n")
    sys.stdout.flush()


def message_of(request):
    if "message_path" in request:
        with open(request["message_path"], "rb") as file:
            return file.read()
    return base64.b64decode(request["message"])


def _tag(value, name):
    """The value of one tag of a tag-list, without white space."""
    for tag in value.split(";"):
        left, equals, right = tag.partition("=")
        if equals and left.strip() == name:
            return re.sub(r"\s+", "", right)
    return None


def signatures(message, result):
    """One answer for each DKIM-Signature field, all with the same result."""
    header = re.split(rb"\r?\n\r?\n", message, maxsplit=1)[0]
    found = []
    for line in re.split(rb"\r?\n", _FOLD.sub(b"", header)):
        field = _FIELD.match(line)
        if field:
            value = field.group(1).decode("latin-1")
            answer = {"d": _tag(value, "d"), "s": _tag(value, "s")}
            found.append({**answer, "result": result})
    return found


def serve(name, answer):
    """Answers `start`, then calls answer(request) for every other request."""
    for line in sys.stdin:
        request = json.loads(line)
        if request["op"] == "start":
            say(
                {
                    "protocol": 1,
                    "name": name,
                    "version": "1",
                    "language": "python",
                    "ops": ["verify"],
                    "features": ["rsa-sha256", "ed25519-sha256", "eai"],
                    "takes": ["now"],
                    "dns": "request",
                }
            )
        else:
            answer(request)
