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
