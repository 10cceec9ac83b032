"""Reading the server's log: each line as a dict, alike from both forms."""

import json
import re

LEVELS = ["error", "warning", "info", "debug"]

LINE = re.compile(r"(\S+) (\w+) (\w+)((?: \w+=\S*[^\s:])*): (.*)")
NUMBERS = {"status": int, "duration_ms": float, "received_bytes": int, "sent_bytes": int}


def text_lines(log):
    lines = []
    for text in log.split("\n")[:-1]:
        found = LINE.fullmatch(text)
        assert found, text
        line = dict(zip(("time", "level", "module", "message"), found.group(1, 2, 3, 5)))
        for field in found[4].split():
            name, _, value = field.partition("=")
            assert name not in line, text
            line[name] = NUMBERS.get(name, str)(value)
        lines.append(line)
    return lines


def json_lines(log):
    return [json.loads(line) for line in log.split("\n")[:-1]]


READERS = {"text": text_lines, "json": json_lines}
