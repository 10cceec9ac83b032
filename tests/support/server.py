"""A wildcam-server of one's own, on loopback and a free port."""

import os
import re
import select
import signal
import subprocess
import time
from pathlib import Path

from .client import Connection, Form, send
from .paths import program

START_TIMEOUT = 60  # safety nets, with room for sanitizers on a busy machine
STOP_TIMEOUT = 60


class Server:
    """
    Started at once, unless it says why not. Used as a context manager, it is stopped at the end
    and must then leave in good order: status 0, no line in its log but those announced.

    Settings are given by name: Server(directory, {"http.request_timeout": 1}). Further arguments
    are the program's own; `prefix` is a command that starts it.
    """

    def __init__(self, directory, settings=None, arguments=(), prefix=()):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True, exist_ok=True)
        self.data = self.directory / "data"
        self.log_path = self.directory / "server.log"
        self.settings = {"data.dir": self.data, "http.listen": "127.0.0.1:0",
                         "disk.min_free_bytes": 0, "auth.password_cost": 10,
                         **(settings or {})}
        self.arguments = list(arguments)
        self.prefix = list(prefix)
        self.process = None
        self._operations = None
        self.expected = []
        self.start()

    def start(self):
        """Starts it, or starts it again, and waits until it listens."""
        self.launch()
        self.await_ready()

    def launch(self):
        """Starts it without waiting for it."""
        self._operations = None
        options = [word for name, value in self.settings.items()
                   for word in ("--set", f"{name}={value}")]
        # What a sanitizer finds ends the server, and with that the test.
        environment = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", **os.environ}
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(
                [*self.prefix, program("wildcam-server"), *self.arguments, *options],
                stdout=subprocess.PIPE, stderr=log, env=environment)

    def await_ready(self):
        is_ready, _, _ = select.select([self.process.stdout], [], [], START_TIMEOUT)
        line = self.process.stdout.readline().decode() if is_ready else ""
        found = re.fullmatch(r"wildcam-server \S+ listens on (https?)://(.+):(\d+)\n", line)
        if not found:
            self.kill()
            raise AssertionError(f"the server does not start: {line}{self.log}")
        self.scheme = found[1]
        self.address = (found[2].strip("[]"), int(found[3]))

    def files(self, folder):
        """The files below a folder of its data, but the locks of those who use it."""
        return sorted(path for path in (self.data / folder).rglob("*")
                      if path.is_file() and path.suffix != ".lock")

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    @property
    def pid(self):
        return self.process.pid

    @property
    def url(self):
        return f"{self.scheme}://{self.address[0]}:{self.address[1]}"

    # ---- requests ----

    def connect(self, source=None):
        """A connection, from another address of this machine if one is given."""
        return Connection(self.address, source=source)

    @property
    def operations(self):
        """Where it tells how it does; with the setting http.operations alone."""
        if self._operations is None:
            line = self.process.stdout.readline().decode()
            found = re.fullmatch(r"wildcam-server \S+ tells how it does on http://(.+):(\d+)\n",
                                 line)
            assert found, line
            self._operations = (found[1].strip("[]"), int(found[2]))
        return self._operations

    def get(self, path, headers=None):
        return send(self.address, "GET", path, None, headers)

    def post(self, path, body, headers=None):
        return send(self.address, "POST", path, body, headers)

    def put(self, path, body, headers=None):
        return send(self.address, "PUT", path, body, headers)

    def delete(self, path, headers=None):
        return send(self.address, "DELETE", path, None, headers)

    def upload(self, image, device_id="a1b2c3d4", **metadata):
        """A picture as the firmware sends it."""
        return self.post("/api/detections", Form({"device_id": device_id, **metadata}, image))

    # ---- the end ----

    def expect_log(self, *words):
        """Announces that lines with these words may stand in the log."""
        self.expected += words

    def await_log(self, words, times=1):
        """Waits until these words stand in the log, which is written behind what happens."""
        for _ in range(1200):
            if self.log.count(words) >= times:
                return
            time.sleep(0.05)
        raise AssertionError(f"not in the log: {words}\n{self.log}")

    def unexpected_log(self):
        usual = ["registered on its first detection", *self.expected]
        return [line for line in self.log.splitlines()
                if not any(words in line for words in usual)]

    def signal(self, number=signal.SIGTERM):
        self.process.send_signal(number)

    def wait(self):
        """Waits for the end: the exit status."""
        status = self.process.wait(STOP_TIMEOUT)
        self.process.stdout.close()
        return status

    def stop(self):
        """Stops it in good order."""
        self.signal()
        status = self.wait()
        assert status == 0, f"the server ended with {status}: {self.log}"
        assert not self.unexpected_log(), "\n".join(self.unexpected_log())

    def kill(self):
        self.process.kill()
        return self.wait()

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if self.process.poll() is None and failure:
            self.kill()  # the failure is the news, not what it leaves behind
        elif self.process.poll() is None:
            self.stop()
