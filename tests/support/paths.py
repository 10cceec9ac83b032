"""Where the built programs and the real files are, and pictures made for a test."""

import os
import subprocess
from pathlib import Path

import pytest

SOURCE_ROOT = Path(__file__).resolve().parents[2]
PROGRAMS = {
    "wildcam-server": "examples/server/wildcam-server",
    "wildcam": "examples/cli/wildcam",
    "make_pictures": "tests/support/make_pictures",
    "write_metrics": "tests/support/write_metrics",
}


def build_path(name):
    """A path in the build directory: WILDCAM_BUILD_ROOT, else build/ in the project's root."""
    return Path(os.environ.get("WILDCAM_BUILD_ROOT", SOURCE_ROOT / "build")) / name


def program(name):
    """The path of a built program; fails the test when it is not there."""
    path = build_path(PROGRAMS.get(name, name))
    assert path.exists(), f"{path} is not built"
    return path


def make_pictures(directory, count, size="320x240", first=1):
    """`count` different JPEGs in a directory, by the support program: their paths, in order."""
    directory = Path(directory)
    directory.mkdir(parents=True, exist_ok=True)
    subprocess.run([program("make_pictures"), directory, str(count), size, str(first)], check=True)
    return [directory / f"picture_{seed}.jpg" for seed in range(first, first + count)]


def real_data():
    """The folder of real files (WILDCAM_TEST_DATA, else ../shared/data); skips without it."""
    path = Path(os.environ.get("WILDCAM_TEST_DATA", SOURCE_ROOT.parent / "shared" / "data"))
    if not path.is_dir():
        pytest.skip(f"the real files are not at {path} (WILDCAM_TEST_DATA)")
    return path


def real_pictures(*folders):
    """The JPEGs below folders of the real files, in order."""
    return sorted(path for folder in folders for path in (real_data() / folder).rglob("*")
                  if path.suffix.lower() in (".jpg", ".jpeg"))
