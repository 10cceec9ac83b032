"""What the library shows to others: exactly what its headers declare, and no state of its own."""

import re
import subprocess

from support.paths import build_path

from headers import INCLUDE, exported_functions, map_nodes

# Everything else in the library is constant, or belongs to an object of the caller's.
# The calling thread's error text, whether libcurl was started, and whether forks wait for SQLite.
WRITABLE = {"last", "curl_once", "forks_mutex", "forks_minded"}
# Names that a sanitizer or the coverage count adds to what it builds.
INSTRUMENTS = re.compile(r"^(\.L|__?[a-z]+san|__gcov|__odr_|__sancov|__llvm)")
# What a library leaves to its host: the process, its signals, its locale, its output.
HOST_ONLY = {
    "abort", "exit", "_exit", "quick_exit", "atexit", "__assert_fail", "signal", "sigaction",
    "setlocale", "setenv", "putenv", "unsetenv", "chdir", "umask", "stdout", "stderr", "printf",
    "puts", "putchar", "fprintf", "fputs", "perror", "fork", "system", "popen", "syslog", "sleep",
}


def tool(*command):
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout


def declared():
    return {function.name for function in exported_functions()}


def test_map_is_what_headers_declare():
    names = [name for node in map_nodes().values() for name in node]
    assert len(names) == len(set(names)), "a name stands twice in the map"
    assert set(names) == declared()
    for node, own in map_nodes().items():
        assert own == sorted(own), f"{node} is not in order"


def test_library_exports_what_headers_declare():
    lines = tool("nm", "-D", "--defined-only", build_path("lib/libwildcam.so")).splitlines()
    exported, versions = {}, set()
    for line in lines:
        _, kind, name = line.split()
        if kind == "A":
            versions.add(name)
        else:
            name, _, version = name.partition("@@")
            exported[name] = (kind, version)
    assert set(exported) == declared()
    assert versions == set(map_nodes())
    for node, names in map_nodes().items():
        wrong = [name for name in names if exported[name] != ("T", node)]
        assert not wrong, f"not functions of {node}: {wrong}"


def test_soname_breaks_with_each_minor_version():
    """Until 1.0, which freezes the ABI."""
    text = (INCLUDE / "wildcam/version.h").read_text()
    major, minor = re.findall(r"WILDCAM_VERSION_(?:MAJOR|MINOR) (\d+)", text)
    assert major == "0"
    dynamic = tool("readelf", "-d", build_path("lib/libwildcam.so"))
    assert re.search(r"\(SONAME\).*\[(.*)\]", dynamic)[1] == f"libwildcam.so.0.{minor}"


def archive():
    return build_path("lib/libwildcam.a")


def test_library_keeps_no_global_state():
    section = re.compile(r"^[0-9a-f]+ .{7} (\S+)\s+[0-9a-f]+ (?:\.hidden )?(\S+)$", re.M)
    writable = {name for where, name in section.findall(tool("objdump", "-t", archive()))
                if re.match(r"\.t?(data|bss)|\*COM\*", where) and ".rel.ro" not in where
                and where != name and not INSTRUMENTS.match(name)}
    assert writable == WRITABLE


def test_library_leaves_the_process_alone():
    needed = {line.split()[-1] for line in tool("nm", "-u", archive()).splitlines() if " U " in line}
    assert needed, "nm shows nothing"
    assert not needed & HOST_ONLY


def test_archive_claims_only_its_own_names():
    """A program that links the archive shares one space of names with it."""
    lines = tool("nm", "--defined-only", "--extern-only", archive()).splitlines()
    names = {line.split()[2] for line in lines if len(line.split()) == 3}
    assert declared() <= names
    assert not {name for name in names
                if not re.match("wildcam_|wci_", name) and not INSTRUMENTS.match(name)}
