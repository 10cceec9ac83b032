"""Whoever may only look sees nobody who could be known again."""

import pytest
from support import Form
from support.access import bearer, create_key

BOX = {"x": 0.2, "y": 0.2, "width": 0.3, "height": 0.6}


@pytest.fixture(params=["blur", "hide"])
def guarded(request, make_server, tmp_path, pictures):
    """A server with privacy, an address with a person, one without, and an unknown one."""
    server = make_server({"privacy.humans": request.param, "log.level": "info"})
    server.expect_log(" info ", "was registered on its first detection")
    data = server.data
    keys = {role: bearer(create_key(data, role)) for role in ("admin", "viewer", "fleet")}
    ids = []
    for picture, seen in zip(pictures, ({"category": "human", "confidence": 0.9, "bbox": BOX},
                                        {"species": "Vulpes vulpes", "confidence": 0.9}, {})):
        answer = server.post("/api/detections", Form({"device_id": "gate", **seen}, picture),
                             keys["fleet"])
        assert answer.status == 201, answer
        ids.append(answer.json["image_id"])
    return server, keys, ids, request.param, pictures


@pytest.mark.parametrize("kind", ["images", "thumbnails"])
def test_people(guarded, kind):
    server, keys, ids, how, pictures = guarded
    path = f"/api/{kind}/{ids[0]}"
    original = server.get(path, keys["admin"])
    assert original.status == 200
    if kind == "images":
        assert original.body == pictures[0]
    shown = server.get(path, keys["viewer"])
    if how == "hide":
        assert shown.status == 403 and "people are on it" in shown.error
        return
    assert shown.status == 200 and shown.body != original.body and shown.body[:2] == b"\xff\xd8"
    assert shown.headers["ETag"] != original.headers["ETag"]
    for answer in (shown, original):
        assert answer.headers["Cache-Control"] == "private, no-cache"
        assert "Authorization" in answer.headers["Vary"]
    # A viewer who has heard of the original's tag does not get it confirmed, nor a part of it.
    tag = original.headers["ETag"]
    assert server.get(path, {**keys["viewer"], "If-None-Match": tag}).body == shown.body
    part = server.get(path, {**keys["viewer"], "Range": "bytes=0-99", "If-Range": tag})
    assert part.body == shown.body
    again = server.get(path, {**keys["viewer"], "If-None-Match": shown.headers["ETag"]})
    assert again.status == 304


@pytest.mark.parametrize("kind", ["images", "thumbnails"])
def test_animals_are_shown_and_the_unknown_is_not(guarded, kind):
    server, keys, ids, _, pictures = guarded
    fox = server.get(f"/api/{kind}/{ids[1]}", keys["viewer"])
    assert fox.status == 200
    assert fox.body == server.get(f"/api/{kind}/{ids[1]}", keys["admin"]).body
    unknown = server.get(f"/api/{kind}/{ids[2]}", keys["viewer"])
    assert unknown.status == 403 and "nobody has looked" in unknown.error
    assert server.get(f"/api/{kind}/{ids[2]}", keys["admin"]).status == 200


def test_an_admin_is_noted(guarded):
    server, keys, ids, *_ = guarded
    server.get(f"/api/images/{ids[1]}", keys["admin"])
    server.get(f"/api/images/{ids[0]}", keys["admin"])
    server.await_log(f"was shown picture {ids[0]}, which viewers are not")
    assert f"was shown picture {ids[1]}," not in server.log


def test_without_privacy_nothing_changes(make_server, tmp_path, picture):
    server = make_server()
    keys = {role: bearer(create_key(server.data, role)) for role in ("viewer", "fleet")}
    form = Form({"device_id": "gate", "category": "human", "confidence": 0.9, "bbox": BOX}, picture)
    image = server.post("/api/detections", form, keys["fleet"]).json["image_id"]
    answer = server.get(f"/api/images/{image}", keys["viewer"])
    assert (answer.status, answer.body) == (200, picture)
    assert "immutable" in answer.headers["Cache-Control"]
