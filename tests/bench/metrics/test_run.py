"""What the bench says of rivals that are there, ahead, or missing."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

FIGURES = ("increment_1", "increment_2", "observe_1", "observe_2", "scrape_ms", "rescrape_ms",
           "scrape_bytes")
PROGRAM = f'''#!{sys.executable}
import sys
with open(sys.argv[1], "w") as scrape:
    for number in range(100_000):
        scrape.write('wildcam_wildlife_detections_total{{camera_id="%d"}} 1\\n' % number)
for name in {FIGURES}:
    print(name, FIGURE)
'''
# Stands for Go: it builds what lies beside it, if anything does. (go build -o PROGRAM .)
GO = '#!/bin/sh\nexec cp "$(dirname "$0")/client_golang" "$3"\n'


def write_program(path, text):
    path.write_text(text)
    path.chmod(0o755)
    return path


@pytest.fixture
def bench(tmp_path):
    """Runs it with programs that tell these figures: its exit status and what it says."""
    def run(ours, rivals, ci):
        made = {name: write_program(tmp_path / name, PROGRAM.replace("FIGURE", str(figure)))
                for name, figure in {"ours": ours, **rivals}.items()}
        write_program(tmp_path / "go", GO)
        environment = {**os.environ, "WILDCAM_BENCH_QUICK": "1", "CI": ci,
                       "WILDCAM_BENCH_JSON": str(tmp_path / "bench.json"),
                       "PATH": f"{tmp_path}:{os.environ['PATH']}"}
        command = [sys.executable, Path(__file__).parent / "run.py", made["ours"]]
        if "prometheus_cpp" in made:
            command.append(made["prometheus_cpp"])
        done = subprocess.run(command, env=environment, capture_output=True, text=True,
                              check=False, timeout=60)
        return done.returncode, done.stdout

    return run


@pytest.mark.parametrize("ci", ["", "true"])
def test_ahead_of_both(bench, ci):
    status, said = bench(1, {"prometheus_cpp": 2, "client_golang": 3}, ci)
    assert status == 0 and "MISSED" not in said and "is not there" not in said


@pytest.mark.parametrize("behind", ["prometheus_cpp", "client_golang"])
def test_behind_one(bench, behind):
    status, said = bench(2, {"prometheus_cpp": 3, "client_golang": 3, behind: 1}, "")
    assert status == 1 and "MISSED" in said


@pytest.mark.parametrize("ci, expected", [("", 0), ("true", 1)])
@pytest.mark.parametrize("rivals", [{}, {"prometheus_cpp": 2}, {"client_golang": 2}],
                         ids=lambda rivals: "+".join(rivals) or "none")
def test_rival_that_is_missing(bench, rivals, ci, expected):
    """Ahead of none is not ahead of both: said in any case, and a failure in CI."""
    status, said = bench(1, rivals, ci)
    assert status == expected
    for name in ("prometheus-cpp", "client_golang"):
        assert (f"{name} is not there" in said) == (name.replace("-", "_") not in rivals)
    assert ("MISSED" in said) == (ci == "true")
