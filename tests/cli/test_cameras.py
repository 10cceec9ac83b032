"""wildcam cameras."""

import pytest


@pytest.fixture
def cameras(station):
    station("cameras", "register", "CAM01", "--name", "North gate", "--latitude", "47.5",
            "--longitude=-8.25", "--altitude", "410", "--location-name", "Wood",
            "--firmware-version", "2.1", "--hardware-version", "ESP32")
    station("cameras", "register", "CAM02")
    return station


def test_lists_them(cameras):
    rows = cameras("cameras").rows
    assert [row[0] for row in rows] == ["CAM01", "CAM02"]
    assert rows[0][1:4] == ["North gate", "Wood", "active"]
    assert cameras("cameras", "list").rows == rows


def test_lists_them_as_json(cameras):
    answer = cameras.json("cameras")
    assert answer["count"] == 2
    assert [camera["device_id"] for camera in answer["cameras"]] == ["CAM01", "CAM02"]
    assert answer["cameras"][0]["location_name"] == "Wood"


def test_registers_with_all_fields(cameras):
    camera = cameras.json("cameras", "show", "CAM01")
    assert {name: camera[name] for name in (
        "name", "latitude", "longitude", "altitude", "location_name", "firmware_version",
        "hardware_version", "status")} == {
            "name": "North gate", "latitude": 47.5, "longitude": -8.25, "altitude": 410,
            "location_name": "Wood", "firmware_version": "2.1", "hardware_version": "ESP32",
            "status": "active"}


def test_registering_again_changes_only_what_is_given(cameras):
    camera = cameras.json("cameras", "register", "CAM01", "--name", "South gate")
    assert camera["name"] == "South gate" and camera["latitude"] == 47.5


def test_an_operator_is_no_camera(cameras):
    for action in ("register", "deactivate", "activate"):
        assert cameras.json("cameras", action, "CAM01")["last_seen"] is None
    assert 'there is no camera "1"' in cameras("cameras", "deactivate", "1", status=3).err


def test_shows_one_field_a_line(cameras):
    rows = cameras("cameras", "show", "CAM01").rows
    assert ["name", "North gate"] in rows and ["latitude", "47.5"] in rows
    assert ["battery_level", "-"] in rows


def test_one_that_is_not_active_is_left_out(cameras):
    assert cameras.json("cameras", "deactivate", "CAM01")["status"] == "inactive"
    assert [row[0] for row in cameras("cameras").rows] == ["CAM02"]
    assert cameras.json("cameras", "--all")["count"] == 2
    assert cameras.json("cameras", "activate", "CAM01")["status"] == "active"
    assert cameras.json("cameras")["count"] == 2


@pytest.mark.parametrize("action", ["show", "activate", "deactivate"])
def test_one_that_is_not_known(cameras, action):
    assert 'there is no camera "CAM03"' in cameras("cameras", action, "CAM03", status=3).err
    assert cameras.json("cameras", "--all")["count"] == 2


@pytest.mark.parametrize("arguments, sentence", [
    (["lost"], 'not "lost"; did you mean list'),
    (["show"], "show takes a DEVICE_ID"),
    (["list", "CAM01"], '"CAM01" is one word too many'),
    (["register", "CAM01", "CAM02"], '"CAM02" is one word too many'),
    (["register", ".hidden"], "device_id"),
    (["register", "CAM01", "--latitude", "91"], "latitude is -90 to 90"),
    (["register", "CAM01", "--name", "x" * 101], "name"),
    (["show", "CAM01", "--name", "x"], "only register takes --name"),
    (["show", "CAM01", "--all"], "--all does not go with show"),
])
def test_wrong_use(station, arguments, sentence):
    assert sentence in station("cameras", *arguments, status=2).err
    assert not station.data.exists(), "it makes no station either"
