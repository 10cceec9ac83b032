"""The memory of a server that has worked."""

import os
import resource
import threading

from support import Form, make_pictures

LIMIT = 32 * 1024 * 1024
UPLOADS, CONNECTIONS = 1000, 8
IDLE, IDLE_LIMIT = 1000, 48 * 1024  # connections, bytes of each


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


def test_memory_of_a_thousand_idle_connections(make_server):
    """Each has been asked something and is kept."""
    files, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(files, min(most, IDLE + 200)), most))
    server = make_server({"http.connections": IDLE, "http.idle_timeout": 3600})
    held = []
    try:
        for _ in range(IDLE):
            held.append(server.connect())
            assert held[-1].request("GET", "/healthz").status == 200
            if len(held) == 1:
                before = resident(server.pid)
        size = (resident(server.pid) - before) / (IDLE - 1)
        assert held[0].request("GET", "/api/cameras").status == 200  # none was closed
    finally:
        for connection in held:
            connection.close()
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, most))
    print(f"{size / 1024:.1f} KB resident for each idle connection")
    assert size < IDLE_LIMIT
