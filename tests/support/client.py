"""
An HTTP client that sends exactly the bytes it is told to, and a form as a camera writes it.

http.client repairs what it sends and hides what it receives; a test of a server needs neither.
"""

import io
import json
import socket
from http.client import HTTPMessage, parse_headers

TIMEOUT = 60  # a safety net: what is under test answers at once


class Answer:
    """A response: status, headers, body."""

    def __init__(self, status: int, headers: HTTPMessage, body: bytes):
        self.status = status
        self.headers = headers
        self.body = body

    @property
    def json(self):
        return json.loads(self.body)

    @property
    def error(self):
        """The sentence of an error."""
        assert self.status >= 400, f"{self.status}: {self.body[:300]!r}"
        assert self.headers["Content-Type"] == "application/json", self
        assert list(self.json) == ["error"]
        return self.json["error"]

    def __repr__(self):
        return f"<{self.status} {dict(self.headers)} {self.body[:300]!r}>"


class Connection:
    """One connection, on which requests go out and answers are read, in any rhythm."""

    def __init__(self, address, timeout=TIMEOUT, source=None, tls=None):
        self.socket = socket.create_connection(address, timeout, source and (source, 0))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        if tls:
            self.socket = tls.wrap_socket(self.socket, server_hostname=address[0])
        self.file = self.socket.makefile("rb")

    def send(self, data: bytes):
        self.socket.sendall(data)

    def answer(self, method="GET"):
        """
        The next answer; None when the server has closed the connection instead, a ConnectionError
        when it did so within the answer.
        """
        try:
            line = self.file.readline(65536)
        except ConnectionResetError:
            return None
        if not line:
            return None
        if not line.endswith(b"\n"):
            raise ConnectionAbortedError(f"the answer ends after {line!r}")
        version, status, _ = line.decode("latin-1").split(" ", 2)
        assert version == "HTTP/1.1", line
        headers = parse_headers(self.file)
        names = [name.lower() for name in headers.keys()]
        assert len(names) == len(set(names)), f"a header comes twice: {headers.items()}"
        status = int(status)
        if status == 100:
            return self.answer(method)
        has_body = method != "HEAD" and status not in (204, 304)
        size = int(headers.get("Content-Length", -1)) if has_body else 0
        body = self.file.read(max(size, 0))
        if len(body) != size:
            raise ConnectionAbortedError(f"the answer ends after {len(body)} of {size} bytes")
        return Answer(status, headers, body)

    def request(self, method, path, body=None, headers=None):
        self.send(head(method, path, body, headers) + (body or b""))
        return self.answer(method)

    def is_closed(self):
        """Waits for the server to close the connection: True; False when more bytes come."""
        try:
            return self.file.read(1) == b""
        except ConnectionResetError:
            return True

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()


def head(method, path, body=None, headers=None):
    """The bytes of a request up to its body. A header whose value is None is left out."""
    fields = {"Host": "localhost"}
    if body is not None:
        fields["Content-Length"] = str(len(body))
    fields.update(headers or {})
    lines = [f"{method} {path} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in fields.items() if value is not None]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("utf-8", "surrogateescape")


def send(address, method, path, body=None, headers=None):
    """One request on a connection of its own. A dict is sent as JSON."""
    if isinstance(body, dict):
        body = json.dumps(body).encode()
        headers = {"Content-Type": "application/json", **(headers or {})}
    elif isinstance(body, Form):
        headers = {**body.headers, **(headers or {})}
        body = body.body
    with Connection(address) as connection:
        return connection.request(method, path, body, headers)


class Form:
    """
    multipart/form-data as the WildCAM firmware writes it: its boundary, its order, no Content-Type
    for the metadata.
    """

    def __init__(self, metadata=None, image=None, boundary=None):
        device = (metadata or {}).get("device_id") or ""
        self.boundary = boundary or f"----WildCAM{str(device)[:8]}12345674711"
        self.buffer = io.BytesIO()
        self.is_closed = False
        if metadata is not None:
            self.part(json.dumps(metadata).encode(), 'name="metadata"')
        if image is not None:
            self.part(image, 'name="image"; filename="capture.jpg"', "Content-Type: image/jpeg")

    def part(self, content: bytes, disposition, *lines):
        """Adds a part; `disposition` is what stands behind `form-data; `."""
        self.buffer.write(b"\r\n" if self.buffer.tell() else b"")
        self.buffer.write("\r\n".join([f"--{self.boundary}",
                                       f"Content-Disposition: form-data; {disposition}", *lines,
                                       "", ""]).encode("utf-8", "surrogateescape"))
        self.buffer.write(content)
        return self

    @property
    def headers(self):
        return {"Content-Type": f"multipart/form-data; boundary={self.boundary}"}

    @property
    def body(self):
        return self.buffer.getvalue() + f"\r\n--{self.boundary}--\r\n".encode()
