"""
An S3 server that does what a test tells it: it checks signatures as S3 does, keeps objects in
memory, notes each request, and plays every way in which a region can fail (s3_acts.py).

    with S3Script("us-west-2") as server:
        server.play("503", times=2, key="images/*")
        ... upload ...
        assert server.count("PutObject") == 3

For programs that are not in Python it runs by itself, with a control port: s3_control.py.
"""

import base64
import hashlib
import socket
import threading
import time
from contextlib import nullcontext
from dataclasses import dataclass, field
from email.utils import formatdate
from http.client import responses
from urllib.parse import unquote

from . import s3_acts as acts
from .s3_objects import Answer, Body, Objects, S3Error, operation_of
from .s3_signature import UNSIGNED, Account, Verifier
from .s3_wire import CHUNK, Gone, Wire, Woken

ACCESS_KEY = "AKIAWILDCAMTEST00001"
SECRET_KEY = "wildcam+test/secret0123456789abcdefghijk"
TIMEOUT = 60  # a safety net


@dataclass
class Request:
    """One request, as it came in and as it went on."""
    number: int
    connection: int  # its number
    earlier: int  # requests on that connection before
    began: float  # of time.monotonic(), as the others
    method: str
    path: str
    raw_query: str
    header_lines: list
    bucket: str = ""
    key: str = ""
    operation: str = None
    act: str = ""  # what was played
    refusal: str = ""  # the code of the error, when it was not a played one
    status: int = 0  # that was sent, 0 for none
    body_size: int = 0  # how much of it came
    ended: float = 0

    def __post_init__(self):
        self.headers = {}
        for name, value in self.header_lines:
            name = name.lower()
            self.headers[name] = f"{self.headers[name]},{value}" if name in self.headers else value
        pairs = (pair.partition("=") for pair in self.raw_query.split("&") if pair)
        self.query = {unquote(name): unquote(value) for name, _, value in pairs}

    @property
    def host(self):
        return self.headers.get("host", "")


@dataclass
class Connection:
    """As others than its thread know it."""
    number: int
    wire: Wire
    is_idle: bool = False
    requests: int = 0
    thread: threading.Thread = field(default=None)


