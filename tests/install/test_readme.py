"""README.md: its program is built and run as it says, its paths and commands are there."""

import os
import re
import shlex
import subprocess

import pytest
from support.paths import SOURCE_ROOT, make_pictures

from conftest import run

README = (SOURCE_ROOT / "README.md").read_text()


def block(language):
    """The one piece of that language."""
    piece, = re.findall(rf"^```{language}\n(.*?)^```$", README, re.M | re.S)
    return piece


def test_program_keeps_pictures(installed, tmp_path):
    name, = re.findall(r"A complete program, `(.*)`:", README)
    (tmp_path / name).write_text(block("c"))
    pictures = make_pictures(tmp_path, 2)
    commands = block("sh").replace("cc ", "cc -Wall -Wextra -Werror ")
    output = run("sh", "-euc", commands, cwd=tmp_path, env=installed.environment)
    assert output.count("gate") == len(pictures)
    assert (tmp_path / "station/station.db").exists()
    (tmp_path / "cut.jpg").write_bytes(pictures[0].read_bytes()[:-100])
    failed = subprocess.run(["./keep", "cut.jpg"], cwd=tmp_path, env=installed.environment,
                            capture_output=True, text=True, check=False)
    assert failed.returncode == 1
    assert failed.stderr.splitlines()[-1].startswith("cut.jpg: "), "it names the file"


def test_is_short():
    assert README.count("\n") < 150
    assert block("c").count("\n") <= 20


def test_links_lead_somewhere():
    links = re.findall(r"\]\(([^)]+)\)", README)
    assert links
    for link in links:
        assert (SOURCE_ROOT / link).exists(), link


def indented(first):
    """The commands, set off by four blanks, that begin with a word."""
    return [shlex.split(line, comments=True)
            for line in re.findall(rf"^    ({re.escape(first)}.*)$", README, re.M)]


@pytest.mark.parametrize("script", ["examples/quickstart.sh", "tests/run.sh",
                                    "examples/packages.sh"])
def test_scripts_are_there(script):
    assert indented(script)
    assert os.access(SOURCE_ROOT / script, os.X_OK)


def test_quickstart_builds_the_programs_that_are_named():
    """Who has done no more than the first step finds them."""
    programs = re.findall(r"`build/(examples/[\w/-]+)`", README)
    assert len(programs) == 2
    script = (SOURCE_ROOT / "examples/quickstart.sh").read_text()
    targets, = re.findall(r'ninja -C "\$build" (.*)', script)
    assert set(programs) <= set(targets.split())


def test_tool_does_what_is_shown(installed, tmp_path):
    """The commands in their order, with folders that a test may write to."""
    make_pictures(tmp_path / "cards/gate", 2)
    places = {"/srv/station": tmp_path / "station", "/media/cards": tmp_path / "cards",
              "/mnt/disk/station": tmp_path / "backup"}
    commands = indented("wildcam ")
    assert len(commands) > 3
    for command in commands:
        run(*[places.get(word, word) for word in command], env=installed.environment)
    assert list((tmp_path / "backup").rglob("station.db"))
