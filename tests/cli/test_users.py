"""wildcam users."""

import os
import pty
import re
import signal
import sqlite3
import subprocess
import termios
from contextlib import closing

import pytest
from conftest import TIMEOUT, Result, command_line, environment

PASSWORD = "correct horse 7"


def pipe_in(station, *arguments, password=PASSWORD + "\n", status=0):
    """wildcam users, the password coming from a pipe."""
    done = subprocess.run(command_line(["users", "--data", station.data, *arguments]),
                          input=os.fsencode(password), capture_output=True, timeout=TIMEOUT,
                          env=environment(), check=False)
    result = Result(done.returncode, done.stdout.decode(), done.stderr.decode())
    assert result.status == status, result
    return result


class Terminal:
    """wildcam users on a terminal, its prompts included."""

    def __init__(self, station, *arguments):
        self.ours, self.theirs = pty.openpty()
        self.before = termios.tcgetattr(self.theirs)
        self.shown = b""
        self.tool = subprocess.Popen(
            command_line(["users", "--data", station.data, *arguments]), stdin=self.theirs,
            stdout=subprocess.PIPE, stderr=self.theirs, env=environment(), start_new_session=True)

    def wait_for(self, words):
        """Until the terminal has shown them; a tool that ends without them never will."""
        while words not in self.shown:
            self.shown += os.read(self.ours, 4096)

    def type(self, text):
        os.write(self.ours, text)

    def end(self):
        """The exit status, and all that was shown."""
        status = self.tool.wait(TIMEOUT)
        is_as_before = termios.tcgetattr(self.theirs) == self.before
        os.close(self.theirs)
        try:
            while chunk := os.read(self.ours, 4096):
                self.shown += chunk
        except OSError:
            pass  # how Linux tells that the other end is closed
        os.close(self.ours)
        self.tool.stdout.close()
        assert is_as_before, "the echo is on again"
        return status, self.shown.decode()


def kept(station):
    with closing(sqlite3.connect(station.data / "station.db")) as database:
        return dict(database.execute("SELECT name, scrypt FROM users"))


def test_makes_one_and_the_station(station):
    assert pipe_in(station, "create", "ann@example.org", "--role", "admin").out == ""
    assert [row[:2] for row in station("users").rows] == [["ann@example.org", "admin"]]


def test_lists_them(station):
    pipe_in(station, "create", "bob", "--role", "viewer")
    pipe_in(station, "create", "ann", "--role", "admin")
    rows = station("users").rows
    assert [row[:2] for row in rows] == [["ann", "admin"], ["bob", "viewer"]]
    assert station("users", "list").rows == rows
    answer = station.json("users")
    assert answer["count"] == 2
    assert [(user["username"], user["role"]) for user in answer["users"]] == [
        ("ann", "admin"), ("bob", "viewer")]


def test_no_password_is_kept(station):
    pipe_in(station, "create", "ann", "--role", "admin")
    for name in os.listdir(station.data):
        if (station.data / name).is_file():
            assert PASSWORD.encode() not in (station.data / name).read_bytes(), name
    pipe_in(station, "create", "bob", "--role", "viewer")
    assert len(set(kept(station).values())) == 2, "the same password has another hash"


def test_the_line_ends_the_password(station):
    """With and without a line's end, and whatever comes behind it, the password is the same."""
    pipe_in(station, "create", "ann", "--role", "admin", password=PASSWORD)
    pipe_in(station, "create", "bob", "--role", "admin", password=f"{PASSWORD}\nsecond line\n")
    assert sorted(kept(station)) == ["ann", "bob"]


def test_changes_a_password(station):
    pipe_in(station, "create", "ann", "--role", "admin")
    before = kept(station)
    pipe_in(station, "password", "ann", password="battery staple 8\n")
    assert kept(station)["ann"] != before["ann"]
    assert 'there is no user "eve"' in pipe_in(station, "password", "eve", status=3).err


def test_changes_a_role(station):
    pipe_in(station, "create", "ann", "--role", "viewer")
    before = kept(station)
    for role in ("admin", "admin", "viewer"):
        assert pipe_in(station, "role", "ann", role, password="").out == ""
        assert station.json("users")["users"][0]["role"] == role
    assert kept(station) == before
    error = pipe_in(station, "role", "eve", "admin", status=3).err
    assert 'there is no user "eve"; wildcam users lists them' in error


def test_removes_them(station):
    for name in ("ann", "bob", "eve"):
        pipe_in(station, "create", name, "--role", "viewer")
    station("users", "remove", "ann", "eve")
    assert [row[0] for row in station("users").rows] == ["bob"]
    result = station("users", "remove", "ann", "bob", status=1)
    assert 'there is no user "ann"; wildcam users lists them' in result.err
    assert 'there is no user "ann"' in station("users", "remove", "ann", status=3).err
    assert station.json("users") == {"users": [], "count": 0}


