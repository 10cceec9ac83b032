"""The bar: on a terminal alone, with done, total, rate and time left, and gone at the end."""

import errno
import fcntl
import os
import pty
import re
import struct
import subprocess
import termios

import pytest
from conftest import call, command_line, environment
from support import make_pictures


def on_terminal(*arguments, columns=100, terminal="xterm"):
    """Runs the tool with a terminal for standard error: exit status, output, what was drawn."""
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    tool = subprocess.Popen(command_line(arguments), stdout=subprocess.PIPE, stderr=theirs,
                            env=environment(TERM=terminal))
    os.close(theirs)
    drawn = b"".join(iter(lambda: read_terminal(ours), b""))
    os.close(ours)
    out, _ = tool.communicate()
    return tool.returncode, out.decode(), drawn.decode()


def read_terminal(terminal):
    """The next bytes; none when the other end is closed, which Linux tells by an error."""
    try:
        return os.read(terminal, 65536)
    except OSError as error:
        assert error.errno == errno.EIO
        return b""


def screen(drawn):
    """The lines that are left on the screen; the tool erases a line before it writes another."""
    lines = [line.split("\r")[-1].replace("\x1b[K", "") for line in drawn.split("\r\n")]
    return [line for line in lines if line]


BAR = re.compile(r"pictures \[#*\.*\] +(\d+) %  (\d+) of (\d+)  [\d.]+/s  \d+:\d\d left")


def test_ingest_shows_done_total_rate_and_time_left(station, tmp_path):
    make_pictures(tmp_path / "CAM01", 40)
    status, out, drawn = on_terminal("ingest", "--data", station.data, tmp_path / "CAM01")
    assert status == 0 and "40 pictures kept" in out
    bars = BAR.findall(drawn)
    assert bars, repr(drawn)
    assert bars[-1] == ("100", "40", "40")
    assert [int(done) for _, done, _ in bars] == sorted(int(done) for _, done, _ in bars)
    assert screen(drawn) == [], "it is gone at the end"


def test_sentences_stand_on_lines_of_their_own(station, tmp_path):
    make_pictures(tmp_path / "CAM01", 20)
    for number in (3, 9):
        (tmp_path / f"CAM01/picture_{number}.jpg").write_bytes(b"no picture")
    status, _, drawn = on_terminal("ingest", "--data", station.data, tmp_path / "CAM01")
    assert status == 1
    lines = screen(drawn)
    assert len(lines) == 2 and all(line.startswith("wildcam ingest: ") for line in lines)


@pytest.mark.parametrize("columns", [20, 45, 60, 200])
def test_the_bar_fits_its_terminal(station, pictures, columns):
    _, _, drawn = on_terminal("ingest", "--data", station.data, pictures[0].parent,
                              columns=columns)
    drawings = [part.split("\x1b[K")[0] for part in drawn.split("\r")]
    assert max(map(len, drawings)) < columns
    assert any("pictures" in drawing for drawing in drawings)


@pytest.mark.parametrize("command", ["backup", "restore", "check"])
def test_the_other_long_commands_show_it_too(station, pictures, tmp_path, command):
    station("ingest", "--camera", "CAM01", pictures[0].parent)
    call("backup", "--data", station.data, tmp_path / "copy")
    words = {"backup": [tmp_path / "new"], "restore": [tmp_path / "copy"], "check": []}[command]
    data = tmp_path / "restored" if command == "restore" else station.data
    status, _, drawn = on_terminal(command, "--data", data, *words)
    assert status == 0
    assert "databases" in drawn
    assert BAR.findall(drawn)[-1] == ("100", "12", "12")
    assert screen(drawn) == []


def test_a_dumb_terminal_gets_no_bar(station, pictures):
    status, _, drawn = on_terminal("ingest", "--data", station.data, pictures[0].parent,
                                   terminal="dumb")
    assert status == 0 and drawn == ""


def test_a_pipe_gets_none(station, pictures, tmp_path):
    assert station("ingest", pictures[0].parent).err == ""
    assert station("backup", tmp_path / "copy").err == ""
    assert station("check").err == ""
