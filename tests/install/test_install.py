"""What `meson install` puts onto a system is whole, small, and all that a program needs."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from support import Server
from support.paths import SOURCE_ROOT, make_pictures

from conftest import MESON, run, set_up

PROGRAM = Path(__file__).with_name("program.c")
PROGRAMS = ["wildcam", "wildcam-server"]
# Bytes of the stripped shared library: 400,000 for what keeps pictures, 200,000 for what uploads them,
# 100,000 for metrics, and for keys and logins, 600,000 for what looks at pictures, puts them into
# events, reports, raises alerts, exchanges and deletes.
LIBRARY_MAX = 1_300_000
# As .ci/run compiles for its tests: what it compiled serves here too, where there is a ccache.
AS_TESTED = "-Dwerror=true"
LANGUAGES = {
    "C11": [*os.environ.get("CC", "cc").split(), "-xc", "-std=c11"],
    "C++17": [*os.environ.get("CXX", "c++").split(), "-xc++", "-std=c++17"],
}


def version():
    text = (SOURCE_ROOT / "include/wildcam/version.h").read_text()
    return ".".join(re.findall(r"VERSION_(?:MAJOR|MINOR|PATCH) (\d+)", text))


def needed(program):
    """The shared libraries that a program asks for itself."""
    return re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "-d", program))


def test_installs_this_and_nothing_else(installed):
    parts = version().split(".")
    libraries = {"libwildcam.a", "libwildcam.so", f"libwildcam.so.0.{parts[1]}",
                 f"libwildcam.so.{version()}", "pkgconfig/libwildcam.pc", "wildcam/wildcam_onnx.so"}
    headers = {path.name for path in (SOURCE_ROOT / "include/wildcam").glob("*.h")}
    assert installed.files() == {f"bin/{name}" for name in PROGRAMS} \
        | {f"lib/{name}" for name in libraries} | {f"include/wildcam/{name}" for name in headers}


def test_installs_the_same_into_a_stage(installed, tmp_path):
    """As packagers do: DESTDIR stands before the prefix."""
    run(MESON, "install", "-C", installed.build, "--no-rebuild",
        env={**os.environ, "DESTDIR": str(tmp_path)})
    stage = tmp_path / installed.prefix.relative_to("/")
    assert {path.relative_to(stage).as_posix() for path in stage.rglob("*")
            if not path.is_dir()} == installed.files()


def test_shared_library_is_small(installed, tmp_path):
    stripped = tmp_path / "libwildcam.so"
    run("strip", "-o", stripped, installed.prefix / "lib/libwildcam.so")
    assert stripped.stat().st_size < LIBRARY_MAX


def test_only_the_module_needs_what_runs_models(installed):
    def foreign(path):
        return [name for name in needed(path) if re.search(r"opencv|stdc\+\+", name)]
    assert foreign(installed.prefix / "lib/wildcam/wildcam_onnx.so")
    assert not foreign(installed.prefix / "lib/libwildcam.so")
    for name in PROGRAMS:
        assert not foreign(installed.prefix / "bin" / name)


def test_pkg_config_asks_users_for_no_more_than_the_library(installed):
    assert installed.pkg_config("--modversion") == [version()]
    assert installed.pkg_config("--libs") == [f"-L{installed.prefix}/lib", "-lwildcam"]
    # pkg-config adds where the libraries' own headers are, although ours include none of them.
    curl = run("pkg-config", "--cflags", "libcurl").split()
    assert installed.pkg_config("--cflags") == [f"-I{installed.prefix}/include", *curl]
    required = installed.pkg_config("--print-requires-private")
    assert {re.split(r"[\s>=]", name)[0] for name in required} == {
        "sqlite3", "libturbojpeg", "libexif", "jansson", "libcrypto", "libcurl", "zlib"}
    assert "-lwildcam" in installed.pkg_config("--libs", "--static")


@pytest.mark.parametrize("linking", ["shared", "static"])
@pytest.mark.parametrize("language", LANGUAGES)
def test_program_builds_and_runs(installed, tmp_path, language, linking):
    libraries = installed.pkg_config("--libs")
    if linking == "static":
        # Of the library alone: Debian has not all that libcurl needs as archives.
        required = installed.pkg_config("--print-requires-private")
        libraries = [installed.prefix / "lib/libwildcam.a", "-lm", "-pthread",
                     *run("pkg-config", "--libs", " ".join(required)).split()]
    program = tmp_path / "program"
    run(*LANGUAGES[language], "-Wall", "-Wextra", "-Wpedantic", "-Werror", PROGRAM, "-o", program,
        "-xnone", *installed.pkg_config("--cflags"), *libraries)
    soname = f"libwildcam.so.0.{version().split('.')[1]}"
    assert (soname in needed(program)) == (linking == "shared")
    (picture,) = make_pictures(tmp_path, 1)
    assert run(program, tmp_path / "data", picture, env=installed.environment) == \
        f"{version()} 1\n"


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_run_where_they_are_installed(installed, name):
    """With the library beside them, whatever the environment says."""
    program = installed.prefix / "bin" / name
    bare = {key: value for key, value in os.environ.items() if key != "LD_LIBRARY_PATH"}
    assert version() in run(program, "--version", env=bare)
    assert f"usage: {name}" in run(program, "--help", env=bare).lower()


def test_says_where_the_reference_is(installed):
    written = run("ninja", "-C", installed.build, "reference")
    place = Path(re.search(r"^the reference: (.*)$", written, re.M)[1])
    assert place == installed.build / "include/html/index.html" and place.exists()


def test_builds_without_the_server(tmp_path):
    build = set_up(tmp_path / "build", "-Dserver=disabled", AS_TESTED)
    run("ninja", "-C", build)
    assert not (build / "examples/server/wildcam-server").exists()
    assert (build / "lib/libwildcam.so").exists()
    assert subprocess.run([build / "examples/query"], check=False).returncode == 2


def test_builds_without_the_module_for_models(tmp_path, monkeypatch):
    monkeypatch.setenv("CXX", "/nowhere/c++")
    build = set_up(tmp_path / "build", "-Donnx=disabled", "-Dserver=disabled", AS_TESTED)
    run("ninja", "-C", build, f"lib/libwildcam.so.{version()}")
    assert not list(build.rglob("wildcam_onnx.so"))


def test_builds_without_tls(tmp_path, monkeypatch):
    build = set_up(tmp_path / "build", "-Dserver=enabled", "-Dtls=disabled", AS_TESTED)
    run("ninja", "-C", build, "examples/server/wildcam-server")
    assert not [name for name in needed(build / "examples/server/wildcam-server")
                if "gnutls" in name]
    monkeypatch.setenv("WILDCAM_BUILD_ROOT", str(build))
    with Server(tmp_path / "station") as server:
        assert server.get("/healthz").status == 200
    with pytest.raises(AssertionError, match="TLS is not built into this server"):
        Server(tmp_path / "other", {"http.tls_certificate": "a.crt", "http.tls_key": "a.key"})
