#!/usr/bin/env python3
"""Answers every request with lines that are no answers."""

import sys

from trivial import serve

_LINES = (
    b"Verifying ...",
    b"[]",
    b'{"id": 1',
    b"\x00\xff\xfe",
    b"null",
    b"",
    b'"pass"',
)


def answer(request):
    sys.stdout.buffer.write(b"\n".join(_LINES) + b"\n")
    sys.stdout.buffer.flush()


serve("garbage", answer)
