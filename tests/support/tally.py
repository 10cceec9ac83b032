"""Counts what the tests did, from meson's logs, and says why some were skipped.

usage: tally.py [--status N] [--failed NAME]... LOG...

A program of several tests says how many there were, as Check and pytest do; any other counts as
one. With CI=true a program that skipped itself failed, but for want of the real files: what else it
may lack is in some package.
"""

import argparse
import json
import os
import re
import sys

CHECK = re.compile(r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$", re.M)
PYTEST = re.compile(r"^(?:=+ )?((?:\d+ [a-z]+(?:, )?)+) in [\d.]+s", re.M)
SKIP = re.compile(r"^(?:SKIP: (.*)|SKIPPED \[(\d+)\] (.*))$", re.M)


class Tally:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0
        self.reasons = {}

    def add_skips(self, text):
        """Reasons that programs print; several tests may share one."""
        for own, count, pytests in SKIP.findall(text):
            reason = own or pytests
            self.reasons[reason] = self.reasons.get(reason, 0) + int(count or 1)

    def add_cases(self, text):
        """The tests within a program: True when it says how many there were."""
        said = False
        for checks, failures, errors in CHECK.findall(text):
            bad = int(failures) + int(errors)
            self.passed += int(checks) - bad
            self.failed += bad
            said = True
        for counts in PYTEST.findall(text):
            for number, what in re.findall(r"(\d+) ([a-z]+)", counts):
                if what in ("passed", "xfailed"):
                    self.passed += int(number)
                elif what == "skipped":
                    self.skipped += int(number)
                elif what in ("failed", "error", "errors", "xpassed"):
                    self.failed += int(number)
            said = True
        return said

    def add_program(self, row):
        text = (row.get("stdout") or "") + "\n" + (row.get("stderr") or "")
        self.add_skips(text)
        if row["result"] == "SKIP":
            if os.environ.get("CI") == "true" and "SKIP: the real files" not in text:
                print(f"{row['name']}: skipped, which is a failure when CI=true", file=sys.stderr)
                self.failed += 1
            else:
                self.skipped += 1
            return
        failed_before = self.failed
        said = self.add_cases(text)
        if row["result"] in ("OK", "EXPECTEDFAIL"):
            self.passed += 0 if said else 1
        elif self.failed == failed_before:  # it crashed, hung or leaked
            self.failed += 1


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--status", type=int, default=0)
    parser.add_argument("--failed", action="append", default=[])
    parser.add_argument("logs", nargs="*")
    arguments = parser.parse_intermixed_args()  # run.sh names what failed where it does
    tally = Tally()
    for path in filter(os.path.exists, arguments.logs):  # meson writes none when it runs no test
        with open(path, encoding="utf-8") as log:
            for line in log:
                tally.add_program(json.loads(line))
    tally.failed += len(arguments.failed)
    if arguments.status != 0 and tally.failed == 0:
        tally.failed = 1
    for reason, count in sorted(tally.reasons.items()):
        print(f"skipped: {reason}" + (f" ({count} times)" if count > 1 else ""))
    if tally.passed + tally.failed + tally.skipped == 0:
        print("there is no such suite", file=sys.stderr)
        tally.failed = 1
    print(f"{tally.passed} passed, {tally.failed} failed, {tally.skipped} skipped")
    return 1 if tally.failed else 0


if __name__ == "__main__":
    sys.exit(main())
