"""A server under the load of a large station, with keys, on the cores that the load shares with it.

1. A thousand cameras, each with a picture of 100 KB every 5 s and a status every 300 s, and 200
   readers with the requests of the guide's k6 script once a second.
2. More and more of it, until something gives: what gave first is named.
3. The first load with an abuser: one address with 10,000 requests/s, 500 slow connections.

The load comes from addresses of their own in 127.0.0.0/8. WILDCAM_BENCH_QUICK=1 makes minutes of
seconds. What else used the machine meanwhile is told, for it makes figures worse.
"""

import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

from support import Server, make_pictures, program
from support.figures import Figures

QUICK = os.environ.get("WILDCAM_BENCH_QUICK") == "1"
SECONDS = 15 if QUICK else 300
STEP_SECONDS = 6 if QUICK else 30
STEPS = [1.5, 2, 2.5, 3, 3.5, 4, 5, 6, 8, 10]
CAMERAS, READERS, PICTURE_PERIOD, PICTURE_SIZE = 1000, 200, 5, 100_000
ABUSE, SLOW = 10_000, 500
READ_GOAL, ABUSE_GOAL = 20, 2  # milliseconds, times
MEMORY_GOAL = None if QUICK else 1.1  # times; it has to settle first
TICKS = os.sysconf("SC_CLK_TCK")
WARM = 6  # the cameras register


def processor_seconds(pid):
    """Of a process."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS


def machine_seconds():
    """Of all processors: busy, waiting for disks."""
    user, nice, system, _, wait, irq, soft, steal, *_ = map(int, Path("/proc/stat").read_text(
        encoding="ascii").split("\n", 1)[0].split()[1:])
    return (user + nice + system + irq + soft + steal) / TICKS, wait / TICKS


class Watch:
    """The memory of a process over time, and what the machine did meanwhile."""

    def __init__(self, pid):
        self.pid = pid
        self.memory = []  # megabytes, each second
        self.over = threading.Event()
        self.thread = threading.Thread(target=self._watch)

    def _watch(self):
        while not self.over.wait(1):
            pages = int(Path(f"/proc/{self.pid}/statm").read_text(encoding="ascii").split()[1])
            self.memory.append(pages * os.sysconf("SC_PAGE_SIZE") / 1e6)

    def __enter__(self):
        self.begun = processor_seconds(self.pid), *machine_seconds()
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.over.set()
        self.thread.join()
        now = processor_seconds(self.pid), *machine_seconds()
        self.server, self.busy, self.disk = (b - a for a, b in zip(self.begun, now))


class Station:
    """The server, its keys, and the load."""

    def __init__(self, directory):
        self.picture = directory / "picture.jpg"
        made = make_pictures(directory, 1, "1200x900")[0]
        self.picture.write_bytes(made.read_bytes().ljust(PICTURE_SIZE - 16, b"\0"))
        self.keys = {role: self._make_key(directory / "station/data", role)
                     for role in ("fleet", "viewer")}
        # Nobody here is a proxy, whose many connections would be many clients'; and it is not the
        # number of clients, as it is set, that is to give first.
        self.server = Server(directory / "station", {"s3.upload": "off", "http.proxies": "",
                                                     "http.connections": 8000})

    @staticmethod
    def _make_key(data, role):
        made = subprocess.run([program("wildcam"), "keys", "create", "--role", role,
                               "--data", data], capture_output=True, text=True, check=True)
        return made.stdout.strip()

    def load(self, seconds, scale=1, **more):
        """Loads it: what became of the requests, and how the machine was used, in cores."""
        command = [program("tests/bench/load/bench_load"), "--port", self.server.address[1],
                   "--picture", self.picture, "--seconds", seconds, "--warm", WARM,
                   "--cameras", CAMERAS, "--readers", round(READERS * scale),
                   "--picture-period", PICTURE_PERIOD / scale, "--status-period", 300 / scale]
        for role, key in self.keys.items():
            command += [f"--{role}-key", key]
        for name, value in more.items():
            command += [f"--{name.replace('_', '-')}", value]
        with Watch(self.server.pid) as watch:
            done = subprocess.run(list(map(str, command)), capture_output=True, text=True,
                                  check=False)
        if done.returncode:
            sys.exit(done.stderr)
        result = json.loads(done.stdout)
        whole = seconds + WARM
        result["cores"] = {"server": watch.server / whole, "load": result["cpu_seconds"] / whole,
                           "others": (watch.busy - watch.server - result["cpu_seconds"]) / whole,
                           "waiting for the disk": watch.disk / whole}
        answers = sum(result[kind]["done"] + sum(result[kind]["errors"].values())
                      for kind in ("upload", "status", "read", "abuse"))
        result["each"] = watch.server / (answers or 1) * 1000 * seconds / whole
        result["memory"] = watch.memory
        result["offered"] = {"upload": CAMERAS * scale * seconds / PICTURE_PERIOD,
                             "read": READERS * scale * seconds * 3}
        return result


def errors(result):
    """What went wrong, by kind; an abuser's troubles are none."""
    return {kind: result[kind]["errors"] for kind in ("register", "upload", "status", "read")
            if result[kind]["errors"]}


