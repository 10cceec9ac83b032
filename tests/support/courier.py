"""The upload engine in a process of its own (upload/courier.c), driven by a test."""

import hashlib
import json
import os
import select
import subprocess
from contextlib import ExitStack

from .paths import build_path
from .s3_script import ACCESS_KEY, SECRET_KEY, S3Script

TIMEOUT = 120  # a safety net
NAMES = ("us-west-2", "us-east-1", "eu-west-1")
KEY = "images/2026/11/26/cam-1/0123456789abcdef.jpg"


class Regions(dict):
    """Scripted S3 servers by the names of their regions, the preferred one first."""

    def __init__(self, names=NAMES, **options):
        super().__init__()
        self._stack = ExitStack()
        for name in names:
            self[name] = self._stack.enter_context(S3Script(name, **options))

    @classmethod
    def of(cls, servers):
        """Servers that somebody else has started, and ends."""
        regions = cls(())
        regions.update(servers)
        return regions

    @property
    def first(self):
        return next(iter(self.values()))

    def objects(self, key=KEY):
        """In which regions an object is."""
        return [name for name, server in self.items() if key in server.stored()]

    def counts(self, operation="PutObject"):
        return tuple(server.count(operation) for server in self.values())

    def play(self, name, times=1, **more):
        for server in self.values():
            server.play(name, times, **more)

    def assert_good(self, outcome, file, region=None, key=KEY):
        """It is in one region, whole, and the engine says so; no request was wrong."""
        region = region or next(iter(self))
        assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == region, outcome
        assert self.objects(key) == [region]
        stored = self[region].stored()[key]
        assert stored.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
        assert outcome["etag"] in ("", stored.etag.strip('"'))
        for server in self.values():
            assert set(server.refused()) <= {"NoSuchKey", "NoSuchUpload", "PreconditionFailed"}
            assert not server.objects.uploads, "parts are left behind"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._stack.close()


def settings_for(servers, **more):
    """A station's settings for these servers as its regions, in their order."""
    return {"s3.regions": ",".join(servers), "s3.access_key": ACCESS_KEY,
            "s3.secret_key": SECRET_KEY,
            **{f"s3.endpoint.{name}": server.url for name, server in servers.items()},
            **{name.replace("__", "."): value for name, value in more.items()}}


class Courier:
    """Used as a context manager, it must come to a good end."""

    def __init__(self, settings, leads=False, prefix=(), environment=None):
        words = [f"{name}={value}" for name, value in settings.items()]
        # What a sanitizer finds ends it, and with that the test.
        variables = {"UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", **os.environ,
                     **(environment or {})}
        self.process = subprocess.Popen(
            [*prefix, build_path("tests/upload/upload_courier"), *(["--lead"] if leads else []),
             *words], bufsize=0, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
            env=variables)
        self.outcomes = []

    def order(self, *words):
        self.process.stdin.write(" ".join(map(str, words)).encode() + b"\n")

    def _line(self):
        readable, _, _ = select.select([self.process.stdout], [], [], TIMEOUT)
        line = self.process.stdout.readline() if readable else b""
        assert line, f"the courier has gone: {self.process.poll()}"
        return json.loads(line)

    def _answer(self, name):
        """Reads on to the line that has this name; what comes before are outcomes."""
        while True:
            line = self._line()
            if name in line:
                return line[name]
            self.outcomes.append(line)

    def wait(self, count=None):
        """The outcomes of those that have come to their end since the last time."""
        self.order("wait", *([] if count is None else [count]))
        self._answer("waited")
        outcomes, self.outcomes = self.outcomes, []
        return outcomes

    def send(self, key, file, *more):
        """One object: its outcome."""
        self.order("send", key, file, *more)
        outcomes = self.wait()
        assert [each["key"] for each in outcomes] == [key]
        return outcomes[0]

    def look(self):
        """What it knows of each region, by name."""
        self.order("look")
        return {each["name"]: each for each in self._answer("regions")}

    def close(self):
        self.process.stdin.close()
        self.process.stdout.read()
        assert self.process.wait(TIMEOUT) == 0, "the courier failed"

    def __enter__(self):
        return self

    def __exit__(self, failure, *_):
        if failure:
            self.process.kill()
            self.process.wait()
            self.process.stdin.close()
        else:
            self.close()
        self.process.stdout.close()
