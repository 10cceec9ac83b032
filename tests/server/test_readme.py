"""examples/server/README.md: its commands with curl do what they say."""

import json
import os
import re
import subprocess

from support.paths import SOURCE_ROOT, program

README = (SOURCE_ROOT / "examples/server/README.md").read_text()
PASSWORD = "correct horse 7"


def test_commands_with_curl(server, picture, tmp_path):
    """As they stand; only the station, the server's address and the password are the test's."""
    section, = re.findall(r"^## With curl\n(.*?)^## ", README, re.M | re.S)
    commands = "".join(re.findall(r"^    .*\n", section, re.M))
    for shown, real in (("/srv/station", server.data), ("PASSWORD", PASSWORD),
                        ("127.0.0.1:8080", "%s:%d" % server.address)):
        assert shown in commands, shown
        commands = commands.replace(shown, str(real))
    (tmp_path / "x.jpg").write_bytes(picture)
    environment = {**os.environ, "PATH": f"{program('wildcam').parent}:{os.environ['PATH']}",
                   "CURL_HOME": str(tmp_path), "no_proxy": "*",
                   "WILDCAM_AUTH_PASSWORD_COST": "10"}
    done = subprocess.run(["sh", "-euc", commands], cwd=tmp_path, env=environment, check=False,
                          input=PASSWORD + "\n", capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    kept, seen = map(json.loads, done.stdout.split("\n", 1))
    row, = seen["detections"]
    assert row["id"] == kept["detection_id"]
    assert (row["device_id"], row["species"]) == ("gate", "Vulpes vulpes")


def test_commands_for_deployments_and_events(server, picture, tmp_path):
    server.upload(picture, "gate")
    section, = re.findall(r"^## Events and deployments\n(.*?)^## ", README, re.M | re.S)
    commands = "".join(re.findall(r"^    .*\n", section, re.M))
    assert commands.count("station:8080") == 2
    commands = commands.replace("station:8080", "%s:%d" % server.address)
    done = subprocess.run(["sh", "-euc", commands.replace("curl ", "curl -sS ")], check=False,
                          env={**os.environ, "CURL_HOME": str(tmp_path), "no_proxy": "*"},
                          capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
    deployment, events = map(json.loads, done.stdout.split("\n", 1))
    assert deployment["end"].startswith("2026-06-01T01:00:00")
    assert [event["deployment_id"] for event in events["events"]] == [deployment["deployment_id"]]
