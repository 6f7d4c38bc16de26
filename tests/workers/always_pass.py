#!/usr/bin/env python3
"""Says pass to every signature and never looks at one."""

from trivial import message_of, say, serve, signatures


def answer(request):
    found = signatures(message_of(request), "pass")
    say({"id": request["id"], "signatures": found})


serve("always-pass", answer)
