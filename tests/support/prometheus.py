"""
A real Prometheus (Debian's package prometheus) on loopback, and a forwarder that asks for a format
in a scraper's place.
"""

import json
import re
import shutil
import subprocess
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from .s3_peers import missing

TIMEOUT = 60  # safety nets
STOP_TIMEOUT = 30
PAUSE = 0.05
INTERVAL = "500ms"


def installed(name):
    """The path of a program; without it the test is skipped, or fails where CI=true."""
    found = shutil.which(name)
    return found or missing(f"no {name}: Debian's package prometheus has it")


def job(name, address, **more):
    """A scrape configuration of one target."""
    return {"job_name": name, "static_configs": [{"targets": [address]}], **more}


class Prometheus:
    """
    Scrapes its jobs until it is stopped; `rules` are groups by name. A text instead of jobs is its
    whole configuration.
    """

    def __init__(self, directory, jobs, rules=None, external_labels=None):
        self.directory = Path(directory)
        self.directory.mkdir(parents=True)
        self.log_path = self.directory / "prometheus.log"
        # JSON is YAML.
        (self.directory / "rules.yml").write_text(json.dumps({"groups": [
            {"name": name, "interval": INTERVAL, "rules": group}
            for name, group in (rules or {}).items()]}))
        (self.directory / "prometheus.yml").write_text(
            jobs if isinstance(jobs, str) else json.dumps({
                "global": {"scrape_interval": INTERVAL, "scrape_timeout": INTERVAL,
                           "evaluation_interval": INTERVAL,
                           "external_labels": external_labels or {}},
                "rule_files": ["rules.yml"], "scrape_configs": jobs}))
        with open(self.log_path, "wb") as log:
            self.process = subprocess.Popen(
                [installed("prometheus"), f"--config.file={self.directory}/prometheus.yml",
                 f"--storage.tsdb.path={self.directory}/data",
                 "--web.listen-address=127.0.0.1:0"], stdin=subprocess.DEVNULL, stdout=log,
                stderr=log)
        self.address = self.until(self._where_it_listens)

    @property
    def log(self):
        return self.log_path.read_text(errors="replace")

    def _where_it_listens(self):
        found = re.search(r'msg="Listening on" address=(\S+)', self.log)
        return found and "ready to receive web requests" in self.log and found[1]

    def until(self, condition, why=None):
        """Asks until there is an answer, and gives it; fails when there is none in time."""
        deadline = time.monotonic() + TIMEOUT
        while True:
            answer = condition()
            if answer:
                return answer
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"{why()}\n{self.faults()}" if why else self.log)
            time.sleep(PAUSE)

    # ---- its API ----

    def get(self, path, **parameters):
        """The data of an answer; a question that it does not understand fails the test."""
        query = urllib.parse.urlencode(parameters, doseq=True)
        try:
            with urllib.request.urlopen(f"http://{self.address}/api/v1/{path}?{query}",
                                        timeout=TIMEOUT) as answer:
                return json.load(answer)["data"]
        except urllib.error.HTTPError as failure:
            raise AssertionError(f"{parameters}: {failure.read().decode()}") from failure

    def query(self, expression):
        """What an expression gives now: (labels, value) of each series."""
        return [(series["metric"], float(series["value"][1]))
                for series in self.get("query", query=expression)["result"]]

    def values(self, expression, *labels):
        """The values of an expression by the values of some labels, one or a tuple of several."""
        return {tuple(metric.get(name, "") for name in labels) if len(labels) != 1
                else metric.get(labels[0], ""): value
                for metric, value in self.query(expression)}

    def until_values(self, expression, labels, expected):
        """Until an expression gives what it should."""
        found = {}

        def ask():
            found["last"] = self.values(expression, *labels)
            return found["last"] == expected

        if expected == {}:
            self.until_scraped_again()
        self.until(ask, lambda: f"{expression}: {found['last']}, not {expected}")

    def until_some(self, expression):
        """Until an expression gives series: what it gives."""
        return self.until(lambda: self.query(expression), lambda: f"{expression} stays empty")

    def targets(self):
        """The state of each target by its job's name."""
        return {target["labels"]["job"]: target
                for target in self.get("targets", state="active")["activeTargets"]}

    def faults(self):
        """What is wrong with its targets."""
        return {name: target["lastError"] for name, target in self.targets().items()
                if target["lastError"]}

    def until_up(self, *jobs):
        """
        Until the targets of these jobs are scraped without a fault. (It begins five seconds after
        its start.)
        """
        def are_up():
            targets = self.targets()
            return all(name in targets and targets[name]["health"] == "up" for name in jobs)

        self.until(are_up, lambda: {name: (target["health"], target["lastError"])
                                    for name, target in self.targets().items()})

    def until_down(self, name, words):
        """Until a job's target is not scraped, for a reason with these words."""
        def is_down():
            target = self.targets().get(name, {"health": "unknown"})
            return target["health"] == "down" and words in target["lastError"]

        self.until(is_down, lambda: f"{name} is not down for {words}")

    def until_scraped_again(self):
        """Until each target was scraped twice more: what it then shows, it had before."""
        begun = {}

        def again():
            targets = self.targets()
            for name, target in targets.items():
                times = begun.setdefault(name, [])
                if target["lastScrape"] not in times:
                    times.append(target["lastScrape"])
            return begun and all(len(times) >= 3 for times in begun.values())

        self.until(again, lambda: f"it does not scrape: {begun}")

    # ---- the end ----

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(STOP_TIMEOUT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait(STOP_TIMEOUT)


class Page:
    """Serves what a function answers, a status, headers and a body, under every path."""

    def __init__(self, answer):
        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):  # pylint: disable=invalid-name
                status, headers, body = answer(self)
                self.send_response(status)
                for name, value in headers.items():
                    self.send_header(name, value)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):  # pylint: disable=arguments-differ
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.thread = threading.Thread(target=self.server.serve_forever)

    @property
    def address(self):
        return "127.0.0.1:%d" % self.server.server_address[1]

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.thread.join()
        self.server.server_close()


class Forwarder(Page):
    """
    Stands between a scraper and a server, and passes on what shows who asks. With `accept` it asks
    for that in the scraper's place; `headers` are its own. It remembers the media types that were
    asked for and those that were answered.
    """

    def __init__(self, url, accept=None, headers=None):
        self.url = url
        self.accept = accept
        self.headers = headers or {}
        self.asked = set()
        self.answered = set()
        super().__init__(self._forward)

    def _forward(self, asked):
        self.asked.add(asked.headers["Accept"])
        headers = {name: asked.headers[name] for name in ("Accept-Encoding", "Authorization")
                   if asked.headers[name]}
        request = urllib.request.Request(self.url + asked.path, headers={
            "Accept": self.accept or asked.headers["Accept"], **headers, **self.headers})
        try:
            answer = urllib.request.urlopen(request, timeout=TIMEOUT)
        except urllib.error.HTTPError as refusal:
            answer = refusal  # an answer as well
        with answer:
            self.answered.add((answer.headers["Content-Type"],
                               answer.headers["Content-Encoding"]))
            return answer.status, {name: answer.headers[name]
                                   for name in ("Content-Type", "Content-Encoding")
                                   if answer.headers[name]}, answer.read()
