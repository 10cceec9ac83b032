"""README.md: its program is built and run as it says, its paths and commands are there."""

import json
import os
import re
import shlex
import subprocess

import pytest
from support.paths import SOURCE_ROOT, make_pictures

from conftest import run

REGIONS = ("us-west-2", "us-east-1", "eu-west-1")
ACCESS_KEY = "AKIAWILDCAMTEST00001"  # of support/s3_script.py, which needs another Python
SECRET_KEY = "wildcam+test/secret0123456789abcdefghijk"
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
    assert README.count("\n") < 165
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
              "/mnt/disk/station": tmp_path / "backup",
              "/mnt/disk/results.json": tmp_path / "results.json"}
    commands = [command for command in indented("wildcam ") if command[1] != "sync"]
    assert len(commands) > 3
    for command in commands:
        asked = "a password\n" if command[1] == "users" else ""
        run(*[places.get(word, word) for word in command], env=installed.environment, input=asked)
    assert list((tmp_path / "backup").rglob("station.db"))
    assert len(json.loads((tmp_path / "results.json").read_text())["images"]) == 2


@pytest.fixture(name="endpoints")
def fixture_endpoints():
    """Scripted S3 servers, in a process of their own: settings that send what is uploaded there."""
    with subprocess.Popen([os.environ["WILDCAM_TEST_PYTHON"], "-m", "support.s3_control",
                           *REGIONS], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                          text=True) as process:
        lines = [process.stdout.readline().split() for _ in REGIONS]
        yield {f"WILDCAM_S3_ENDPOINT_{name.upper().replace('-', '_')}": url for name, url in lines}
        process.stdin.close()  # it ends then


def test_uploads_go_where_they_are_shown(installed, endpoints, tmp_path):
    """The commands as they stand; only the keys, the buckets and the servers are the test's."""
    piece, = re.findall(r"^((?:    .*\n)*    export WILDCAM_S3_.*\n(?:    .*\n)*)", README, re.M)
    commands = re.sub(r"AKIA\.\.\. ", f"{ACCESS_KEY} ", piece)
    commands = re.sub(r"_SECRET_KEY=\.\.\.", f"_SECRET_KEY={SECRET_KEY}", commands)
    assert "'example-{region}'" in commands and ACCESS_KEY in commands and SECRET_KEY in commands
    commands = commands.replace("example-{region}", "wildcam-{region}")
    (tmp_path / "build-release").symlink_to(installed.build)
    picture, *_ = make_pictures(tmp_path / "cards/gate", 2)
    (tmp_path / "picture.jpg").write_bytes(picture.read_bytes())
    environment = {**installed.environment, **endpoints}
    run("wildcam", "ingest", "cards", "--data", "station", cwd=tmp_path, env=environment)
    assert run("sh", "-euc", commands, cwd=tmp_path, env=environment).splitlines() == [
        "wildcam-us-west-2", "uploaded 4 files", "nothing is owed"]
