"""Alerts over HTTP: the list, its filters and pages, and that somebody has read one."""

import pytest
from support.access import bearer, create_key


def battery(server, level, device_id="gate"):
    server.post("/api/cameras/register", {"device_id": device_id})
    assert server.post(f"/api/cameras/{device_id}/status", {"battery_level": level}).status == 200


def alerts(server, query="", headers=None):
    answer = server.get(f"/api/alerts{query}", headers)
    assert answer.status == 200, answer
    return answer.json


def test_there_are_none_at_first(server):
    assert alerts(server) == {"alerts": [], "total": 0, "next": None}


def test_a_low_battery_is_one(server):
    battery(server, 19)
    battery(server, 12)
    row, = alerts(server, "?unread_only=true")["alerts"]
    assert {name: row[name] for name in ("kind", "severity", "subject", "device_id", "text",
                                         "value", "count", "open", "read")} == {
        "kind": "low_battery", "severity": "warning", "subject": "gate", "device_id": "gate",
        "text": "the battery of gate is at 12 %, below 20 %", "value": 12, "count": 2,
        "open": True, "read": False}
    assert row["raised_at"] <= row["last_at"]
    assert row["cleared_at"] is None
    battery(server, 80)
    assert alerts(server, "?open_only=1")["alerts"] == []
    row, = alerts(server)["alerts"]
    assert (row["open"], row["cleared_reason"]) == (False, "it is at 80 %")


def test_a_camera_that_registers_itself_is_one_until_it_is_registered(server, picture):
    server.upload(picture, "stray")
    row, = alerts(server)["alerts"]
    assert (row["kind"], row["device_id"], row["open"]) == ("unknown_camera", "stray", True)
    server.post("/api/cameras/register", {"device_id": "stray", "name": "North"})
    assert alerts(server, "?open_only=true")["total"] == 0


def test_a_rare_species_is_one(server, pictures):
    server.upload(pictures[0], "gate", species="Lynx lynx", confidence=0.97)
    server.upload(pictures[1], "gate", species="Lynx lynx", confidence=0.98)
    row, = alerts(server, "?kind=rare_species")["alerts"]
    assert row["subject"] == "gate/Lynx lynx"
    assert "never seen" in row["text"]
    assert server.get(f"/api/detections/{row['detection_id']}").json["species"] == "Lynx lynx"


def test_two_origins_by_turns_are_one(server):
    server.post("/api/cameras/register", {"device_id": "gate"}, {"X-Forwarded-For": "192.0.2.1"})
    for number in range(8):
        assert server.post("/api/cameras/gate/status", {"battery_level": 50},
                           {"X-Forwarded-For": f"192.0.2.{1 + number % 2}"}).status == 200
    row, = alerts(server, "?kind=shared_device_id")["alerts"]
    assert row["device_id"] == "gate"


def test_a_silent_camera_is_one(make_server):
    server = make_server({"alerts.offline_seconds": 1, "alerts.check_seconds": 0.1})
    server.expect_log("offline")
    server.post("/api/cameras/register", {"device_id": "gate"})
    server.await_log("offline: gate was last heard of")
    row, = alerts(server, "?kind=offline")["alerts"]
    assert (row["severity"], row["open"]) == ("critical", True)
    server.post("/api/cameras/gate/status", {"battery_level": 50})
    row, = alerts(server, "?kind=offline")["alerts"]
    assert row["cleared_reason"] == "it was heard of again"


def test_pages(server):
    for number in range(7):
        battery(server, 3, f"CAM{number}")
    seen, after = [], ""
    while True:
        page = alerts(server, f"?limit=3{after}")
        assert page["total"] == 7
        seen += [row["device_id"] for row in page["alerts"]]
        if page["next"] is None:
            break
        assert len(page["alerts"]) == 3
        after = f"&after={page['next']}"
    assert seen == [f"CAM{number}" for number in reversed(range(7))]
    assert alerts(server, "?camera_id=CAM3")["total"] == 1
    assert alerts(server, "?camera_id=nobody")["total"] == 0
    assert alerts(server, "?since=2099-01-01")["total"] == 0
    assert alerts(server, "?since=2020-01-01")["total"] == 7


def test_fifty_come_without_a_limit(server):
    for number in range(51):
        battery(server, 3, f"CAM{number}")
    assert len(alerts(server)["alerts"]) == 50


@pytest.mark.parametrize("query, words", [
    ("?kind=flood", "kind"), ("?unread_only=maybe", "unread_only"), ("?limit=0", "limit"),
    ("?limit=x", "limit"), ("?after=-1", "after"), ("?camera_id=a%20b", "camera_id"),
    ("?since=yesterday", "since"),
])
def test_what_is_asked_wrongly_is_refused(server, query, words):
    answer = server.get(f"/api/alerts{query}")
    assert answer.status == 400
    assert words in answer.error


def test_who_has_read_it_is_noted(server):
    battery(server, 3)
    number = alerts(server)["alerts"][0]["id"]
    key = create_key(server.data, "admin")
    answer = server.post(f"/api/alerts/{number}/read", None, bearer(key))
    assert answer.status == 200
    assert answer.json["alert"]["read"] is True
    assert answer.json["alert"]["read_by"] == key.split("_")[1]
    assert answer.json["alert"]["open"] is True
    assert alerts(server, "?unread_only=true", bearer(key))["total"] == 0
    assert server.post("/api/alerts/999/read", None, bearer(key)).status == 404
    assert server.post("/api/alerts/x/read", None, bearer(key)).status in (400, 404)


def test_health_counts_them(server):
    battery(server, 3)
    figures = server.get("/api/health").json["figures"]
    assert (figures["alerts_open"], figures["alerts_critical"]) == (1, 0)
