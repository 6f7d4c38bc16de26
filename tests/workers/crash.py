#!/usr/bin/env python3
"""Dies of every request."""

import os
import signal

from trivial import serve


def answer(request):
    os.kill(os.getpid(), signal.SIGABRT)


serve("crash", answer)
