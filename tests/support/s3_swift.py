"""
OpenStack Swift as one S3 region: another real S3 server, with a checker of signatures of its own.
Debian's python3-swift has all of it; the four servers run with one disk and one replica each.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import botocore.session
from botocore.config import Config

from .s3_peers import TIMEOUT, free_port, missing, wait_until_open

ACCESS_KEY = "wildcam:station"
SECRET_KEY = "swift+test/secret"
PYTHON = "/usr/bin/python3"  # Debian's, whichever else is in the path
PARTS = ("account", "container", "object")

PROXY = """
[DEFAULT]
{common}
[pipeline:main]
pipeline = catch_errors gatekeeper cache listing_formats bulk s3api tempauth slo dlo proxy-server
[app:proxy-server]
use = egg:swift#proxy
account_autocreate = true
[filter:catch_errors]
use = egg:swift#catch_errors
[filter:gatekeeper]
use = egg:swift#gatekeeper
[filter:cache]
paste.filter_factory = support.s3_swift:cache_factory
[filter:listing_formats]
use = egg:swift#listing_formats
[filter:bulk]
use = egg:swift#bulk
[filter:s3api]
use = egg:swift#s3api
location = {region}
s3_acl = false
[filter:tempauth]
use = egg:swift#tempauth
user_wildcam_station = {secret} .admin
[filter:slo]
use = egg:swift#slo
[filter:dlo]
use = egg:swift#dlo
"""
STORAGE = """
[DEFAULT]
{common}
devices = {directory}/devices
mount_check = false
[pipeline:main]
pipeline = {part}-server
[app:{part}-server]
use = egg:swift#{part}
"""


def swift_python():
    """The Python that has Swift; without it the test is skipped, or fails where CI=true."""
    found = os.path.exists(PYTHON) and subprocess.run(
        [PYTHON, "-c", "import swift.common.middleware.s3api"], capture_output=True,
        check=False).returncode == 0
    return PYTHON if found else missing("no Swift: the package python3-swift")


class SwiftRegion:
    """Started at once, with its one bucket."""

    def __init__(self, name, directory, bucket=None):
        self.name = name
        self.bucket = bucket or f"wildcam-{name}"
        self.directory = Path(directory)
        (self.directory / "devices" / "disk").mkdir(parents=True)
        (self.directory / "swift.conf").write_text(
            "[swift-hash]\nswift_hash_path_suffix = wildcam\n")
        self.ports = {part: free_port() for part in ("proxy", *PARTS)}
        for part in self.ports:
            self._configure(part)
        assert self._run("rings").wait(TIMEOUT) == 0, self.log
        self.processes = [self._run(part) for part in self.ports]
        for process, port in zip(self.processes, self.ports.values()):
            wait_until_open(port, process, lambda: self.log)
        self.client().create_bucket(Bucket=self.bucket)

    def client(self):
        """botocore's."""
        return botocore.session.get_session().create_client(
            "s3", region_name=self.name, endpoint_url=self.url, aws_access_key_id=ACCESS_KEY,
            aws_secret_access_key=SECRET_KEY, config=Config(s3={"addressing_style": "path"}))

    def objects(self):
        """SHA-256 by key, of what it gives back."""
        client = self.client()
        return {item["Key"]: hashlib.sha256(client.get_object(
            Bucket=self.bucket, Key=item["Key"])["Body"].read()).hexdigest()
                for page in client.get_paginator("list_objects_v2").paginate(Bucket=self.bucket)
                for item in page.get("Contents", [])}

    def _configure(self, part):
        common = "\n".join([
            "bind_ip = 127.0.0.1", f"bind_port = {self.ports[part]}", "workers = 0",
            f"swift_dir = {self.directory}", "log_level = WARNING"])
        text = (PROXY if part == "proxy" else STORAGE).format(
            common=common, region=self.name, secret=SECRET_KEY, part=part,
            directory=self.directory)
        (self.directory / f"{part}.conf").write_text(text)

    def _run(self, part):
        with open(self.directory / "swift.log", "ab") as log:
            return subprocess.Popen(
                [swift_python(), "-m", "support.s3_swift", str(self.directory), part,
                 *(str(self.ports[each]) for each in PARTS)],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)

    @property
    def url(self):
        return f"http://127.0.0.1:{self.ports['proxy']}"

    @property
    def log(self):
        return (self.directory / "swift.log").read_text(errors="replace")

    def stop(self):
        for process in self.processes:
            process.kill()
        for process in self.processes:
            process.wait(TIMEOUT)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()


# ---- within a server's own process ----

class Cache:
    """What memcached would be, for one process."""

    def __init__(self):
        self.values = {}

    def get(self, key, **_):
        return self.values.get(key)

    def set(self, key, value, **_):
        self.values[key] = value

    def delete(self, key, **_):
        self.values.pop(key, None)

    def incr(self, key, delta=1, **_):
        self.values[key] = self.values.get(key, 0) + int(delta)
        return self.values[key]


def cache_factory(_conf, **_):
    def make(app):
        cache = Cache()

        def answer(environment, start_response):
            environment["swift.cache"] = cache
            return app(environment, start_response)
        return answer
    return make


def make_rings(directory, ports):
    """Where each part's one disk is."""
    from swift.common.ring import RingBuilder
    for name, port in zip(PARTS, ports):
        builder = RingBuilder(4, 1, 0)
        builder.add_dev({"id": 0, "region": 1, "zone": 1, "ip": "127.0.0.1", "port": int(port),
                         "device": "disk", "weight": 1})
        builder.rebalance()
        builder.get_ring().save(f"{directory}/{name}.ring.gz")


def serve(directory, part, ports):
    from swift.common import utils, wsgi
    utils.set_swift_dir(directory)
    if part == "rings":
        make_rings(directory, ports)
        return
    utils.drop_privileges = wsgi.drop_privileges = lambda *_: None  # the test's own user is good
    sys.exit(wsgi.run_wsgi(f"{directory}/{part}.conf", f"{part}-server", default_port=0, verbose=True))


if __name__ == "__main__":
    serve(sys.argv[1], sys.argv[2], sys.argv[3:])
