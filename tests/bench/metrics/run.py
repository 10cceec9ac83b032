"""Counting and scraping beside prometheus-cpp and client_golang, in the same run, by turns.

turns.h says what is measured. prometheus-cpp is Debian's prometheus-cpp-dev; client_golang is built
here, with Go in the path or in /usr/local/go/bin. One that is not there is left out and named, and
with CI=true the run then fails. WILDCAM_BENCH_QUICK=1 runs each once.

usage: run.py OURS [PROMETHEUS_CPP]
"""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support.figures import Figures

HERE = Path(__file__).parent
ROUNDS = 1 if os.environ.get("WILDCAM_BENCH_QUICK") == "1" else 5
INCREMENT_GOAL = 10  # nanoseconds, contended
FIGURES = {
    "increment_1": ("increment, one thread", "ns"),
    "increment_2": ("increment, two contending", "ns"),
    "observe_1": ("observe, one thread", "ns"),
    "observe_2": ("observe, two contending", "ns"),
    "scrape_ms": ("scrape of 100,000 series", "ms"),
    "rescrape_ms": ("scrape again, 1,000 have counted", "ms"),
    "scrape_bytes": ("scrape of 100,000 series", "bytes"),
}
AHEAD = ("increment_1", "increment_2", "scrape_ms", "rescrape_ms")  # of all others: the goals


def build_golang(scratch):
    """The program of client_golang; None where there is no Go, or too old a one."""
    go = shutil.which("go", path=os.environ["PATH"] + ":/usr/local/go/bin")
    if not go:
        return None
    built = subprocess.run([go, "build", "-o", scratch / "client_golang", "."],
                           cwd=HERE / "golang", capture_output=True, text=True, check=False)
    if built.returncode:
        print(built.stderr, file=sys.stderr)
        return None
    return scratch / "client_golang"


def run(name, command, scrape):
    """Its figures by name."""
    done = subprocess.run([command, scrape], capture_output=True, text=True, check=False)
    if done.returncode:
        sys.exit(f"{name} ended with {done.returncode}: {done.stderr}")
    return {figure: float(value) for figure, value in map(str.split, done.stdout.splitlines())}


def series(scrape):
    """What was scraped, however a library sorts and writes it."""
    found = {}
    for line in scrape.read_text().splitlines():
        if line.startswith("wildcam_wildlife_detections_total{"):
            labels, value = line.rsplit(" ", 1)
            found[labels] = float(value)
    return found


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    with tempfile.TemporaryDirectory() as directory:
        scratch = Path(directory)
        programs = {"libwildcam": sys.argv[1],
                    "prometheus-cpp": sys.argv[2] if len(sys.argv) == 3 else None,
                    "client_golang": build_golang(scratch)}
        figures = Figures()
        for name in [name for name, command in programs.items() if not command]:
            figures.absent(name)
            del programs[name]
        best, expected = {}, None
        for _ in range(ROUNDS):
            for name, command in programs.items():
                measured = run(name, command, scratch / "scrape")
                scraped = series(scratch / "scrape")
                expected = expected or scraped
                assert len(scraped) == 100_000 and scraped == expected, name
                best[name] = {figure: min(value, best.get(name, {}).get(figure, value))
                              for figure, value in measured.items()}
    ours = best.pop("libwildcam")
    for figure, (title, unit) in FIGURES.items():
        for rival, theirs in best.items():
            figures.beside(title, ours[figure], unit, rival, theirs[figure], "<",
                           1 if figure in AHEAD else None)
    figures.figure("increment, two contending", ours["increment_2"], "ns", "<", INCREMENT_GOAL)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
