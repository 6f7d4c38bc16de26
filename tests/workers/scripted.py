#!/usr/bin/env python3
"""Does what the message tells it to: the worker of runners/worker's tests.

The message is a list of words. A worker that is told "die-once:FILE" or
"hang-once:FILE" leaves FILE behind and lives the next time. Options on the
command line change how it presents itself.
"""

import base64
import json
import os
import sys
import time

from trivial import message_of, say

OPTIONS = dict(option.partition("=")[::2] for option in sys.argv[1:])


def start():
    answer = {"protocol": 1, "name": "scripted", "ops": ["verify", "sign"]}
    answer.update(json.loads(OPTIONS.get("start", "{}")))
    if "banner" in OPTIONS:
        print("Scripted verifier, all rights reserved", flush=True)
    if "start-with" in OPTIONS:
        print(OPTIONS["start-with"], flush=True)
    elif "start-exit" in OPTIONS:
        print("no such key ring", file=sys.stderr, flush=True)
        sys.exit(int(OPTIONS["start-exit"]))
    elif "start-never" in OPTIONS:
        time.sleep(3600)
    else:
        say(answer)


def first_time(path):
    if os.path.exists(path):
        return False
    with open(path, "w"):
        return True


def verify(request, word, argument):
    id_ = request["id"]
    if word == "die":
        os.abort()
    elif word == "die-once":
        if first_time(argument):
            os.abort()
    elif word == "hang-once":
        if first_time(argument):
            time.sleep(3600)
    elif word == "exit":
        sys.exit(int(argument))
    elif word == "hang":
        time.sleep(3600)
    elif word == "sleep":
        time.sleep(float(argument))
    elif word == "noise":
        print(argument, flush=True)
    elif word == "flood":
        while True:
            sys.stdout.write("noise " * 1000 + "\n")
    elif word == "long-line":
        while True:
            sys.stdout.write("x" * 65536)
    elif word == "stderr":
        print(argument, file=sys.stderr, flush=True)
    elif word == "stderr-flood":
        sys.stderr.write("y" * (1 << 20) + "the end\n")
        sys.stderr.flush()
    elif word == "raw":
        print(argument.replace("ID", str(id_)), flush=True)
    elif word == "say":
        say({"id": id_, "signatures": [{"result": argument, "d": "d.example"}]})
    elif word == "path":
        kind = "path" if "message_path" in request else "inline"
        say({"id": id_, "signatures": [{"result": "pass", "says": kind}]})
    elif word == "leave":
        say({"id": id_, "silent": True})
        sys.exit(0)


def sign(request):
    message = message_of(request)
    field = "DKIM-Signature: d=%s; s=%s\r\n" % (
        request["domain"],
        request["selector"],
    )
    signed = base64.b64encode(field.encode() + message).decode()
    say({"id": request["id"], "message": signed})


for text in sys.stdin:
    question = json.loads(text)
    if question["op"] == "start":
        start()
    elif question["op"] == "sign":
        sign(question)
    else:
        for part in message_of(question).decode().split("\n"):
            verify(question, *part.partition(":")[::2])
