"""Pictures that come in are looked at by a program of another make, whatever becomes of that."""

import hashlib
import json
import os
import shlex
import signal
import subprocess
import sys
import time

import pytest
from support.paths import SOURCE_ROOT, build_path

STAND_IN = SOURCE_ROOT / "examples" / "detectors" / "standin.py"

# Answers with the number of its process as its version.
ANSWERS = """
import json, os, sys
print(json.dumps({"protocol": 1, "detector": "test", "version": str(os.getpid())}), flush=True)
for line in sys.stdin:
    question = json.loads(line)
    {work}
    print(json.dumps({"id": question["id"], "detections": [
        {"category": "1", "conf": 0.75, "bbox": [0.5, 0.25, 0.125, 0.5]}]}), flush=True)
"""


@pytest.fixture
def make_detector(tmp_path):
    """A program that looks at pictures, and does something more with each."""
    def make(work="pass", name="detector.py", text=ANSWERS):
        path = tmp_path / name
        path.write_text(text.replace("{work}", work))
        return f"process:{shlex.quote(sys.executable)} {shlex.quote(str(path))}"
    return make


def await_that(holds, seconds=60):
    """What it answers, once that is something."""
    deadline = time.monotonic() + seconds
    while not (answer := holds()):
        assert time.monotonic() < deadline, "it did not come to that"
        time.sleep(0.02)
    return answer


def detections_of(server, image_id):
    found = server.get("/api/detections?per_page=100").json["detections"]
    return [one for one in found if one["image_id"] == image_id]


def await_detections(server, image_id):
    def known():
        found = detections_of(server, image_id)
        return found if found[0]["category"] != "unclassified" else None
    return await_that(known)


def test_stand_in_looks_at_what_comes_in(make_server, pictures):
    server = make_server({"process.detector": f"process:{STAND_IN}", "process.confidence": 0})
    for picture in pictures[:3]:
        kept = server.upload(picture).json
        found, = await_detections(server, kept["image_id"])
        assert found["id"] == kept["detection_id"]  # what the camera was told
        assert found["category"] == "animal" and 0 <= found["confidence"] <= 1
        assert found["bounding_box"] == {"x": 0.25, "y": 0.25, "width": 0.5, "height": 0.5}
        assert found["detector"] == "stand-in" and found["detector_version"] == "1"


def test_network_looks_at_what_comes_in(make_server, picture, tmp_path):
    module = os.environ.get("WILDCAM_TEST_ONNX_MODULE")
    if not module:
        pytest.skip("the module for models is not built: it needs OpenCV")
    model = tmp_path / "tiny.onnx"
    subprocess.run([build_path("tests/server/make_model"), model], check=True)
    server = make_server({"process.detector": f"onnx:{model}", "onnx.module": module,
                          "process.confidence": 0.5})
    found = await_detections(server, server.upload(picture).json["image_id"])
    assert {(one["detector"], one["detector_version"]) for one in found} == {
        ("tiny", hashlib.sha256(model.read_bytes()).hexdigest()[:12])}
    assert {one["category"] for one in found} == {"animal"}  # the sky is light, and a little red
    assert all(one["confidence"] >= 0.5 and one["bounding_box"]["width"] <= 0.5 for one in found)


def test_child_that_is_killed_at_its_work_costs_nothing(make_server, make_detector, pictures,
                                                        tmp_path):
    """The picture goes to the next child, and is not counted against."""
    mark = tmp_path / "at work"
    server = make_server({"process.workers": 1, "process.detector": make_detector(
        f"os.path.exists({str(mark)!r}) or ["
        f"open({str(mark)!r} + '.new', 'w').write(str(os.getpid())),"
        f"os.rename({str(mark)!r} + '.new', {str(mark)!r}), sys.stdin.read()]")})
    server.expect_log("it ended by signal 9")
    ids = [server.upload(picture).json["image_id"] for picture in pictures]
    child = int(await_that(lambda: mark.exists() and mark.read_text()))
    os.kill(child, signal.SIGKILL)
    versions = set()
    for image_id in ids:
        found, = await_detections(server, image_id)
        assert found["category"] == "animal" and found["confidence"] == 0.75
        assert found["bounding_box"] == {"x": 0.5, "y": 0.25, "width": 0.125, "height": 0.5}
        versions.add(found["detector_version"])
    assert len(versions) == 1 and str(child) not in versions


