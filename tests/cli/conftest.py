"""The tool as a user runs it: each call is a process of its own."""

import json
import os
import sqlite3
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support import make_pictures, program, real_data
from support.paths import SOURCE_ROOT

TIMEOUT = 120  # a safety net


class Result:
    """How a call ended: exit status, standard output and standard error."""

    def __init__(self, status, out, err):
        self.status = status
        self.out = out
        self.err = err

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def rows(self):
        """The lines of a table behind its heading, each split at two spaces and more."""
        lines = self.out.splitlines()
        return [[cell.strip() for cell in line.split("  ") if cell.strip()] for line in lines[1:]]

    def __repr__(self):
        return f"<{self.status}\n{self.out}\n{self.err}>"


def environment(**changes):
    """No setting but those of the test; what a sanitizer finds ends the tool."""
    variables = {name: value for name, value in os.environ.items()
                 if not name.startswith("WILDCAM_")}
    return {**variables, "WILDCAM_DISK_MIN_FREE_BYTES": "0",
            "UBSAN_OPTIONS": "halt_on_error=1:print_stacktrace=1", **changes}


def command_line(arguments):
    return [program("wildcam"), *[word if isinstance(word, bytes) else str(word)
                                  for word in arguments]]


def call(*arguments, status=0, prefix=(), **changes):
    """Runs the tool, which must end with this status; `prefix` is a command that starts it."""
    done = subprocess.run([*prefix, *command_line(arguments)], capture_output=True,
                          timeout=TIMEOUT, env=environment(**changes), check=False)
    result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert result.status == status, result
    assert result.err or status in (0, 1), "a failure without a word"
    return result


def start(*arguments, **streams):
    """Starts the tool, for tests that do something meanwhile."""
    return subprocess.Popen(command_line(arguments), env=environment(), stdout=subprocess.PIPE,
                            **{"stderr": subprocess.PIPE, **streams})


def wait_until(is_so, tool):
    """Waits for something that a running tool does."""
    deadline = time.monotonic() + TIMEOUT
    while not is_so():
        assert tool.poll() is None and time.monotonic() < deadline, "it never came"
        time.sleep(0.005)


def holds(tool, path):
    """Whether a running tool has a file open."""
    for link in Path(f"/proc/{tool.pid}/fd").iterdir():
        try:
            if link.resolve() == path.resolve():
                return True
        except OSError:  # closed meanwhile
            pass
    return False


@contextmanager
def another_writer(database):
    """Somebody else who is writing to one of the station's databases."""
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("BEGIN IMMEDIATE")
        yield
        connection.execute("ROLLBACK")


class Station:
    """A station in a directory, and the tool with --data set to it."""

    def __init__(self, data):
        self.data = data

    def __call__(self, command, *arguments, **options):
        return call(command, "--data", self.data, *arguments, **options)

    def json(self, command, *arguments, **options):
        return self(command, "--json", *arguments, **options).json

    def detections(self, *filters):
        return self.json("query", *filters)["detections"]

    def count(self):
        return self.json("query", "--count")["count"]


@pytest.fixture
def station(tmp_path):
    """The directory of a station that is not there yet."""
    return Station(tmp_path / "station")


@pytest.fixture(scope="session")
def pictures(tmp_path_factory):
    """A dozen different pictures."""
    return make_pictures(tmp_path_factory.mktemp("pictures"), 12)


# ---- packages (packages.py) ----

@pytest.fixture(scope="session")
def example():
    return real_data() / "camtrapdp/example-1.0.2"


@pytest.fixture(scope="session")
def schemas():
    return real_data() / "camtrapdp/schemas-1.0.2"


@pytest.fixture(scope="session")
def frictionless():
    """Validates a package by the program of another make, which tests/peers.sh installs."""
    peers = Path(os.environ.get("WILDCAM_PEERS", SOURCE_ROOT / "build-peers"))
    python = peers / "frictionless/bin/python"
    if not python.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{python} is missing: tests/peers.sh installs it")
        pytest.skip(f"{python} is not there: tests/peers.sh installs it")

    def validate(package, schemas):
        done = subprocess.run([python, Path(__file__).parent / "validate_package.py", package,
                               schemas], capture_output=True, text=True, check=False, timeout=120)
        return done.returncode == 0, done.stdout + done.stderr

    return validate


@pytest.fixture
def fleet(tmp_path, pictures):
    """Two cameras of our own, with and without a place."""
    station = Station(tmp_path / "fleet")
    for camera, some in ("gate", pictures[:3]), ("pond", pictures[3:5]):
        (tmp_path / "cards" / camera).mkdir(parents=True)
        for picture in some:
            (tmp_path / "cards" / camera / picture.name).write_bytes(picture.read_bytes())
    station("ingest", tmp_path / "cards")
    station("cameras", "register", "gate", "--latitude", "50.12345", "--longitude", "4.98765")
    return station
