"""The figures of a bench that is written in Python, in the form of those in C (bench/bench.h)."""

import json
import operator
import os

# Whether a figure reaches its goal.
REACHES = {"<": operator.lt, "<=": operator.le, ">=": operator.ge}


class Figures:
    """Prints each, keeps those that missed their goal, and writes all to WILDCAM_BENCH_JSON."""

    def __init__(self):
        self.path = os.environ.get("WILDCAM_BENCH_JSON")
        self.missed = 0

    def figure(self, name, figure, unit, sign="<", goal=None):
        """One that stands by itself, perhaps beside a fixed goal."""
        self._line(name, figure, unit, "", 0, figure, sign, goal)

    def beside(self, name, figure, unit, limit_name, limit, sign="<", goal=None):
        """One beside another of the same run; the goal is for their ratio."""
        self._line(name, figure, unit, limit_name, limit, figure / limit, sign, goal)

    def absent(self, rival):
        """
        One that is not there, so that nobody knows who is ahead: said in any case, and a goal that is
        missed where CI=true.
        """
        is_missed = os.environ.get("CI") == "true"
        self.missed += is_missed
        print(f"{rival} is not there: nothing says that we are ahead of it" +
              ("  MISSED" if is_missed else ""), flush=True)

    def _line(self, name, figure, unit, limit_name, limit, value, sign, goal):
        reached = goal is None or REACHES[sign](value, goal)
        self.missed += not reached
        text = f"{name:<44} {figure:12.6g} {unit:<8}"
        if limit_name:
            text += f" {limit_name:<34} {limit:12.6g}   {value:5.2f}"
        if goal is not None:
            text += f"  goal {sign} {goal:g}" + ("" if reached else "  MISSED")
        print(text, flush=True)
        if self.path:
            with open(self.path, "a", encoding="utf-8") as file:
                print(json.dumps({"name": name, "figure": figure, "unit": unit,
                                  "limit": limit_name, "limit_figure": limit, "goal": goal or 0,
                                  "reached": reached}), file=file)
