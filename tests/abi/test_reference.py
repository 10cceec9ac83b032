"""Every exported function says all that a caller must know, and Doxygen understands it."""

import os
import re
import shutil
import subprocess

import pytest
from support.paths import build_path

from headers import HEADERS, exported_functions, map_nodes, statuses

FUNCTIONS = exported_functions()
EVERY_FUNCTION = pytest.mark.parametrize("function", FUNCTIONS, ids=lambda f: f.name)
BEGUN_IN = {name: node.partition("_")[2] for node, names in map_nodes().items() for name in names}


@EVERY_FUNCTION
def test_says_all(function):
    comment = function.comment
    assert comment, f"{function} has no comment"
    assert not comment.lstrip().startswith("@"), "no sentence says what it does"
    documented = re.findall(r"^@param(?:\[[a-z,]+\])? +(\w+) +\S", comment, re.M)
    assert documented == function.parameters
    assert bool(re.search(r"^@return \S", comment, re.M)) == (function.result != "void")
    for word in ("Ownership:", r"Thread\s+safety:", "Blocking:"):
        assert len(re.findall(rf"\b{word}\s+\S", comment)) == 1, word
    assert re.findall(r"^@since (\S+)$", comment, re.M) == [BEGUN_IN[function.name]]


@EVERY_FUNCTION
def test_names_statuses_that_exist(function):
    named = set(re.findall(r"#(WILDCAM_(?:OK|ERR_\w+))", function.comment))
    assert named <= statuses()
    if function.result == "wildcam_status":
        assert re.search(r"@return (#WILDCAM_OK|as wildcam_)", function.comment)


def test_constants_are_documented():
    """What Doxygen would let pass: a macro without a comment of its own."""
    bare = []
    for path in HEADERS:
        lines = path.read_text().splitlines()
        for before, line in zip([""] + lines, lines):
            match = re.match(r"#define (WILDCAM_\w+)", line)
            if match and not match[1].endswith(("_H", "_VALUE", "_API")) \
                    and not before.rstrip().endswith("*/"):
                bare.append(f"{path.name}: {match[1]}")
    assert not bare


def test_doxygen_has_no_complaint(tmp_path):
    settings = build_path("include/Doxyfile").read_text()
    result = subprocess.run([shutil.which("doxygen") or "doxygen", "-"], cwd=tmp_path,
                            input=f"{settings}\nOUTPUT_DIRECTORY = {tmp_path}\n", text=True,
                            capture_output=True, check=False, env={**os.environ, "LC_ALL": "C"})
    assert result.returncode == 0, result.stderr
    assert not result.stderr
    assert (tmp_path / "html/index.html").exists()
