"""A server on loopback of which each connection does what a test's function says, byte by byte; and
the program that drives the transport."""

import json
import select
import socket
import ssl
import struct
import subprocess
import threading
from dataclasses import dataclass

from support.paths import program

SAFETY_NET = 120


def pattern(length):
    """The bytes of a body that the driver makes up."""
    return bytes((i * 31 + (i >> 8)) & 255 for i in range(length))


@dataclass
class Request:
    method: str
    target: str
    headers: list
    raw: bytes

    def header(self, name):
        """The one value, or None."""
        values = [value for key, value in self.headers if key.lower() == name.lower()]
        assert len(values) <= 1, f"{name} came {len(values)} times"
        return values[0] if values else None

    @property
    def length(self):
        return int(self.header("Content-Length") or 0)


class Connection:
    """One client's. `number` counts them from 0."""

    def __init__(self, sock, number):
        self.sock, self.number = sock, number
        self.buffer = b""

    def read_head(self):
        """None when the client has gone."""
        while b"\r\n\r\n" not in self.buffer:
            data = self.sock.recv(65536)
            if not data:
                return None
            self.buffer += data
        raw, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        first, *lines = raw.decode().split("\r\n")
        method, target, _ = first.split(" ")
        headers = [tuple(part.strip() for part in line.split(":", 1)) for line in lines]
        return Request(method, target, headers, raw)

    def read(self, length):
        """So many bytes of a body, or fewer when the client has gone."""
        parts = [self.buffer[:length]]
        self.buffer = self.buffer[length:]
        missing = length - len(parts[0])
        while missing > 0:
            data = self.sock.recv(min(missing, 65536))
            if not data:
                break
            parts.append(data)
            missing -= len(data)
        return b"".join(parts)

    def send(self, data):
        self.sock.sendall(data)

    def answer(self, status=200, body=b"", headers=()):
        lines = [f"HTTP/1.1 {status} Word", *headers]
        if not any(line.lower().startswith(("content-length", "transfer-encoding"))
                   for line in lines):
            lines.append(f"Content-Length: {len(body)}")
        self.send("\r\n".join([*lines, "", ""]).encode() + body)

    def serve(self, status=200, body=b"", headers=()):
        """A request and its body, answered; False when the client has gone."""
        request = self.read_head()
        if request is None:
            return None
        request.body = self.read(request.length)
        self.answer(status, b"" if request.method == "HEAD" else body, headers)
        return request

    def reset(self):
        """TCP's RST."""
        self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self.sock.close()

    def say_goodbye(self):
        """TLS's close_notify, as a server does for an idle connection, and TCP's FIN."""
        if isinstance(self.sock, ssl.SSLSocket):
            self.sock.settimeout(0)
            try:
                self.sock.unwrap()
            except (OSError, ValueError):
                pass  # it would wait for the client's
            self.sock.settimeout(SAFETY_NET)
        self.sock.shutdown(socket.SHUT_WR)


class Listener:
    """`play(connection)` is called for each connection, in a thread of its own."""

    def __init__(self, play, context=None, backlog=128, buffer=None):
        self.play, self.context = play, context
        self.socket = socket.socket()
        if buffer:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.bind(("127.0.0.1", 0))
        self.socket.listen(backlog)
        self.port = self.socket.getsockname()[1]
        self.url = f"http{'s' if context else ''}://127.0.0.1:{self.port}"
        self.connections, self.failures, self.threads = [], [], []
        self.is_over = False
        self.accepting = threading.Thread(target=self._accept)
        self.accepting.start()

    def _accept(self):
        while True:
            try:
                sock, _ = self.socket.accept()
            except OSError:
                return
            if self.is_over:
                sock.close()
                return
            sock.settimeout(SAFETY_NET)
            connection = Connection(sock, len(self.connections))
            self.connections.append(connection)
            thread = threading.Thread(target=self._run, args=(connection,))
            self.threads.append(thread)
            thread.start()

    def _run(self, connection):
        try:
            if self.context:
                connection.sock = self.context.wrap_socket(connection.sock, server_side=True)
            self.play(connection)
        except (OSError, ssl.SSLError):
            pass  # the client went, which some tests want: what matters is what the client says
        except Exception as failure:  # pylint: disable=broad-except
            self.failures.append(failure)
        finally:
            connection.sock.close()

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        self.is_over = True
        socket.create_connection(("127.0.0.1", self.port)).close()  # ends the accepting
        self.accepting.join()
        self.socket.close()
        for connection in self.connections:
            try:
                connection.sock.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        for thread in self.threads:
            thread.join(SAFETY_NET)
        if not kind:
            assert not self.failures, self.failures


class Driver:
    """tests/upload/transport_driver.c."""

    def __init__(self, settings=None, wrapper=()):
        # pylint: disable-next=consider-using-with
        self.process = subprocess.Popen([*wrapper, program("tests/upload/transport_driver")],
                                        stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        self.buffer = b""
        self.ends = {}
        self.order, self.logged = [], []
        # A busy machine shakes hands slowly.
        settings = {"s3.connect_timeout": SAFETY_NET, **(settings or {})}
        self.opened = self.do("open", settings={key: str(value)
                                                for key, value in settings.items()})

    def tell(self, command, **arguments):
        self.process.stdin.write(json.dumps({"do": command, **arguments}).encode() + b"\n")
        self.process.stdin.flush()

    def _line(self):
        while b"\n" not in self.buffer:
            ready, _, _ = select.select([self.process.stdout], [], [], 5 * SAFETY_NET)
            data = ready and self.process.stdout.read1(1 << 20)
            assert data, f"the driver ended with {self.process.poll()}"
            self.buffer += data
        line, self.buffer = self.buffer.split(b"\n", 1)
        return json.loads(line)

    def hear(self):
        """What a command came to; exchanges that end meanwhile go into `ends` by their names."""
        while True:
            said = self._line()
            if "did" in said:
                return said
            if "log" in said:
                self.logged.append(said["message"])
                continue
            self.ends.setdefault(said["done"], []).append(said)
            self.order.append(said["done"])

    def do(self, command, **arguments):
        self.tell(command, **arguments)
        return self.hear()

    def send(self, url, name="it", **arguments):
        said = self.do("send", url=url, name=name, **arguments)
        assert said["status"] == "WILDCAM_OK", said

    def end(self, name="it"):
        """The last end of an exchange."""
        return self.ends[name][-1]

    def exchange(self, url, **arguments):
        """One exchange, from its beginning to its end."""
        self.send(url, **arguments)
        assert self.do("run")["status"] == "WILDCAM_OK"
        return self.end(arguments.get("name", "it"))

    def __enter__(self):
        return self

    def __exit__(self, kind, *_):
        try:
            if kind:
                self.process.kill()
            else:
                self.do("close")
        finally:
            self.process.stdin.close()
            status = self.process.wait(SAFETY_NET)
            self.process.stdout.close()
        assert kind or status == 0, f"the driver ended with {status}"