def tell(title, result):
    """A paragraph of what was seen."""
    print(f"{title}:")
    for kind in ("upload", "status", "read", "abuse", "slow"):
        told = result[kind]
        if told["done"] or told["errors"]:
            print(f"  {kind:<8}{told['done']:>9} done, p50 {told['p50']:.2f} ms, p99 "
                  f"{told['p99']:.2f} ms, longest {told['max']:.0f} ms"
                  + "".join(f", {count} x {name}" for name, count in told["errors"].items()))
    print("  cores used: " + ", ".join(f"{name} {cores:.2f}"
                                       for name, cores in result["cores"].items())
          + f" of {os.cpu_count()}; {result['each']:.2f} ms of the server's for each request; "
          f"memory {result['memory'][0]:.0f} to {max(result['memory']):.0f} MB; the load was late "
          f"by {result['lag']['p99']:.1f} ms (p99)", flush=True)


def what_gave(result):
    """Why this load is more than it can take; empty when it is not."""
    given = [f"{kind}: {count} x {name}" for kind, all_ in errors(result).items()
             for name, count in all_.items()]
    for kind in ("upload", "read"):
        share = result[kind]["done"] / result["offered"][kind]
        if share < 0.98:
            given.append(f"{kind}s: {share:.0%} of those that were due were done")
    if result["read"]["p99"] > READ_GOAL:
        given.append(f"reads: p99 {result['read']['p99']:.1f} ms")
    if result["upload"]["p99"] > 1000:
        given.append(f"uploads: p99 {result['upload']['p99']:.0f} ms")
    return given


def why(result):
    """What there was no more of."""
    cores = result["cores"]
    used = cores["server"] + cores["load"] + cores["others"]
    if used > 0.93 * os.cpu_count():
        return f"no processor was left (the server used {cores['server']:.2f} cores)"
    if cores["waiting for the disk"] > 0.2:
        return "the disk was waited for"
    return f"{os.cpu_count() - used:.2f} cores were idle: threads waited for one another"


def rise(station, figures):
    """More and more."""
    reached = 1
    for scale in STEPS:
        result = station.load(STEP_SECONDS, scale)
        tell(f"{scale:g} times the load", result)
        given = what_gave(result)
        if given:
            print(f"gave at {scale:g} times the load: {'; '.join(given)}; {why(result)}")
            break
        reached = scale
    figures.figure("load: times what was asked for", reached, "times")


def abuse(station, figures):
    """What others notice of it."""
    quiet = station.load(STEP_SECONDS)
    tell("quiet", quiet)
    for title, more in {"10,000 requests/s": {"abuse": ABUSE},
                        "500 slow connections": {"slow": SLOW},
                        "500 slow ones from 50 addresses": {"slow": SLOW, "slow_addresses": 50},
                        "both": {"abuse": ABUSE, "slow": SLOW}}.items():
        result = station.load(STEP_SECONDS, **more)
        tell(f"abuser, {title}", result)
        figures.figure(f"load: abuser, {title}: errors", sum(
            sum(counts.values()) for counts in errors(result).values()), "", "<=", 0)
        for kind in ("read", "upload"):
            figures.beside(f"load: {title}: {kind} p99", result[kind]["p99"], "ms", "quiet",
                           quiet[kind]["p99"], "<=", ABUSE_GOAL)


def main():
    figures = Figures()
    scratch = Path(tempfile.mkdtemp())
    try:
        station = Station(scratch)
        with station.server:
            result = station.load(SECONDS)
            tell(f"{CAMERAS} cameras and {READERS} readers for {SECONDS} s", result)
            print(f"  errors: {errors(result) or 'none'}")
            figures.figure("load: errors", sum(sum(counts.values())
                                               for counts in errors(result).values()), "", "<=", 0)
            figures.figure("load: reads p99", result["read"]["p99"], "ms", "<", READ_GOAL)
            figures.figure("load: processor time for each request", result["each"], "ms")
            figures.figure("load: uploads p99", result["upload"]["p99"], "ms")
            memory = result["memory"]
            tenth = len(memory) // 10
            print("  memory at each tenth of the time: "
                  + ", ".join(f"{megabytes:.1f}" for megabytes in memory[::tenth]) + " MB")
            figures.beside("load: memory at the end", sum(memory[-tenth:]) / tenth, "MB",
                           "after a fifth of the time",
                           sum(memory[2 * tenth:3 * tenth]) / tenth, "<=", MEMORY_GOAL)
            rise(station, figures)
            abuse(station, figures)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return 1 if figures.missed else 0


if __name__ == "__main__":
    sys.exit(main())
