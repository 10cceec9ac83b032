"""examples/deploy/systemd: systemd takes the unit, and nothing in it is a name of nobody's."""

import os
import re
import shutil
import subprocess

import pytest
from support.paths import SOURCE_ROOT, program

DEPLOY = SOURCE_ROOT / "examples/deploy/systemd"
NAME = "wildcam-server.service"
# systemd's own measure, from 0 (confined) to 100; a service that listens has 5 for that alone.
EXPOSURE_MOST = 15


def analyze(*arguments):
    path = shutil.which("systemd-analyze")
    if not path and os.environ.get("CI") != "true":
        pytest.skip("there is no systemd-analyze (Debian: systemd)")
    assert path, "systemd-analyze is missing"
    return subprocess.run([path, *arguments], capture_output=True, text=True, check=False,
                          timeout=60)


@pytest.fixture
def unit(tmp_path):
    """The unit as it would be installed, with the server that was built and all that is to be added."""
    text, count = re.subn(r"^ExecStart=wildcam-server$",
                          f"ExecStart={program('wildcam-server')}",
                          (DEPLOY / NAME).read_text(), flags=re.M)
    assert count == 1
    path = tmp_path / NAME
    path.write_text(text)
    added = tmp_path / f"{NAME}.d"
    added.mkdir()
    shutil.copy(DEPLOY / "credentials.conf", added)
    return path


def test_systemd_finds_no_fault(unit):
    """What it does not know it only tells of, and ends well all the same."""
    result = analyze("verify", "--man=no", unit)
    assert (result.returncode, result.stderr, result.stdout) == (0, "", "")


@pytest.mark.parametrize("place", [NAME, f"{NAME}.d/credentials.conf"])
def test_a_fault_would_be_found(unit, place):
    path = unit.parent / place
    path.write_text(path.read_text().replace("[Service]\n", "[Service]\nProtectHomes=yes\n"))
    assert "ProtectHomes" in analyze("verify", "--man=no", unit).stderr


def test_the_unit_finds_the_server_where_it_is_installed(unit):
    """It has no path: systemd takes such a name, and looks where the comment says."""
    unit.write_text(re.sub("^ExecStart=.*$", "ExecStart=sh", unit.read_text(), flags=re.M))
    assert analyze("verify", "--man=no", unit).stderr == ""
    searched = subprocess.run(["systemd-path", "search-binaries-default"], capture_output=True,
                              text=True, check=True, timeout=60).stdout.strip().split(":")
    assert searched.index("/usr/local/bin") < searched.index("/usr/bin")


def test_a_server_that_is_missing_would_be_found(unit):
    unit.write_text(re.sub("^ExecStart=.*$", "ExecStart=no-such-server", unit.read_text(),
                           flags=re.M))
    assert "no-such-server is not executable" in analyze("verify", "--man=no", unit).stderr


def test_the_server_may_do_little(unit):
    result = analyze("security", "--offline=yes", f"--threshold={EXPOSURE_MOST}", unit)
    assert result.returncode == 0, result.stdout + result.stderr
    assert "Overall exposure level" in result.stdout


def test_settings_are_the_servers():
    """It passes over variables that are none of its settings'."""
    listed = subprocess.run([program("wildcam-server"), "--settings"], capture_output=True,
                            text=True, check=True, timeout=60).stdout
    known = {"WILDCAM_" + line.split()[0].upper().replace(".", "_") for line in listed.splitlines()}
    used = set()
    for path in DEPLOY.iterdir():
        used |= set(re.findall(r"\b(WILDCAM_\w+)=", path.read_text()))
    assert "WILDCAM_DATA_DIR" in used
    assert used <= known
