import os
import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from support.paths import SOURCE_ROOT

MESON = os.environ.get("MESON", "meson")


def run(*command, **settings):
    result = subprocess.run(command, capture_output=True, text=True, check=False, **settings)
    assert result.returncode == 0, f"{command}\n{result.stdout}{result.stderr}"
    return result.stdout


def set_up(directory, *options):
    """A fresh build directory without tests."""
    run(MESON, "setup", directory, SOURCE_ROOT, "-Dtests=disabled", *options)
    return directory


@dataclass
class Installed:
    """A release build in a prefix of its own, and how a user of it sets things up."""

    build: Path
    prefix: Path

    @property
    def environment(self):
        return {**os.environ, "PATH": f"{self.prefix / 'bin'}:{os.environ['PATH']}",
                "PKG_CONFIG_PATH": str(self.prefix / "lib/pkgconfig"),
                "LD_LIBRARY_PATH": str(self.prefix / "lib")}

    def pkg_config(self, *arguments):
        return run("pkg-config", *arguments, "libwildcam", env=self.environment).split()

    def files(self):
        return {path.relative_to(self.prefix).as_posix()
                for path in self.prefix.rglob("*") if not path.is_dir()}


@pytest.fixture(scope="session")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("installed")
    build = set_up(folder / "build", "-Dbuildtype=release", "-Dserver=enabled", "-Donnx=enabled",
                   f"--prefix={folder / 'prefix'}", "--libdir=lib")
    run("ninja", "-C", build)
    run(MESON, "install", "-C", build, "--no-rebuild")
    return Installed(build, folder / "prefix")
