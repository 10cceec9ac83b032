"""Uploads beside boto3's transfer manager, s5cmd and rclone: the same files, the same server, the
same run, by turns. For each: the seconds it took, the CPU seconds it used, its largest memory.

The server is versitygw on a file system in memory; server and client share the machine. Rivals are
boto3 for this Python, rclone and s5cmd in the path or in build-peers/; one that is not there is left
out and named. WILDCAM_BENCH_QUICK=1 takes a tenth of the files, once.
"""

import json
import os
import random
import resource
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from support import program
from support.paths import SOURCE_ROOT
from support.s3_peers import ACCESS_KEY, SECRET_KEY, Region

QUICK = os.environ.get("WILDCAM_BENCH_QUICK") == "1"
SETS = [("2,000 x 200 KB", 2000, 200_000), ("20 x 64 MB", 20, 64_000_000)]
ROUNDS = 1 if QUICK else 3
BOTO3 = '''
import os, sys, boto3
from concurrent.futures import ThreadPoolExecutor
from boto3.s3.transfer import TransferConfig
from botocore.config import Config
directory, prefix, endpoint, bucket = sys.argv[1:]
client = boto3.client("s3", endpoint_url=endpoint, region_name="us-west-2",
                      config=Config(max_pool_connections=50, retries={"max_attempts": 3},
                                    s3={"addressing_style": "path"}))
config = TransferConfig(max_concurrency=10)
def send(name):
    with open(os.path.join(directory, name), "rb") as file:
        client.upload_fileobj(file, bucket, prefix + name, Config=config)
with ThreadPoolExecutor(16) as pool:
    list(pool.map(send, sorted(os.listdir(directory))))
'''


def make_files(directory, count, size):
    """Files that no compression makes smaller, each another."""
    directory.mkdir()
    block = random.Random(size).randbytes(size)
    for number in range(count):
        (directory / f"{number:05}.jpg").write_bytes(number.to_bytes(8, "big") + block[8:])


class Rival:
    """A program that uploads a directory: its command line and environment."""

    def __init__(self, name, command, environment=None):
        self.name = name
        self.command = command
        self.environment = environment or {}

    def run(self, directory, prefix):
        """Seconds, CPU seconds, megabytes."""
        command = [str(program("tests/bench/bench_measure"))]
        command += [part.format(directory=directory, prefix=prefix) for part in self.command]
        done = subprocess.run(command, env={**os.environ, **self.environment},
                              capture_output=True, text=True, check=False)
        if done.returncode:
            sys.exit(f"{self.name} ended with {done.returncode}: {done.stderr[-2000:]}")
        seconds, cpu, kilobytes = done.stdout.split()
        return float(seconds), float(cpu), int(kilobytes) / 1024


def find(name):
    """What tests/peers.sh has built, or what is installed."""
    built = Path(os.environ.get("WILDCAM_PEERS", SOURCE_ROOT / "build-peers")) / name
    return str(built) if built.exists() else shutil.which(name)


def is_there(name):
    if name != "boto3":
        return find(name) is not None
    return subprocess.run([sys.executable, "-c", "import boto3"], check=False,
                          capture_output=True).returncode == 0


def rivals(server):
    """Ours first; each in the shape that is its fastest here."""
    keys = {"AWS_ACCESS_KEY_ID": ACCESS_KEY, "AWS_SECRET_ACCESS_KEY": SECRET_KEY,
            "AWS_REGION": "us-west-2", "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull}
    found = [Rival("libwildcam", [str(program("tests/bench/bench_send")), "{directory}",
                                  "{prefix}", "8"],
                   {"WILDCAM_S3_REGIONS": "us-west-2", "WILDCAM_S3_ENDPOINT": server.url,
                    "WILDCAM_S3_BUCKET": server.bucket,
                    "WILDCAM_S3_ACCESS_KEY": ACCESS_KEY, "WILDCAM_S3_SECRET_KEY": SECRET_KEY})]
    if is_there("boto3"):
        found.append(Rival("boto3", [sys.executable, "-c", BOTO3.replace("{", "{{").replace(
            "}", "}}"), "{directory}", "{prefix}", server.url, server.bucket], keys))
    if is_there("s5cmd"):
        found.append(Rival("s5cmd", [find("s5cmd"), "--endpoint-url", server.url, "cp",
                                     "{directory}/", f"s3://{server.bucket}/{{prefix}}"], keys))
    if is_there("rclone"):
        found.append(Rival("rclone", [
            find("rclone"), "--config", os.devnull, "copy", "{directory}",
            f":s3:{server.bucket}/{{prefix}}", "--s3-provider", "Other", "--s3-env-auth",
            "--s3-endpoint", server.url, "--s3-region", "us-west-2", "--transfers", "32",
            "--checkers", "32", "--s3-no-check-bucket", "--no-traverse", "--s3-no-head"], keys))
    return found


def main():
    scratch = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    figures, slower = {}, []
    for name in ("boto3", "s5cmd", "rclone"):
        if not is_there(name):
            print(f"{name} is not installed and is left out")
    resource.setrlimit(resource.RLIMIT_NOFILE, (4096, resource.getrlimit(
        resource.RLIMIT_NOFILE)[1]))
    try:
        for number, (title, count, size) in enumerate(SETS):
            files = scratch / f"files{number}"
            make_files(files, max(count // 10, 2) if QUICK else count, size)
            results = {}
            for turn in range(ROUNDS):
                with Region("us-west-2", scratch / f"server{number}{turn}") as server:
                    for rival in rivals(server):
                        result = rival.run(files, f"{rival.name}/")
                        results.setdefault(rival.name, []).append(result)
                        stored = server.files / server.bucket / rival.name
                        assert len(list(stored.iterdir())) == len(list(files.iterdir()))
                        shutil.rmtree(stored)
            best = {name: min(runs) for name, runs in results.items()}
            print(f"{title:<16}{'seconds':>10}{'CPU seconds':>14}{'memory MB':>12}")
            for name, (seconds, cpu, memory) in best.items():
                print(f"  {name:<14}{seconds:>10.2f}{cpu:>14.2f}{memory:>12.0f}")
            figures[title] = best
            fastest = min(seconds for name, (seconds, _, _) in best.items()
                          if name != "libwildcam")
            if best["libwildcam"][0] > fastest:
                slower.append(f"{title}: {best['libwildcam'][0]:.2f} s, "
                              f"the fastest other {fastest:.2f} s")
            shutil.rmtree(files)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    if path := os.environ.get("WILDCAM_BENCH_JSON"):
        with open(path, "a", encoding="utf-8") as file:
            for title, best in figures.items():
                for name, (seconds, cpu, memory) in best.items():
                    print(json.dumps({"name": f"upload {title}: {name}", "seconds": seconds,
                                      "cpu_seconds": cpu, "memory_mb": memory}), file=file)
    for line in slower:
        print("slower than a rival:", line)
    return 1 if slower else 0


if __name__ == "__main__":
    sys.exit(main())
