"""wildcam keys."""

import hashlib
import os
import re
import sqlite3
import subprocess
from contextlib import closing

import pytest
from conftest import call, command_line, environment

KEY = re.compile(r"wk_([0-9a-f]{8})_[0-9A-Za-z]{43}\n")


def make(station, *arguments):
    """A new key, and its id."""
    out = station("keys", "create", *arguments).out
    match = KEY.fullmatch(out)
    assert match, out
    return out.strip(), match[1]


def test_the_key_alone_is_printed_and_the_station_made(station):
    key, _ = make(station, "--role", "camera", "--camera", "CAM-not-yet-there")
    assert len(key) == 55
    assert (station.data / "station.db").exists()
    assert station.json("cameras", "--all")["count"] == 0, "a key registers nobody"


def test_a_station_may_come_from_the_environment(station):
    out = call("keys", "create", "--role", "admin", WILDCAM_DATA_DIR=str(station.data)).out
    assert KEY.fullmatch(out)
    assert len(station("keys").rows) == 1


def test_two_keys_differ(station):
    assert len({make(station, "--role", "fleet") for _ in range(5)}) == 5


def test_lists_them(station):
    _, first = make(station, "--role", "camera", "--camera", "CAM01", "--note", "by the pond")
    _, second = make(station, "--role", "viewer")
    rows = station("keys").rows
    assert [row[:-1] for row in rows] == [[first, "camera", "CAM01", "by the pond"],
                                          [second, "viewer", "-", "-"]]
    assert station("keys", "list").rows == rows
    answer = station.json("keys")
    assert answer["count"] == 2
    assert [list(key.items())[:4] for key in answer["keys"]] == [
        [("id", first), ("role", "camera"), ("device_id", "CAM01"), ("note", "by the pond")],
        [("id", second), ("role", "viewer"), ("device_id", None), ("note", None)]]


def test_only_a_hash_is_kept(station):
    keys = [make(station, "--role", "admin")[0] for _ in range(2)]
    for name in os.listdir(station.data):
        path = station.data / name
        if path.is_file():
            content = path.read_bytes()
            assert not any(key[12:].encode() in content for key in keys), name
    with closing(sqlite3.connect(station.data / "station.db")) as database:
        kept = [row[0] for row in database.execute("SELECT sha256 FROM keys ORDER BY created_at")]
    assert kept == [hashlib.sha256(key.encode()).digest() for key in keys]


def test_revokes_them(station):
    _, first = make(station, "--role", "fleet")
    _, second = make(station, "--role", "fleet")
    _, third = make(station, "--role", "fleet")
    assert station("keys", "revoke", first, third).out == ""
    assert [row[0] for row in station("keys").rows] == [second]
    error = station("keys", "revoke", first, status=3).err
    assert f'there is no key "{first}"; wildcam keys lists them' in error
    result = station("keys", "revoke", first, second, status=1)
    assert f'there is no key "{first}"' in result.err
    assert station.json("keys") == {"keys": [], "count": 0}


def test_a_whole_key_is_no_id_and_is_not_repeated(station):
    key, _ = make(station, "--role", "admin")
    error = station("keys", "revoke", key, status=3).err
    assert "8 digits" in error and key[12:] not in error
    assert station.json("keys")["count"] == 1


def test_json(station):
    key = station.json("keys", "create", "--role", "viewer")["key"]
    assert KEY.fullmatch(key + "\n")


def test_a_key_that_could_not_be_shown_is_revoked(station):
    with open("/dev/full", "wb") as full:
        done = subprocess.run(command_line(["keys", "create", "--role", "admin", "--data",
                                            station.data]), stdout=full, stderr=subprocess.PIPE,
                              env=environment(), check=False)
    assert done.returncode == 3 and b"could not be written" in done.stderr
    assert station.json("keys")["count"] == 0


@pytest.mark.parametrize("arguments, sentence", [
    (["make"], 'keys can be list, create or revoke, not "make"'),
    (["creat"], "did you mean create"),
    (["create"], "create takes --role camera, fleet, viewer or admin"),
    (["create", "--role", "root"], '--role takes camera, fleet, viewer or admin, not "root"'),
    (["create", "--role", "camera"], "--camera DEVICE_ID says which"),
    (["create", "--role", "camera", "--camera", ".x"], "device_id is 1 to 50"),
    (["create", "--role", "fleet", "--camera", "CAM01"], "role fleet is for no single camera"),
    (["create", "--role", "fleet", "--note", "x" * 201], "note is over 200 bytes"),
    (["create", "--role", "fleet", "CAM01"], '"CAM01" is one word too many'),
    (["list", "x"], '"x" is one word too many'),
    (["--role", "fleet"], "only create takes --role"),
    (["revoke"], "revoke takes the ID of a key"),
    (["revoke", "0123abcd", "--note", "x"], "only create takes --role"),
])
def test_wrong_use(station, arguments, sentence):
    assert sentence in station("keys", *arguments, status=2).err
    assert not station.data.exists(), "it makes no station either"
