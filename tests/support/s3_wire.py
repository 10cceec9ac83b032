"""
A connection of the scripted S3 server: bytes in and out, and each way in which it can end badly.
"""

import select
import socket
import ssl
import struct

HEAD_LIMIT = 64 * 1024
CHUNK = 64 * 1024


class Gone(Exception):
    """The client has closed the connection, or reset it."""


class Woken(Exception):
    """Somebody in the test has an order for this connection: its word."""


class Wire:
    """
    Belongs to one thread. Others reach it through order() alone, which wakes it while it waits:
    TLS allows no second thread on a connection.
    """

    def __init__(self, sock, context=None):
        self.buffer = b""
        self.orders, self.ordered = socket.socketpair()
        self.socket = sock
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.is_encrypted = context is not None
        if context:
            # The handshake is waited for as anything else, so that an order ends it too.
            self.socket = context.wrap_socket(sock, server_side=True, do_handshake_on_connect=False)
        self.socket.setblocking(False)

    # ---- waiting ----

    def order(self, word):
        """From any thread: raises Woken(word) where the connection waits."""
        try:
            self.orders.send(word.encode() + b"\n")
        except OSError:
            pass  # it has come to its end by itself

    def wait(self, for_writing=False, timeout=None):
        """Until the socket is ready; False when the time is over first."""
        reading = [self.ordered] if for_writing else [self.ordered, self.socket]
        readable, writable, _ = select.select(reading, [self.socket] if for_writing else [], [],
                                              timeout)
        if self.ordered in readable:
            raise Woken(self.ordered.recv(64).decode().split("\n")[0])
        return bool(readable or writable)

    def pause(self, seconds):
        """Does nothing for so long, but obeys orders."""
        readable, _, _ = select.select([self.ordered], [], [], seconds)
        if readable:
            raise Woken(self.ordered.recv(64).decode().split("\n")[0])

    def _repeat(self, action):
        """Calls it until it does not want to wait any more."""
        while True:
            try:
                return action()
            except (BlockingIOError, ssl.SSLWantReadError):
                self.wait()
            except ssl.SSLWantWriteError:
                self.wait(for_writing=True)
            except (ssl.SSLError, OSError) as failure:
                raise Gone(str(failure)) from failure

    def shake_hands(self):
        if self.is_encrypted:
            self._repeat(self.socket.do_handshake)

    # ---- reading ----

    def _receive(self, size):
        return self._repeat(lambda: self.socket.recv(size))

    def read(self, size):
        """At least one byte and at most `size`."""
        if self.buffer:
            data, self.buffer = self.buffer[:size], self.buffer[size:]
            return data
        data = self._receive(size)
        if not data:
            raise Gone("the client has closed the connection")
        return data

    def read_head(self):
        """A request's bytes up to its empty line."""
        while b"\r\n\r\n" not in self.buffer:
            if len(self.buffer) > HEAD_LIMIT:
                raise Gone("the request's head is too long")
            data = self._receive(CHUNK)
            if not data:
                raise Gone("the client has closed the connection")
            self.buffer += data
        head, self.buffer = self.buffer.split(b"\r\n\r\n", 1)
        return head

    def read_until_gone(self):
        """Takes what comes, and never answers."""
        while True:
            self.read(CHUNK)

    def wait_until_gone(self):
        """Reads nothing more: the client's bytes pile up until it loses patience."""
        poller = select.poll()
        poller.register(self.socket, select.POLLRDHUP | select.POLLHUP | select.POLLERR)
        poller.register(self.ordered, select.POLLIN)
        ready = [number for number, _ in poller.poll()]
        if self.ordered.fileno() in ready:
            raise Woken(self.ordered.recv(64).decode().split("\n")[0])
        raise Gone("the client has lost patience")

    # ---- writing ----

    def send(self, data):
        view = memoryview(data)
        while view:
            sent = self._repeat(lambda: self.socket.send(view))  # pylint: disable=W0640
            view = view[sent:]

    # ---- the end ----

    def close(self):
        """In good order: TLS's close_notify, then TCP's FIN."""
        if self.is_encrypted:
            try:
                self.socket.unwrap()  # sends ours, and would wait for the client's
            except (OSError, ValueError):
                pass
        self._release()

    def reset(self):
        """TCP's RST."""
        try:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        except OSError:
            pass
        self._release()

    def _release(self):
        self.socket.close()
        self.orders.close()
        self.ordered.close()
