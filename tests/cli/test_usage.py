"""What all commands have in common: help, options, settings, exit statuses, output."""

import os
import re
import shutil
import subprocess

import pytest
from conftest import call, command_line, environment

COMMANDS = ["ingest", "favourite", "query", "summary", "cameras", "check", "backup", "restore", "purge", "metrics", "keys",
            "users"]
WORDS = {"ingest": ["x"], "backup": ["x"], "favourite": ["1"], "restore": ["x"],
         "purge": ["--before", "2026-03"]}  # what each needs besides options


def test_help_lists_every_command_and_common_option():
    help_text = call("--help").out
    for word in [*COMMANDS, "--data", "--config", "--set", "--json", "Exit status"]:
        assert word in help_text
    assert call("-h").out == help_text


def test_help_of_a_command_is_short_and_has_an_example():
    for command in COMMANDS:
        text = call(command, "--help").out
        assert text.startswith(f"usage: wildcam {command} --data DIR")
        assert f"\n  wildcam {command} " in text, "an example"
        assert len(text.splitlines()) < 40
        assert max(map(len, text.splitlines())) <= 100


def test_help_is_a_command_too():
    assert call("help").out == call("help", "help").out == call("--help").out
    for command in COMMANDS:
        assert call("help", command).out == call(command, "--help").out


def test_help_tells_how_species_are_compared():
    for command in ("query", "summary"):
        assert re.search(r"--species NAME .*case included", call(command, "--help").out)


def test_help_names_what_json_answers(station, pictures, tmp_path):
    for command, *words in (["ingest", pictures[0].parent], ["query"], ["summary"], ["cameras"],
                            ["check"], ["backup", tmp_path / "copy"]):
        answer, text = station.json(command, *words), call(command, "--help").out
        lists = [value for value in answer.values() if isinstance(value, list) and value]
        for names in (answer, *(rows[0] for rows in lists if command in ("ingest", "summary"))):
            assert all(re.search(rf"\b{name}\b", text) for name in names), (command, names)


def test_version():
    assert call("--version").out.startswith("wildcam 0.")
    names = re.findall(r"^  (\w+)  +\w", call("--help").out, re.M)
    assert {"query", "deployments"} <= set(names)
    for name in names:
        assert call(name, "--version").out == call("--version").out


def test_without_a_command():
    assert "a command is missing" in call(status=2).err


@pytest.mark.parametrize("arguments, sentence", [
    (["qeury"], 'there is no command "qeury"; did you mean query?'),
    (["help", "qeury"], 'there is no command "qeury"; did you mean query?'),
    (["help", "query", "check"], '"check" is one word too many'),
    (["zzz"], 'there is no command "zzz" ('),
    (["--dta", "x", "query"], "there is no option --dta; did you mean --data?"),
    (["query", "--limt", "3"], "there is no option --limt; did you mean --limit?"),
    (["query", "--limt=3"], "there is no option --limt; did you mean --limit?"),
    (["query", "--ver"], "there is no option --ver; did you mean --verified?"),
    (["query", "--frobnicate"], "there is no option --frobnicate ("),
    (["query", "-x"], "there is no option -x ("),
    (["query", "--limit"], "--limit needs a value"),
    (["query", "--json=yes"], "--json takes no value"),
    (["query", "--limit", "-1"], '--limit takes a whole number, not "-1"'),
    (["query", "--limit", "many"], '--limit takes a whole number, not "many"'),
    (["query", "--min-confidence", "nan"], '--min-confidence takes a number, not "nan"'),
    (["query", "word"], '"word" is one word too many'),
    (["backup"], "it takes BACKUP"),
    (["backup", "a", "b"], '"b" is one word too many'),
    (["ingest"], "it takes FOLDER|FILE..."),
    (["query", "--set", "store.shard"], "--set takes NAME=VALUE"),
    (["query", "--set", "no.such=1"], 'there is no setting "no.such"; CONFIGURATION.md lists them'),
    (["query", "--set", "process.detecter=motion"], "did you mean process.detector?"),
    (["query", "--set", "store.shard=week"], "store.shard takes month,day"),
    (["query", "--config", "/no/such/file"], "No such file or directory"),
])
def test_wrong_use_is_told_in_a_sentence(arguments, sentence):
    result = call(*arguments, status=2)
    assert sentence in result.err
    assert result.err.startswith("wildcam")
    assert result.err.count("\n") == 1 and "--help)" in result.err
    assert result.out == ""


