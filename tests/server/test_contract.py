"""
The server keeps what /api/openapi.json says, whatever it is sent: schemathesis makes requests out
of the description, right ones and wrong ones, follows its links, and checks every answer. No 5xx,
no status, header or field beside what is described, nothing right refused, nothing wrong taken.

WILDCAM_SCHEMATHESIS_SECONDS says for how long (60), WILDCAM_SEED repeats a run.
"""

import json
import os
import random
import subprocess
from pathlib import Path

import pytest
from support import make_pictures
from support.access import NO_LIMITS, create_key, create_user
from support.paths import SOURCE_ROOT

SECONDS = int(os.environ.get("WILDCAM_SCHEMATHESIS_SECONDS", 60))
# A short run repeats itself, so that it fails for a change and not by chance; a long one explores.
CHANCE = random.SystemRandom().randrange(1, 10**9) if SECONDS > 60 else 1
SEED = int(os.environ.get("WILDCAM_SEED", CHANCE))
HERE = Path(__file__).parent
SETTLED = 300  # seconds beyond, to begin, to find the smallest failure and to end


@pytest.fixture(scope="module")
def schemathesis():
    """The program, which tests/peers.sh installs."""
    peers = Path(os.environ.get("WILDCAM_PEERS", SOURCE_ROOT / "build-peers"))
    path = peers / "schemathesis/bin/schemathesis"
    if not path.exists():
        if os.environ.get("CI") == "true":
            pytest.fail(f"{path} is missing: tests/peers.sh installs it")
        pytest.skip(f"{path} is not there: tests/peers.sh installs it")
    return path


@pytest.fixture
def ask(schemathesis, make_server, tmp_path):
    """Lets it ask a new server with some arguments, for a share of the time."""
    make_pictures(tmp_path / "pictures", 3, "64x48")
    # The limits have tests of their own. Wrong pictures are noted.
    server = make_server(NO_LIMITS)
    server.expect_log("is refused")

    def run(share, arguments):
        print(f"WILDCAM_SEED={SEED}")  # shown when the test fails
        done = subprocess.run(
            [schemathesis, "--config-file", HERE / "contract.toml", "run",
             f"{server.url}/api/openapi.json", "--seed", str(SEED),
             "--max-time", str(max(5, round(SECONDS * share))), *arguments],
            env={**os.environ, "WILDCAM_TEST_PICTURES": str(tmp_path / "pictures"),
                 "SCHEMATHESIS_HOOKS": "contract_hooks", "PYTHONPATH": str(HERE)},
            cwd=tmp_path, capture_output=True, text=True, check=False, timeout=SECONDS + SETTLED)
        print(done.stdout)
        assert done.returncode == 0, done.stderr

    run.server = server
    return run


def with_token(token):
    return ["--header", f"Authorization: Bearer {token}"]


def test_open_station(ask):
    """Without keys nobody needs one."""
    ask(0.2, ["--exclude-checks", "ignored_auth"])


@pytest.mark.parametrize(["role", "share"], [("admin", 0.4), ("viewer", 0.1), ("camera", 0.1)])
def test_role(ask, role, share):
    """Also without a key, and with one that is not valid: its checks try these."""
    camera = "a1b2c3d4" if role == "camera" else None
    ask(share, with_token(create_key(ask.server.data, role, camera)))


def test_person(ask):
    """The one whom the description takes for its example, so that logins go well, too."""
    document = json.loads((SOURCE_ROOT / "examples/server/openapi.json").read_text())
    person = document["components"]["schemas"]["Login"]["examples"][0]
    create_user(ask.server.data, person["username"], "admin", person["password"])
    session = ask.server.post("/api/auth/login", person).json
    # What ends the session that asks is asked by keys.
    ask(0.2, [*with_token(session["access_token"]), "--exclude-operation-id", "logout",
              "--exclude-operation-id", "refreshLogin"])
