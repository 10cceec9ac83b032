"""A receiver of webhooks that checks what it gets on its own, and answers as a test says."""

import hashlib
import hmac
import json
import re
import socket
import ssl
import struct
import threading
import time
from collections import namedtuple
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

Delivery = namedtuple("Delivery", "path headers body json at")
PATIENCE = 90  # a safety net


def verify(secret, header, body, now=None):
    """Whether a signature is right and not old, as a receiver has to find out."""
    found = re.fullmatch(r"t=(\d+),v1=([0-9a-f]{64})", header or "")
    if not found or abs((time.time() if now is None else now) - int(found[1])) > 300:
        return False
    wanted = hmac.new(secret.encode(), found[1].encode() + b"." + body, hashlib.sha256)
    return hmac.compare_digest(wanted.hexdigest(), found[2])


class Receiver:
    """
    Listens at once. Each request takes the next of `answers`, and when there is none left 200: a
    status, a status with headers, "reset", "hang", "garbage", "flood", or a function that is called
    with the delivery before a 200.
    """

    def __init__(self, answers=(), port=0, certificate=None):
        self.answers = list(answers)
        self.deliveries = []
        self._news = threading.Condition()
        self._over = threading.Event()
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                receiver.take(self)

            def do_GET(self):
                receiver.take(self)

            def log_message(self, *words):
                pass

        class Quiet(ThreadingHTTPServer):
            daemon_threads = True
            request_queue_size = 100

            def handle_error(self, request, client_address):
                pass  # those that hang up

        self.http = Quiet(("127.0.0.1", port), Handler)
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self.http.socket = context.wrap_socket(self.http.socket, server_side=True)
        self.scheme = "https" if certificate else "http"
        self.port = self.http.server_address[1]
        threading.Thread(target=self.http.serve_forever, args=(0.05,), daemon=True).start()

    @property
    def url(self):
        return f"{self.scheme}://127.0.0.1:{self.port}/hook/s3cr3t?key=t0k3n"

    def take(self, handler):
        body = handler.rfile.read(int(handler.headers.get("Content-Length", 0)))
        try:
            parsed = json.loads(body)
        except ValueError:
            parsed = None
        delivery = Delivery(handler.path, handler.headers, body, parsed, time.monotonic())
        with self._news:
            self.deliveries.append(delivery)
            answer = self.answers.pop(0) if self.answers else 200
            self._news.notify_all()
        self.answer(handler, answer, delivery)

    def answer(self, handler, answer, delivery):
        if answer == "reset":
            handler.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                          struct.pack("ii", 1, 0))
            handler.close_connection = True
            handler.connection.close()
            return
        if answer == "hang":
            self._over.wait(PATIENCE)
            return
        if answer == "garbage":
            handler.wfile.write(b"\x00\x01\x02 not HTTP at all\r\n\r\n")
            handler.close_connection = True
            return
        content = b"thanks"
        if answer == "flood":
            content = b"x" * 10_000_000
        if callable(answer):
            answer(delivery)
        status, headers = answer if isinstance(answer, tuple) else (answer, {})
        handler.send_response(status if isinstance(status, int) else 200)
        for name, value in headers.items():
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)

    def wait(self, count, of=lambda delivery: True):
        """Waits until so many have come: them."""
        def found():
            return [delivery for delivery in self.deliveries if of(delivery)]
        with self._news:
            assert self._news.wait_for(lambda: len(found()) >= count, PATIENCE), self.deliveries
            return found()

    def close(self):
        self._over.set()
        self.http.shutdown()
        self.http.server_close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()