class S3Script:
    """
    Runs from its making until stop(). `authority` (certificates.py) makes it speak TLS. Its region
    and its buckets are those of one S3 region; three regions are three of these. `inside` makes a
    context in which its sockets are made (link.py).
    """

    def __init__(self, region="us-west-2", buckets=None, authority=None, accounts=None,
                 names=(), domains=("localhost",), receive_buffer=0, address="127.0.0.1",
                 inside=nullcontext, **objects):
        self.region = region
        self.buckets = buckets or [f"wildcam-{region}"]
        self.accounts = accounts or {ACCESS_KEY: Account(SECRET_KEY)}
        self.objects = Objects(self.buckets, **objects)
        self.script = acts.Script()
        self.clock_offset = 0  # seconds by which its clock is ahead
        self.requests = []
        self._late = []
        self._verifier = Verifier(region, self.accounts, self.clock)
        self._context = authority.context(*names, file=f"server-{region}") if authority else None
        self._domains = domains
        self._receive_buffer = receive_buffer
        self.address = address
        self._inside = inside
        self._connections = {}
        self._made = 0
        self._changed = threading.Condition()
        self._is_stopped = False
        # Keeps the port while nobody listens on it.
        self._reserved = self._socket()
        self._reserved.bind((self.address, 0))
        self.port = self._reserved.getsockname()[1]
        self._listener = self._acceptor = None
        self._fillers = []
        self.accept()

    # ---- its address ----

    @property
    def host(self):
        return "localhost" if self._context else self.address

    @property
    def url(self):
        return f"{'https' if self._context else 'http'}://{self.host}:{self.port}"

    def clock(self):
        return time.time() + self.clock_offset

    # ---- listening ----

    def _socket(self):
        with self._inside():
            made = socket.socket()
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
        if self._receive_buffer:
            made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, self._receive_buffer)
        return made

    def _listen(self, backlog):
        self._listener = self._socket()
        self._listener.bind((self.address, self.port))
        self._listener.listen(backlog)

    def accept(self):
        """Takes connections: as at the beginning, and again after refuse() and stall()."""
        self._deafen()
        self._listen(512)
        self._acceptor = threading.Thread(target=self._accept_loop, args=(self._listener,),
                                          daemon=True)
        self._acceptor.start()

    def refuse(self):
        """From now on connections are refused, and those that there are, reset."""
        self._deafen()
        self._order_all("reset")

    def stall(self):
        """From now on attempts to connect get no answer; those that there are, are reset."""
        self._deafen()
        self._order_all("reset")
        self._listen(0)
        # A queue of connections that nobody takes: when it is full, the kernel drops the rest.
        for _ in range(4):
            with self._inside():
                filler = socket.socket()
            filler.setblocking(False)
            filler.connect_ex((self.address, self.port))
            self._fillers.append(filler)

    def _deafen(self):
        if self._listener:
            try:
                self._listener.shutdown(socket.SHUT_RDWR)  # wakes the acceptor
            except OSError:
                pass
            if self._acceptor:
                self._acceptor.join(TIMEOUT)
            self._listener.close()
        for filler in self._fillers:
            filler.close()
        self._listener = self._acceptor = None
        self._fillers = []

    def _accept_loop(self, listener):
        while True:
            try:
                accepted, _ = listener.accept()
            except OSError:
                return
            try:
                wire = Wire(accepted, self._context)
            except OSError:  # it has gone already
                accepted.close()
                continue
            with self._changed:
                self._made += 1
                connection = Connection(self._made, wire)
                self._connections[connection.number] = connection
                connection.thread = threading.Thread(target=self._serve, args=(connection,),
                                                     daemon=True)
                connection.thread.start()
                self._changed.notify_all()

    # ---- what a test says ----

    def play(self, name, times=1, **more):
        """See s3_acts.py."""
        with self._changed:
            return self.script.play(name, times, **more)

    def play_well(self):
        """Takes all back that was to be played, and lets go of what hangs."""
        with self._changed:
            self.script.clear()
        self._order_all("reset", idle_too=False)

    def come_to_light(self):
        """Does what was asked and not done yet, as a server that has got stuck does at last."""
        with self._changed:
            for request, body in self._late:
                self.objects.answer(request, body)
            self._late = []
            self._changed.notify_all()

    def close_idle(self, at_least=1, word="close"):
        """
        Closes the connections on which nothing is under way, without a word, as a server does with
        pooled ones; `word` may be "reset". Waits for so many of them, and says how many there were.
        """
        self.wait_for(lambda: sum(each.is_idle for each in self._connections.values()) >= at_least)
        return self._order_all(word, busy_too=False)

    def _order_all(self, word, idle_too=True, busy_too=True):
        with self._changed:
            chosen = [each for each in self._connections.values()
                      if (idle_too if each.is_idle else busy_too)]
            for each in chosen:
                each.wire.order(word)
        for each in chosen:
            if each.thread is not threading.current_thread():
                each.thread.join(TIMEOUT)
        return len(chosen)

    # ---- what a test asks ----

    def wait_for(self, is_so, timeout=TIMEOUT):
        """Until something is so that requests and connections change."""
        with self._changed:
            assert self._changed.wait_for(is_so, timeout), f"it never came: {self.requests[-20:]}"

    def of(self, operation="*", key="*"):
        """The requests of a kind, in the order in which their heads came."""
        with self._changed:
            return [each for each in self.requests
                    if operation in ("*", each.operation) and acts.fnmatchcase(each.key, key)]

    def count(self, operation="*", key="*"):
        return len(self.of(operation, key))

    def refused(self):
        """The codes of the errors that nobody had asked it to play."""
        return [each.refusal for each in self.of() if each.refusal]

    def forget(self):
        """Requests, objects and uploads under way, as if nobody had ever come."""
        with self._changed:
            self.requests = []
            self.objects.forget()

    @property
    def connections_made(self):
        return self._made

    def stored(self, bucket=None):
        """The objects of a bucket by their keys."""
        return self.objects.buckets[bucket or self.buckets[0]]

    # ---- the end ----

    def stop(self):
        self._is_stopped = True
        self._deafen()
        self._order_all("close")
        self._reserved.close()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    # ---- one connection ----

    def _serve(self, connection):
        try:
            connection.wire.shake_hands()
            while self._one_request(connection):
                pass
            connection.wire.close()
        except Woken as order:
            getattr(connection.wire, str(order))()
        except Gone:
            connection.wire.close()
        finally:
            with self._changed:
                del self._connections[connection.number]
                self._changed.notify_all()

    def _one_request(self, connection):
        """False when the connection is to be closed."""
        with self._changed:
            connection.is_idle = True
            self._changed.notify_all()
        try:
            head = connection.wire.read_head()
        finally:
            with self._changed:
                connection.is_idle = False
        request = self._begin(connection, head)
        act = None
        try:
            with self._changed:
                act = self.script.take(request)
                request.act = act.name if act else ""
            return self._play(connection.wire, request, act)
        finally:
            with self._changed:
                request.ended = time.monotonic()
                self._changed.notify_all()

    def _begin(self, connection, head):
        first, *lines = head.decode("latin-1").split("\r\n")
        if first.count(" ") != 2:
            raise Gone(f"no HTTP: {first}")
        method, target, _ = first.split(" ")
        path, _, query = target.partition("?")
        with self._changed:
            request = Request(len(self.requests) + 1, connection.number, connection.requests,
                              time.monotonic(), method, path, query,
                              [(name, value.strip()) for name, _, value in
                               (line.partition(":") for line in lines)])
            request.bucket, request.key = self._place(request)
            request.operation = operation_of(method, request.key, request.query)
            connection.requests += 1
            self.requests.append(request)
            self._changed.notify_all()
        return request

    def _place(self, request):
        """Bucket and key, of either style."""
        host = request.host.rsplit(":", 1)[0]
        key = unquote(request.path)[1:]
        for domain in self._domains:
            if host.endswith("." + domain):
                return host[:-len(domain) - 1], key
        bucket, _, key = key.partition("/")
        return bucket, key

    def _play(self, wire, request, act):
        stage = act.stage if act else acts.STORED
        refusal = payload = None
        try:
            payload = self._verifier.check_head(request)
        except S3Error as error:
            refusal = error
        if stage == acts.HEAD:
            return self._end(wire, request, act, None)
        body = self._read_body(wire, request, act)
        if stage == acts.HALF:
            return self._end(wire, request, act, None)
        if refusal is None:
            try:
                self._verifier.check_body(payload or UNSIGNED, body)
            except S3Error as error:
                refusal = error
        if refusal is None and stage == acts.STORED:
            try:
                with self._changed:
                    answer = self.objects.answer(request, body)
            except S3Error as error:
                refusal = error
        if refusal:
            request.refusal = refusal.code
            answer = refusal.answer()
            if act and act.end == acts.ANSWER:
                act = None  # what is really wrong comes before a played answer
        elif stage == acts.BODY:
            answer = None
            if act.is_late:
                self._late.append((request, body))
        return self._end(wire, request, act, answer)

    def _read_body(self, wire, request, act):
        if "chunked" in request.headers.get("transfer-encoding", ""):
            raise Gone("a body without a length")  # S3 wants one
        length = int(request.headers.get("content-length", 0))
        if request.headers.get("expect") == "100-continue":
            wire.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        if act and act.stage == acts.HALF:
            length //= 2
        body = Body()
        began = time.monotonic()
        while body.size < length:
            if act and act.rate:
                wire.pause(max(0, began + body.size / act.rate - time.monotonic()))
            body.add(wire.read(min(length - body.size, 4096 if act and act.rate else CHUNK)))
            request.body_size = body.size
        with self._changed:
            self._changed.notify_all()
        return body

    def _end(self, wire, request, act, answer):
        """The answer, or what is played in its stead."""
        end = act.end if act else acts.WELL
        if act and act.delay:
            wire.pause(act.delay)
        if end == acts.RESET:
            raise Woken("reset")
        if end == acts.CLOSE:
            return False
        if end == acts.HANG:
            if act.stage == acts.HEAD:
                wire.wait_until_gone()
            wire.read_until_gone()
        if end == acts.ANSWER:
            answer = self._played_answer(request, act)
        data = self._write(request, answer, act)
        if end == acts.HALF_HEAD:
            wire.send(data[:20])
            return False
        if end == acts.HALF_ANSWER:
            wire.send(data[:-max(1, len(answer.body) // 2)])
            return False
        request.status = answer.status  # before the client can ask for it
        wire.send(data)
        if act and act.stage == acts.HEAD:
            wire.read_until_gone()  # to close at once would destroy the answer on its way
        if end in ("close_after", "reset_after"):
            raise Woken(end.split("_", maxsplit=1)[0])
        return request.headers.get("connection") != "close"

    def _played_answer(self, request, act):
        if not act.code:
            text = f"<html><h1>{act.status} {responses.get(act.status)}</h1></html>"
            return Answer(act.status, {"Content-Type": "text/html", **act.headers}, text.encode())
        fields = {"Region": act.region} if act.region else {}
        headers = {"x-amz-bucket-region": act.region} if act.region else {}
        return S3Error(act.status, act.code, act.message, {**headers, **act.headers}, **fields,
                       RequestId=f"{request.number:016X}").answer()

    def _write(self, request, answer, act):
        now = self.clock() + (act.clock if act else 0)
        headers = {"Date": formatdate(now, usegmt=True), **answer.headers}
        if not act or act.code or act.end != acts.ANSWER:  # a proxy does not write these
            headers.update({"Server": "S3Script", "x-amz-request-id": f"{request.number:016X}",
                            "x-amz-id-2": base64.b64encode(hashlib.sha256(
                                str(request.number).encode()).digest()).decode()})
        body = b"" if request.method == "HEAD" or answer.status == 204 else answer.body
        if act and act.end == acts.HALF_ANSWER:
            body = body or b" " * 64
            answer.body = body
        if act and act.stage == acts.HEAD:
            headers["Connection"] = "close"
        if act and act.is_chunked:
            headers["Transfer-Encoding"] = "chunked"
            # As S3 does while it puts an object together: blanks first, that hold the line.
            body = b"".join(b"%x\r\n%s\r\n" % (len(piece), piece)
                            for piece in (body[:39], b" " * 16, body[39:]) if piece) + b"0\r\n\r\n"
        elif "Content-Length" not in headers and answer.status != 204:
            headers["Content-Length"] = str(len(body))
        lines = [f"HTTP/1.1 {answer.status} {responses.get(answer.status, 'Unknown')}",
                 *(f"{name}: {value}" for name, value in headers.items())]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + body
