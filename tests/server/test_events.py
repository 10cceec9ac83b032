"""Events over HTTP."""


def test_pictures_a_minute_apart_are_one_event(server, pictures):
    ids = [server.upload(picture).json["image_id"] for picture in pictures]
    answer = server.get("/api/events").json
    assert answer["next"] is None
    [event] = answer["events"]
    assert (event["id"], event["first_image_id"]) == (min(ids), min(ids))
    assert event["last_image_id"] == max(ids)
    assert (event["images"], event["gap"]) == (len(ids), 60)
    assert event["start"].startswith("2026-03-01T10:01:00")
    rows = server.get("/api/detections?limit=100").json["detections"]
    assert {row["event_id"] for row in rows} == {event["id"]}
    row = server.get(f"/api/detections/{rows[0]['id']}").json
    assert row["image"]["event_id"] == event["id"]


def test_an_event_tells_its_deployment(server, pictures):
    """Which it begins in: nothing goes on from one into another."""
    for picture in pictures:
        server.upload(picture, "cam")
    server.post("/api/deployments", {"deployment_id": "heath 1", "device_id": "cam",
                                     "start": "2026-03-01T10:03:30Z", "end": "2026-03-01T10:05:30Z"})
    events = server.get("/api/events?order=oldest").json["events"]
    assert [(event["deployment_id"], event["images"]) for event in events] == [
        (None, 3), ("heath 1", 2), (None, 7)]


def test_pictures_that_came_without_a_time_are_events_by_themselves(server, pictures, without_exif):
    """When they came does not tell which belong together: a camera may send what it has kept."""
    for picture in pictures[:3]:
        server.upload(without_exif(picture), "cam", timestamp=98765)  # since it was switched on
    assert [event["images"] for event in server.get("/api/events").json["events"]] == [1, 1, 1]
    for second in (10, 40, 59):  # what the firmware has kept tells it by its path
        server.upload(without_exif(pictures[second % 12]) + b"!", "cam",
                      file_path=f"/images/20260302/IMG_0715{second}_001.jpg")
    assert server.get("/api/events?limit=1&start_date=2026-03-02&end_date=2026-03-02").json[
        "events"][0]["images"] == 3


def test_pages(make_server, pictures):
    server = make_server({"events.gap": 30})
    ids = sorted(server.upload(picture).json["image_id"] for picture in pictures)
    for order, wanted in (("newest", ids[::-1]), ("oldest", ids)):
        got, after = [], ""
        while after is not None:
            page = server.get(f"/api/events?limit=5&order={order}&after={after}").json
            got += [event["id"] for event in page["events"]]
            after = page["next"]
        assert got == wanted
    assert len(server.get("/api/events?start_date=2026-03-01T10:05:00Z").json["events"]) == 8
    assert server.get("/api/events?end_date=2026-02-28").json["events"] == []
    assert server.get("/api/events?camera_id=nobody").json["events"] == []


def test_what_is_wrong_is_said(server):
    for query, word in (("order=up", "order"), ("after=x1", "after"), ("limit=0", "limit"),
                        ("start_date=soon", "start_date"), ("camera_id=%20", "camera_id"),
                        ("start_date=2026-03-02&end_date=2026-03-01", "start_date")):
        answer = server.get(f"/api/events?{query}")
        assert answer.status == 400 and word in answer.error, answer