@pytest.mark.parametrize("command", COMMANDS)
def test_a_station_must_be_named(command):
    assert "--data DIR" in call(command, *WORDS.get(command, []), status=2).err


@pytest.mark.parametrize("command", sorted(set(COMMANDS) - {"ingest", "restore"}))
def test_reading_makes_no_station(station, command):
    result = station(command, *WORDS.get(command, []), status=3)
    assert "there is no station" in result.err and "--data" in result.err
    assert not station.data.exists()


def test_settings_come_from_the_file_the_environment_and_options(station, tmp_path):
    """The later wins: the wrong ones would name directories without a station."""
    station("cameras", "register", "CAM01")
    data, wrong = str(station.data), str(tmp_path / "wrong")
    config = tmp_path / "wildcam.conf"
    config.write_text(f"data.dir = {data}\n")
    assert call("cameras", "--config", config).rows[0][0] == "CAM01"
    config.write_text(f"data.dir = {wrong}\n")
    assert call("cameras", "--config", config, WILDCAM_DATA_DIR=data).rows[0][0] == "CAM01"
    result = call("cameras", "--set", f"data.dir={data}", WILDCAM_DATA_DIR=wrong)
    assert result.rows[0][0] == "CAM01"
    result = call("cameras", "--data", data, "--set", f"data.dir={wrong}")
    assert result.rows[0][0] == "CAM01"


def test_common_options_may_stand_before_the_command(station):
    station("cameras", "register", "CAM01")
    assert call("--data", station.data, "--json", "cameras").json["count"] == 1


@pytest.mark.parametrize("arguments", [["query"], ["query", "--json"], ["query", "--csv"],
                                       ["cameras"], ["cameras", "--json"], ["summary"]])
def test_output_to_a_full_disk_is_a_failure(station, pictures, arguments):
    station("ingest", pictures[0].parent)
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command_line([*arguments, "--data", station.data]), stdout=full,
                              stderr=subprocess.PIPE, env=environment(), check=False)
    assert done.returncode == 3
    assert b"the output could not be written" in done.stderr


def test_a_closed_pipe_is_a_failure_and_no_signal(station, pictures):
    station("ingest", pictures[0].parent)
    reading, writing = os.pipe()
    os.close(reading)
    done = subprocess.run(command_line(["query", "--data", station.data]), stdout=writing,
                          stderr=subprocess.PIPE, env=environment(), check=False)
    os.close(writing)
    assert done.returncode == 3
    assert b"the output could not be written: Broken pipe" in done.stderr


def test_a_name_cannot_move_the_cursor(station, pictures, tmp_path):
    """Control characters, turned writing and bytes that are no UTF-8 are shown, not sent."""
    root = os.fsencode(tmp_path / "cards")
    folder = root + b"/CAM\x1b[2J\n\xff\xe2\x80\xae"
    os.makedirs(folder)
    shutil.copy(pictures[0], folder + b"/a.jpg")
    result = station("ingest", root, status=1)
    for output in (result.out, result.err):
        assert r"CAM\x1b[2J\n\xff\u202e" in output
        assert not set(output) & set("\x1b\u202e")
    row, = station.json("ingest", root, status=1)["left_out"]
    assert row["file"].endswith("/CAM\x1b[2J\n\ufffd\u202e/a.jpg")
