"""The memory of a server that has worked."""

import os
import threading

from support import Form, make_pictures

LIMIT = 32 * 1024 * 1024
UPLOADS, CONNECTIONS = 1000, 8


def resident(pid):
    pages = int(open(f"/proc/{pid}/statm", encoding="ascii").read().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def test_memory_after_a_thousand_uploads(server, tmp_path):
    """Of 200 KB each, from eight cameras, with thumbnails, lists and counts in between."""
    picture = make_pictures(tmp_path, 1, "1600x1200")[0].read_bytes()
    failures = []

    def work(camera):
        with server.connect() as connection:
            for number in range(UPLOADS // CONNECTIONS):
                tail = b"%d" % number
                form = Form({"device_id": f"cam-{camera}"}, picture + tail.ljust(100_000))
                answer = connection.request("POST", "/api/detections", form.body, form.headers)
                if answer.status != 201:
                    failures.append(answer)
                    return
                if number % 20 == 0:
                    for path in (f"/api/thumbnails/{answer.json['image_id']}", "/api/detections",
                                 "/api/analytics/data", f"/api/images/{answer.json['image_id']}"):
                        if connection.request("GET", path).status != 200:
                            failures.append(path)

    threads = [threading.Thread(target=work, args=(camera,)) for camera in range(CONNECTIONS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures
    assert server.get("/api/detections").json["total"] == UPLOADS
    size = resident(server.pid)
    print(f"{size / 1024 / 1024:.1f} MB resident")
    assert size < LIMIT