def test_the_last_admin_does_not_go_unnoticed(station):
    warning = "no admin is left"
    for name, role in (("ann", "admin"), ("bob", "admin"), ("eve", "viewer")):
        pipe_in(station, "create", name, "--role", role)
    assert station("users", "remove", "eve").err == ""
    assert station("users", "role", "bob", "viewer").err == ""
    assert warning in station("users", "role", "ann", "viewer").err
    assert station("users", "remove", "bob").err == "", "there was none before either"
    pipe_in(station, "role", "ann", "admin")
    assert warning in station("users", "remove", "ann").err


def test_help_tells_what_a_password_is(station):
    least, most = re.search(r"has (\d+)\s+characters at least and (\d+) bytes at most",
                            station("users", "--help").out).groups()
    fits, long = "p" * int(least), "p" * int(most)
    cheap = ("--set", "auth.password_cost=10")
    pipe_in(station, "create", "ann", "--role", "admin", *cheap, password=fits)
    pipe_in(station, "create", "bob", "--role", "admin", *cheap, password=long)
    pipe_in(station, "password", "ann", password=fits[1:], status=2)
    pipe_in(station, "password", "ann", password=long + "p", status=2)


def test_one_of_the_name_is_there(station):
    pipe_in(station, "create", "ann", "--role", "viewer")
    before = kept(station)
    error = pipe_in(station, "create", "ann", "--role", "admin", status=3).err
    assert 'there is a user "ann"; wildcam users password gives another password' in error
    assert kept(station) == before and station.json("users")["users"][0]["role"] == "viewer"


def test_a_terminal_shows_no_password_and_asks_twice(station):
    terminal = Terminal(station, "create", "ann", "--role", "admin")
    terminal.wait_for(b"Password: ")
    terminal.type(PASSWORD.encode() + b"\n")
    terminal.wait_for(b"Again: ")
    terminal.type(PASSWORD.encode() + b"\n")
    assert terminal.end() == (0, "Password: \r\nAgain: \r\n")
    assert [row[0] for row in station("users").rows] == ["ann"]


def test_two_that_differ_are_refused(station):
    terminal = Terminal(station, "create", "ann", "--role", "admin")
    terminal.wait_for(b"Password: ")
    terminal.type(PASSWORD.encode() + b"\n")
    terminal.wait_for(b"Again: ")
    terminal.type(PASSWORD.encode() + b"!\n")
    status, shown = terminal.end()
    assert status == 3
    assert "the two passwords are not the same" in shown and PASSWORD not in shown
    assert not station.data.exists()


def test_a_signal_leaves_the_echo_on(station):
    terminal = Terminal(station, "create", "ann", "--role", "admin")
    terminal.wait_for(b"Password: ")
    terminal.type(b"corr")
    terminal.tool.send_signal(signal.SIGTERM)
    status, shown = terminal.end()
    assert status == -signal.SIGTERM
    assert "corr" not in shown and not station.data.exists()


@pytest.mark.parametrize("password, sentence", [
    ("1234567\n", "at least 8 characters, this has 7"),
    ("1234567\0", "not UTF-8"),
    ("\n", "at least 8 characters, this has 0"),
    ("p" * 1025 + "\n", "over 1024 bytes"),
    ("p" * 100000 + "\n", "over 1024 bytes"),
])
def test_what_is_no_password(station, password, sentence):
    error = pipe_in(station, "create", "ann", "--role", "admin", password=password, status=2).err
    assert sentence in error
    assert "1234567" not in error and "ppp" not in error
    assert not station.data.exists()


def test_without_a_password(station):
    error = pipe_in(station, "create", "ann", "--role", "admin", password="", status=3).err
    assert "no password came on standard input" in error
    assert not station.data.exists()


@pytest.mark.parametrize("arguments, sentence", [
    (["make"], 'users can be list, create, password, role or remove, not "make"'),
    (["creat"], "did you mean create"),
    (["create"], "create takes a NAME"),
    (["create", "ann"], "create takes --role viewer or admin"),
    (["create", "ann", "--role", "root"], '--role takes viewer or admin, not "root"'),
    (["create", "ann", "--role", "fleet"], '--role takes viewer or admin, not "fleet"'),
    (["create", "a b", "--role", "admin"], "1 to 64 of A-Za-z0-9._@+-"),
    (["create", "ann", "bob", "--role", "admin"], '"bob" is one word too many'),
    (["password"], "password takes a NAME"),
    (["password", "ann", "bob"], '"bob" is one word too many'),
    (["role"], "role takes a NAME and a ROLE"),
    (["role", "ann"], "role takes a NAME and a ROLE"),
    (["role", "ann", "root"], 'people are viewer or admin, not "root"'),
    (["role", "ann", "fleet"], 'people are viewer or admin, not "fleet"'),
    (["role", "ann", "admin", "bob"], '"bob" is one word too many'),
    (["role", "ann", "--role", "admin"], "role takes a NAME and a ROLE"),
    (["role", "ann", "admin", "--role", "admin"], "only create takes --role"),
    (["remove"], "remove takes a NAME"),
    (["remove", "ann", "--role", "admin"], "only create takes --role"),
    (["list", "ann"], '"ann" is one word too many'),
])
def test_wrong_use(station, arguments, sentence):
    assert sentence in pipe_in(station, *arguments, status=2).err
    assert not station.data.exists(), "it makes no station either"