def test_server_that_is_killed_leaves_no_child(make_server, make_detector, picture):
    server = make_server({"process.detector": make_detector()})
    found, = await_detections(server, server.upload(picture).json["image_id"])
    server.kill()
    child = int(found["detector_version"])
    await_that(lambda: not is_running(child))
    server.start()


def is_running(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0] not in "ZX"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_stopping_does_not_wait_for_a_slow_child(make_server, make_detector, picture, tmp_path):
    mark = tmp_path / "at work"
    server = make_server({"process.timeout": 3600, "process.detector": make_detector(
        f"open({str(mark)!r}, 'w').write(str(os.getpid())); import time; time.sleep(3600)")})
    image_id = server.upload(picture).json["image_id"]
    child = int(await_that(lambda: mark.exists() and mark.read_text()))
    server.stop()
    assert not is_running(child)
    # It was not the picture's fault: the next one who looks finds it due.
    make_detector()
    server.start()
    found, = await_detections(server, image_id)
    assert found["category"] == "animal"


def test_broken_detector_parks_nothing(make_server, make_detector, pictures):
    """While it is broken pictures wait; when it is repaired they are looked at."""
    detector = make_detector(text="import sys; sys.exit('no weights')")
    server = make_server({"process.detector": detector, "process.attempts": 1,
                          "process.retry_seconds": 0.1})
    server.expect_log("no weights", "cannot be used", "works again", "cannot be processed")
    ids = [server.upload(picture).json["image_id"] for picture in pictures]
    server.await_log("it ended with status 1; its last words: no weights")
    assert {one["category"] for one in
            server.get("/api/detections?per_page=100").json["detections"]} == {"unclassified"}
    await_that(lambda: server.get("/api/health").json["status"] == "degraded")
    make_detector()
    for image_id in ids:
        found, = await_detections(server, image_id)
        assert found["category"] == "animal"
    server.await_log("works again")
    assert server.get("/api/health").json["status"] == "ok"


def test_failure_is_told(make_server, make_detector, picture):
    server = make_server({"process.attempts": 1, "process.detector": make_detector(
        "print(json.dumps({'id': question['id'], 'failure': 'bad Huffman code'}), flush=True); "
        "continue")})
    server.expect_log("bad Huffman code")
    image_id = server.upload(picture).json["image_id"]
    server.await_log("bad Huffman code")
    assert detections_of(server, image_id)[0]["category"] == "unclassified"


@pytest.mark.parametrize("detector, words", [
    ("process:no-such-program", "there is no program"),
    ("process:'x", "a quote is not closed"),
    ("onnx:/nowhere/model.onnx", "onnx:/nowhere/model.onnx: "),
])
def test_wrong_detector_keeps_the_server_down(make_server, detector, words):
    with pytest.raises(AssertionError) as failure:
        make_server({"process.detector": detector})
    assert words in str(failure.value)


def test_child_knows_no_secret(make_server, make_detector, picture, tmp_path, monkeypatch):
    monkeypatch.setenv("WILDCAM_S3_SECRET_KEY", "secret")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
    monkeypatch.setenv("MODEL_CACHE", "/srv/cache")
    seen = tmp_path / "environment"
    server = make_server({"process.environment": "MODEL_CACHE", "process.detector": make_detector(
        f"json.dump(dict(os.environ), open({str(seen)!r}, 'w'))")})
    await_detections(server, server.upload(picture).json["image_id"])
    environment = json.loads(seen.read_text())
    assert "secret" not in environment.values()
    assert environment["MODEL_CACHE"] == "/srv/cache"
    assert environment["WILDCAM_DETECTOR_PROTOCOL"] == "1"
