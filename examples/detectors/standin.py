#!/usr/bin/env python3
"""A stand-in for a detector: it needs nothing but Python, and knows nothing of animals.

usage: process.detector = process:/path/to/standin.py

It reads a JPEG's size from its head and says that something is in the middle of every picture whose
file is large for its pixels, because leaves, fur and feathers take more bytes than an empty sky.
That is no detection. It is here to try a station with, to test one, and to be replaced: what it
says is the same for the same file, at all times and everywhere.
"""

from __future__ import annotations

from pathlib import Path

from protocol import Detection, NotThisPicture, Picture, run

# The markers of frames (SOF0 to SOF15), without DHT, JPG and DAC, which lie among them.
FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
WITHOUT_LENGTH = {0x01, *range(0xD0, 0xD9)}
EMPTY_SKY = 0.10  # bytes for each pixel
THICKET = 0.60


def jpeg_size(data: bytes) -> tuple[int, int]:
    """Width and height as they are stored."""
    at = 2
    if data[:2] != b"\xff\xd8":
        raise NotThisPicture("it is no JPEG")
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            raise NotThisPicture(f"there is no marker at byte {at}")
        marker = data[at + 1]
        if marker == 0xFF:  # padding
            at += 1
            continue
        at += 2
        if marker in WITHOUT_LENGTH:
            continue
        if marker in FRAMES and at + 7 <= len(data):
            height = int.from_bytes(data[at + 3:at + 5], "big")
            width = int.from_bytes(data[at + 5:at + 7], "big")
            if width and height:
                return width, height
            break
        at += max(2, int.from_bytes(data[at:at + 2], "big"))
    raise NotThisPicture("it has no size")


def look(picture: Picture) -> list[Detection]:
    try:
        data = Path(picture.file).read_bytes()
    except OSError as reason:
        raise NotThisPicture(f"it cannot be read: {reason.strerror}") from reason
    width, height = jpeg_size(data)
    density = len(data) / (width * height)
    sure = min(1.0, max(0.0, (density - EMPTY_SKY) / (THICKET - EMPTY_SKY)))
    return [Detection("1", round(sure, 3), (0.25, 0.25, 0.5, 0.5))]


if __name__ == "__main__":
    run("stand-in", "1", look, {"1": "animal"})
