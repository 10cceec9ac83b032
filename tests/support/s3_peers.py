"""
S3 servers of another make, each as one region: versitygw, which tests/peers.sh builds. They check
signatures, regions, clocks and hashes themselves, and keep each object as a file.
"""

import hashlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from .paths import SOURCE_ROOT

ACCESS_KEY = "wildcam-test"
SECRET_KEY = "wildcam+test/secret"
TIMEOUT = 60  # a safety net
# Below the ports that the kernel hands out by itself, so that a server which is stopped finds its
# own free when it comes back.
PORTS = range(20000, 30000)
ATTRIBUTE = "user.wildcam.test"


def missing(reason):
    """Skips the test, or fails it where CI=true."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


def versitygw():
    """The program; without it the test is skipped, or fails where CI=true."""
    built = Path(os.environ.get("WILDCAM_PEERS", SOURCE_ROOT / "build-peers")) / "versitygw"
    found = built if built.exists() else shutil.which("versitygw")
    if found:
        return str(found)
    return missing("no versitygw: tests/peers.sh builds it, where there is Go")


def own_address():
    """
    A loopback address that no other process of the tests has: while a server is stopped, one of
    another test cannot come to stand where its clients still send to.
    """
    pid = os.getpid()
    return f"127.{1 + (pid >> 16) % 127}.{pid >> 8 & 255}.{pid & 255}"


def free_port(address="127.0.0.1"):
    for port in random.sample(PORTS, 200):
        with socket.socket() as attempt:
            try:
                attempt.bind((address, port))
                return port
            except OSError:
                continue
    raise AssertionError("there is no free port")


def wait_until_open(port, process, log, address="127.0.0.1"):
    """Until a server that was just started takes connections."""
    deadline = time.monotonic() + TIMEOUT
    while True:
        try:
            socket.create_connection((address, port), 1).close()
            return
        except OSError:
            assert process.poll() is None and time.monotonic() < deadline, \
                f"the server does not start: {log()}"
            time.sleep(0.02)


def _has_attributes(directory):
    try:
        os.setxattr(directory, ATTRIBUTE, b"1")
        os.removexattr(directory, ATTRIBUTE)
        return True
    except OSError:
        return False


class Region:
    """
    One server with one bucket, started at once. It may be stopped, killed, paused and started
    again; its objects outlive it.
    """

    def __init__(self, name, directory, bucket=None):
        self.name = name
        self.bucket = bucket or f"wildcam-{name}"
        self.directory = Path(directory)
        self.files = self.directory / "objects"
        (self.files / self.bucket).mkdir(parents=True)
        self.log_path = self.directory / "versitygw.log"
        self.address = own_address()
        self.port = free_port(self.address)
        self.process = None
        self.is_paused = False
        self._command = [versitygw(), "--port", f"{self.address}:{self.port}", "--region", name,
                         "--access", ACCESS_KEY, "--secret", SECRET_KEY, "--keep-alive", "posix"]
        if not _has_attributes(self.files):  # where else the objects' headers are kept
            (self.directory / "sidecar").mkdir()
            self._command += ["--sidecar", str(self.directory / "sidecar")]
        self._command.append(str(self.files))
        self.start()

    @property
    def url(self):
        return f"http://{self.address}:{self.port}"

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def start(self):
        """Starts it, or starts it again, and waits until it takes connections."""
        with open(self.log_path, "ab") as log:
            self.process = subprocess.Popen(self._command, stdin=subprocess.DEVNULL, stdout=log,
                                            stderr=log)
        wait_until_open(self.port, self.process, lambda: self.log, self.address)

    def stop(self):
        """In good order: what is under way may end."""
        self.heal()
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(10)
            except subprocess.TimeoutExpired:  # it waits for connections that are kept alive
                self.kill()

    def kill(self):
        self.process.kill()
        self.process.wait(TIMEOUT)
        self.is_paused = False

    def pause(self):
        """Connections are still made, by the kernel, but nothing is answered."""
        self.process.send_signal(signal.SIGSTOP)
        self.is_paused = True

    def heal(self):
        """Undoes pause()."""
        if self.is_paused:
            self.process.send_signal(signal.SIGCONT)
            self.is_paused = False

    # ---- what it has ----

    def objects(self):
        """SHA-256 by key, of the files as they lie on the disk."""
        bucket = self.files / self.bucket
        return {str(path.relative_to(bucket)): hashlib.sha256(path.read_bytes()).hexdigest()
                for path in bucket.rglob("*")
                if path.is_file() and not path.relative_to(bucket).parts[0].startswith(".sgwtmp")}

    def count(self):
        return sum(path.is_file() for path in (self.files / self.bucket).rglob("*.jpg"))

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()
