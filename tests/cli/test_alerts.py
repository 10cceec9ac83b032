"""wildcam alerts: what somebody should look at."""

import json
import shutil
import signal
import subprocess

import pytest
from conftest import call, command_line, environment


@pytest.fixture
def bring(tmp_path, pictures):
    """Brings pictures of cameras that nobody has registered."""
    station = tmp_path / "station"

    def bring(*device_ids):
        cards = tmp_path / f"cards-{'-'.join(device_ids)}"
        for device_id in device_ids:
            (cards / device_id).mkdir(parents=True)
            shutil.copy(pictures[0], cards / device_id)
            call("ingest", cards, "--data", station)
        return station

    return bring


@pytest.fixture
def data(bring):
    """A station with a camera that is not registered, and one that is by now."""
    station = bring("gate", "hill")
    call("cameras", "register", "hill", "--data", station)
    return station


def test_table_and_json(data):
    rows = call("alerts", "--data", data).rows
    assert [row[2:4] for row in rows] == [["unknown_camera", "hill"], ["unknown_camera", "gate"]]
    listed = call("alerts", "--data", data, "--json").json
    assert listed["count"] == 2
    assert [alert["device_id"] for alert in listed["alerts"]] == ["hill", "gate"]


def names(*arguments):
    return [alert["device_id"] for alert in call("alerts", *arguments, "--json").json["alerts"]]


def test_filters(data):
    assert names("--open", "--data", data) == ["gate"]
    assert names("--camera", "hill", "--data", data) == ["hill"]
    assert names("--kind", "offline", "--data", data) == []
    assert names("--since", "2099-01-01", "--data", data) == []
    assert names("--limit", "1", "--data", data) == ["hill"]
    assert "1 more: --limit" in call("alerts", "--limit", "1", "--data", data).err
    assert call("alerts", "--limit", "2", "--data", data).err == ""


def test_read(data):
    number = call("alerts", "--open", "--data", data, "--json").json["alerts"][0]["id"]
    call("alerts", "read", number, "--by", "ann", "--data", data)
    alert = call("alerts", "--data", data, "--json").json["alerts"][1]
    assert (alert["read"], alert["read_by"], alert["open"]) == (True, "ann", False)
    assert names("--open", "--data", data) == []
    assert names("--unread", "--data", data) == ["hill"]
    assert "no alert 99" in call("alerts", "read", "99", "--data", data, status=3).err
    assert "no alert 99" in call("alerts", "read", number, "99", "--data", data, status=1).err
    said = call("alerts", "read", "99", number, "--data", data, "--json", status=1)
    assert said.json == {"read": [number]}


def test_nothing_is_read_when_one_word_is_no_id(data):
    number = call("alerts", "--open", "--data", data, "--json").json["alerts"][0]["id"]
    call("alerts", "read", number, "x", "--data", data, status=2)
    assert names("--open", "--data", data) == ["gate"]


def test_a_test_as_json(data):
    said = call("alerts", "--test", "--data", data, "--json", "--set",
                "alerts.webhook=http://127.0.0.1:1/x?key=t0k3n", status=3)
    row, = said.json["addresses"]
    assert row["address"] == "http://127.0.0.1:1" and row["answer"]
    assert "t0k3n" not in said.out + said.err


@pytest.mark.parametrize("arguments, words", [
    (["read"], "ID"), (["read", "x"], "no alert's id"), (["read", "1", "--open"], "--by"),
    (["--by", "ann"], "only read"), (["list", "more"], "too many"), (["--kind", "flood"], "flood"),
    (["--since", "yesterday"], "--since"), (["--camera", "a b"], "--camera"),
    (["--limit", "1001"], "1000"),
    (["--follow", "--limit", "3"], "--limit"), (["--test", "--open"], "--test"), (["count"], "list"),
])
def test_what_is_typed_wrong(data, arguments, words):
    assert words in call("alerts", *arguments, "--data", data, status=2).err


def test_without_an_address_there_is_no_test(data):
    assert "alerts.webhook is empty" in call("alerts", "--test", "--data", data, status=3).err


def test_without_a_station(tmp_path):
    call("alerts", "--data", tmp_path / "none", status=3)


def test_follow(data, bring):
    with subprocess.Popen(command_line(["alerts", "--follow", "--json", "--data", data]),
                          stdout=subprocess.PIPE, env=environment(), text=True) as tool:
        first = [json.loads(tool.stdout.readline())["device_id"] for _ in range(2)]
        assert first == ["gate", "hill"]  # the oldest first
        bring("moor")
        assert json.loads(tool.stdout.readline())["device_id"] == "moor"
        tool.send_signal(signal.SIGINT)
        assert tool.wait(60) == 128 + signal.SIGINT
