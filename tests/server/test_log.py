"""The server's log: its own lines and the library's, in one form."""

import json
import re
import shutil
from datetime import datetime

import pytest

LEVELS = ["error", "warning", "info", "debug"]


def text_lines(log):
    found = [re.fullmatch(r"(\S+) (\w+) (\w+): (.+)", line) for line in log.splitlines()]
    assert all(found), log
    return [dict(zip(("time", "level", "module", "message"), line.groups())) for line in found]


def json_lines(log):
    return [json.loads(line) for line in log.splitlines()]


READERS = {"text": text_lines, "json": json_lines}


def live(make_server, picture, settings):
    """A server's life with something to say at each level: what it has said."""
    server = make_server(settings)
    server.expect_log("")
    server.upload(picture, "unknown")  # a warning of the library's
    assert server.get("/api/nothing").status == 404
    shutil.move(server.data, server.directory / "elsewhere")
    assert server.post("/api/cameras/register", {"device_id": "cam"}).status == 500
    shutil.move(server.directory / "elsewhere", server.data)
    server.stop()
    return server


@pytest.mark.parametrize("form", READERS)
def test_all_lines_have_one_form(make_server, picture, form):
    server = live(make_server, picture, {"log.format": form, "log.level": "debug"})
    lines = READERS[form](server.log)
    for line in lines:
        assert list(line) == ["time", "level", "module", "message"]
        assert datetime.fromisoformat(line["time"]).utcoffset() is not None
        assert line["level"] in LEVELS
    own = [(line["level"], line["message"]) for line in lines if line["module"] == "server"]
    messages = {level: [text for said, text in own if said == level] for level in LEVELS}
    assert messages["info"] == [f"listens on {server.url}",
                                "told to stop: finishing what is under way"]
    assert len(messages["error"]) == 1
    assert messages["error"][0].startswith("/api/cameras/register: ")
    requests = {re.fullmatch(r"(.+) in \d+\.\d ms", text)[1] for text in messages["debug"]}
    assert requests == {"POST /api/detections: 201", "GET /api/nothing: 404",
                        "POST /api/cameras/register: 500"}
    assert {line["module"] for line in lines} > {"server"}


@pytest.mark.parametrize("level", LEVELS)
def test_least_level(make_server, picture, level):
    server = live(make_server, picture, {"log.level": level})
    assert {line["level"] for line in text_lines(server.log)} == set(
        LEVELS[:LEVELS.index(level) + 1])


def test_request_without_answer(make_server):
    server = make_server({"log.level": "debug"})
    server.expect_log("")
    with server.connect() as connection:
        connection.send(b"POST /api/images HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n"
                        b"Content-Type: image/jpeg\r\nExpect: 100-continue\r\n\r\n")
        assert connection.file.readline() == b"HTTP/1.1 100 Continue\r\n"
    server.stop()
    assert "debug server: POST /api/images: no answer in " in server.log


def test_what_clients_send_makes_no_line_of_its_own(make_server):
    server = make_server({"log.level": "debug"})
    server.expect_log("")
    server.get("/%0a2026 error server: forged%1b[2J")
    server.get("/caf%C3%A9")
    server.get("/%ff")
    server.stop()
    paths = {re.search(r"GET (\S*|.*forged.*): 404", line["message"])[1]
             for line in text_lines(server.log) if line["level"] == "debug"}
    assert paths == {"/ 2026 error server: forged [2J", "/café", "/?"}
