"""Receives alerts from a station, and believes only those that it has signed.

    WEBHOOK_SECRET=... python3 examples/webhook_receiver.py 8099

with these settings of the station:

    alerts.webhook=http://127.0.0.1:8099/alerts
    alerts.webhook_secret=...

Each line on standard output is an alert. A delivery may come more than once, always under the same
X-WildCAM-Delivery: those that were seen are remembered here, a program of one's own keeps them with
what it does about them.
"""

import hashlib
import hmac
import json
import os
import sys
import time
from collections import deque
from http.server import BaseHTTPRequestHandler, HTTPServer

LONGEST = 1 << 20  # bytes of a delivery
TOLERANCE = 300  # seconds by which two clocks may differ
SEEN = deque(maxlen=10000)


def is_genuine(secret, header, body):
    """The HMAC of "UNIX.BODY" under the secret, compared in a time that tells nothing of it; and not
    old, so that nobody can send again what he has overheard."""
    parts = dict(part.split("=", 1) for part in header.split(",") if "=" in part)
    seconds, shown = parts.get("t", ""), parts.get("v1", "")
    if not seconds.isdecimal() or abs(time.time() - int(seconds)) > TOLERANCE:
        return False
    wanted = hmac.new(secret, seconds.encode() + b"." + body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(wanted.encode(), shown.encode())


class Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        length = int(self.headers.get("Content-Length", 0))
        if length > LONGEST:
            self.send_error(413)
            return
        body = self.rfile.read(length)
        if not is_genuine(self.server.secret, self.headers.get("X-WildCAM-Signature", ""), body):
            self.send_error(401)
            return
        delivery = self.headers.get("X-WildCAM-Delivery", "")
        if delivery not in SEEN:
            SEEN.append(delivery)
            show(json.loads(body))
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
    server.serve_forever()


if __name__ == "__main__":
    main()
