"""The rules of the house that a compiler does not see."""

import re
from functools import cache

import pytest
from support.paths import SOURCE_ROOT

LIB, EXAMPLES, INCLUDE = (SOURCE_ROOT / name for name in ("lib", "examples", "include"))
# lib/meson.build names the floors from the ground up.
FLOORS = re.findall(r"^subdir\('(\w+)'\)", (LIB / "meson.build").read_text(), re.M)
STANDARD = {"stdbool.h", "stddef.h", "stdint.h"}  # what a public header may include
LINES_MAX = 600
BANNED = {
    "strcpy": "snprintf or memcpy", "strcat": "snprintf", "sprintf": "snprintf",
    "vsprintf": "vsnprintf", "gets": "fgets", "strtok": "strcspn", "strncpy": "memcpy",
    "strncat": "snprintf", "localtime": "base/calendar.h", "gmtime": "base/calendar.h",
    "ctime": "base/calendar.h", "asctime": "base/calendar.h", "mktime": "base/calendar.h",
    "setlocale": "base/number.h", "atoi": "strtol", "atol": "strtol", "atof": "strtod",
    "system": "posix_spawn", "rand": "getrandom", "tmpnam": "mkstemp", "mktemp": "mkstemp",
    "alloca": "malloc",
}
# What only some may know: SQL is the backend's, and each foreign library has its one place.
PRIVATE = {
    "sqlite3.h": ("lib/store/sqlite/", "lib/api/version.c"),
    "store/sqlite/": ("lib/store/sqlite/",),
    "turbojpeg.h": ("lib/image/blur.c", "lib/image/thumbnail.c"),
    "libexif/": ("lib/image/exif.c",),
    "openssl/": ("lib/base/digest.c",),
    "curl/": ("lib/upload/curl_link.h",),
    "upload/curl_link.h": ("lib/upload/transport_curl.c", "lib/upload/curl_"),
}


def sources(*roots):
    return sorted(path for root in roots for path in root.rglob("*.[ch]"))


def shown(path):
    return path.relative_to(SOURCE_ROOT).as_posix()


@cache
def code(path):
    """A file without its comments and the contents of its strings."""
    pattern = r'/\*.*?\*/|//[^\n]*|"(?:\\.|[^"\\\n])*"|\'(?:\\.|[^\'\\\n])*\''

    def blank(match):
        return '""' if match[0][0] == '"' else "\n" * match[0].count("\n")
    return re.sub(pattern, blank, path.read_text(), flags=re.S)


@cache
def includes(path):
    """Pairs of the kind, which is < or ", and what is included."""
    return re.findall(r'^\s*#\s*include\s*([<"])([^>"]+)[>"]', path.read_text(), re.M)


def test_floors_are_all_there():
    assert sorted(FLOORS) == sorted(path.name for path in LIB.iterdir() if path.is_dir())


@pytest.mark.parametrize("floor", FLOORS)
def test_floor_includes_nothing_above_it(floor):
    below = FLOORS[:FLOORS.index(floor) + 1]
    wrong = []
    for path in sources(LIB / floor):
        for kind, name in includes(path):
            first = name.split("/")[0]
            if kind == '"' and (first not in below or not (LIB / name).exists()):
                wrong.append(f'{shown(path)} includes "{name}"')
            if kind == "<" and (first in FLOORS or
                                first == "wildcam" and not (INCLUDE / name).exists()):
                wrong.append(f"{shown(path)} includes <{name}>")
    assert not wrong


def test_public_headers_include_only_their_like():
    assert not [f"{shown(path)} includes {name}" for path in sources(INCLUDE)
                for kind, name in includes(path)
                if kind != "<" or not (name in STANDARD or (INCLUDE / name).exists())]


def test_examples_see_only_the_public_headers():
    made = {"openapi.h"}  # by the build
    wrong = []
    for path in sources(EXAMPLES):
        for kind, name in includes(path):
            own = name in made or "/" not in name and any(
                (folder / name).exists() for folder in (path.parent, EXAMPLES / "support"))
            foreign = name.split("/")[0] in [*FLOORS, "lib"] or \
                name.startswith("wildcam/") and not (INCLUDE / name).exists()
            if (kind == '"' and not own) or (kind == "<" and foreign):
                wrong.append(f"{shown(path)} includes {name}")
    assert not wrong


@pytest.mark.parametrize("what", PRIVATE)
def test_stays_in_its_place(what):
    assert not [shown(path) for path in sources(LIB) for _, name in includes(path)
                if name.startswith(what) and not shown(path).startswith(PRIVATE[what])]


@pytest.mark.parametrize("word", BANNED)
def test_banned(word):
    used = [shown(path) for path in sources(LIB, EXAMPLES)
            if re.search(rf"(?<![\w.>]){word}\s*\(", code(path))]
    assert not used, f"use {BANNED[word]}"


def test_files_can_be_read_in_one_sitting():
    long = {shown(path): len(path.read_text().splitlines()) for path in sources(LIB, EXAMPLES)}
    assert not {name: lines for name, lines in long.items() if lines > LINES_MAX}


def test_every_program_of_tests_is_run():
    """One that no meson.build names would be green for ever."""
    for listing in sorted((SOURCE_ROOT / "tests").rglob("meson.build")):
        listed = {word.split(".")[0].removeprefix("test_")
                  for word in re.findall(r"[\w.]+", listing.read_text())}
        programs = {path.stem.removeprefix("test_") for path in listing.parent.glob("test_*.py")} | {
            path.stem for path in listing.parent.glob("*.c") if "*make_suite(" in path.read_text()}
        assert programs <= listed, (shown(listing), programs - listed)
