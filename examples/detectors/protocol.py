"""What a detector has to say to the station that started it, so that it need not know how.

A detector is a function from a picture to what is on it; run() does the rest:

    run("my model", "1.0", look, {"1": "animal", "2": "person", "3": "vehicle"})

README.md beside this file tells the lines that go to and fro.
"""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, NoReturn

VERSION = 1


class NotThisPicture(Exception):
    """There is no answer for this picture: it says why."""


@dataclass(frozen=True)
class Picture:
    """A picture that the station asks about."""

    file: str  # an absolute path; not to be changed
    device_id: str = ""  # of the camera
    time: str | None = None  # ISO 8601 with an offset, or not known
    width: int = 0  # of the picture when it is turned upright by EXIF's orientation
    height: int = 0
    orientation: int = 1  # EXIF's, 1 to 8


@dataclass(frozen=True)
class Detection:
    """Something on a picture."""

    category: str  # an id of detection_categories
    confidence: float  # 0 to 1
    # x, y, width and height in parts of the upright picture, from its top left; None: nowhere
    # in particular
    box: tuple[float, float, float, float] | None = None
    # ids of classification_categories and how sure each is
    classifications: Sequence[tuple[str, float]] = field(default_factory=tuple)

    def as_json(self) -> dict[str, Any]:
        numbers = [self.confidence, *(self.box or ()), *(sure for _, sure in self.classifications)]
        if not all(math.isfinite(number) for number in numbers):
            raise NotThisPicture("the model answers with a number that is none")
        said: dict[str, Any] = {"category": self.category, "conf": float(self.confidence)}
        if self.box is not None:
            said["bbox"] = [float(side) for side in self.box]
        if self.classifications:
            said["classifications"] = [[name, float(sure)] for name, sure in self.classifications]
        return said


Look = Callable[[Picture], Sequence[Detection]]


def fail(reason: str) -> NoReturn:
    """Ends the program: the station's log shows the reason, and it tries again later."""
    print(reason, file=sys.stderr)
    sys.exit(1)


def check_version() -> None:
    asked = os.environ.get("WILDCAM_DETECTOR_PROTOCOL", str(VERSION))
    if asked != str(VERSION):
        fail(f"the station speaks version {asked} of the detectors' protocol, this program "
             f"version {VERSION}: take the one that came with the station")


def take_output() -> Any:
    """What is printed from now on goes to the log: libraries print what they like, and one word of
    theirs among the answers would be the end of them."""
    answers = os.fdopen(os.dup(sys.stdout.fileno()), "w", encoding="utf-8", newline="\n")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())
    sys.stdout = sys.stderr
    return answers


def answer(question: Mapping[str, Any], look: Look) -> dict[str, Any]:
    said: dict[str, Any] = {"id": question["id"], "file": question["file"]}
    try:
        known = {name: question[name] for name in Picture.__dataclass_fields__
                 if question.get(name) is not None}
        said["detections"] = [found.as_json() for found in look(Picture(**known))]
    except NotThisPicture as reason:
        said["failure"] = str(reason) or "no reason was given"
    except Exception as reason:  # one picture must not end it for all
        said["failure"] = f"{type(reason).__name__}: {reason}"
    return said


def run(name: str, version: str, look: Look, detection_categories: Mapping[str, str],
        classification_categories: Mapping[str, str] | None = None,
        answers: Any = None) -> None:
    """Answers until the station closes our input. Whatever takes long to load is loaded before."""
    check_version()
    answers = answers or take_output()
    signal.signal(signal.SIGINT, signal.SIG_DFL)  # no traceback for ^C in a terminal

    def say(line: dict[str, Any]) -> None:
        answers.write(json.dumps(line, allow_nan=False) + "\n")
        answers.flush()

    hello: dict[str, Any] = {"protocol": VERSION, "detector": name, "version": version,
                             "detection_categories": dict(detection_categories)}
    if classification_categories:
        hello["classification_categories"] = dict(classification_categories)
    try:
        say(hello)
        for line in sys.stdin.buffer:
            say(answer(json.loads(line), look))
    except BrokenPipeError:  # the station is gone
        os._exit(0)
