"""Receives alerts from a station, and believes only those that it has signed.

    WEBHOOK_SECRET=... python3 examples/webhook_receiver.py 8099

with these settings of the station:

    alerts.webhook=http://127.0.0.1:8099/alerts
    alerts.webhook_secret=...

Each line on standard output is an alert. A delivery may come more than once, always with the same
"delivery" in its body: those that were seen are remembered here, a program of one's own keeps them
with what it does about them. Port 0 is any that is free; which one stands on standard error.
"""

import hashlib
import hmac
import json
import os
import re
import sys
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, HTTPServer

LONGEST = 1 << 20  # bytes of a delivery
TOLERANCE = 300  # seconds by which two clocks may differ
PATIENCE = 10  # seconds for a request
SEEN = deque(maxlen=10000)


def is_genuine(secret, header, body):
    """The HMAC of "UNIX.BODY" under the secret, compared in a time that tells nothing of it; and
    not old, so that nobody can send again what he has overheard."""
    found = re.fullmatch("t=([0-9]{1,12}),v1=([0-9a-f]{64})", header)
    if not found or abs(time.time() - int(found[1])) > TOLERANCE:
        return False
    wanted = hmac.new(secret, found[1].encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted, found[2])


class Handler(BaseHTTPRequestHandler):
    timeout = PATIENCE  # whoever sends nothing keeps nobody waiting

    def do_POST(self):
        length = self.headers.get("Content-Length", "")
        if not re.fullmatch("[0-9]{1,12}", length):
            self.send_error(411)  # none, or no length at all: less than 0 would be read for ever
        elif int(length) > LONGEST:
            self.send_error(413)
        else:
            self.take(self.rfile.read(int(length)))

    def take(self, body):
        if not is_genuine(self.server.secret, self.headers.get("X-WildCAM-Signature", ""), body):
            self.send_error(401)
            return
        told = json.loads(body)  # what the station has signed is JSON
        if told["delivery"] not in SEEN:  # in the body it is signed, in the header it is not
            show(told)
            SEEN.append(told["delivery"])
        self.send_response(204)  # whatever is not 2xx is sent again
        self.end_headers()

    def log_message(self, *words):
        pass


def show(told):
    alert = told["alert"] or {"severity": "info", "text": "a test"}
    print(told["at"], told["event"], alert["severity"], alert["text"], flush=True)


def main():
    server = HTTPServer(("127.0.0.1", int(sys.argv[1])), Handler)
    server.secret = os.environ["WEBHOOK_SECRET"].encode()
    print(f"receives at port {server.server_port}", file=sys.stderr, flush=True)
    server.serve_forever()


if __name__ == "__main__":
    main()
