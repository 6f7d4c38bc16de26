#!/usr/bin/env python3
"""Never answers, and does not end when it is asked to."""

import time

from trivial import serve


def answer(request):
    while True:
        time.sleep(3600)


serve("hang", answer)
