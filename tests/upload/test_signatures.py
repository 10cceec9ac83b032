"""The signer and botocore's make the same of any request.

WILDCAM_SIGNATURES is how many are made (100,000), WILDCAM_SEED the seed they grow from.
"""

import os
import random
import subprocess
from types import SimpleNamespace

import botocore
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from support.paths import build_path

from oracle import (NOW, PARTS, SEED, UNRESERVED, FrozenTime, encode, frozen, line_of,
                    random_secret, random_text, sorted_query)

COUNT = int(os.environ.get("WILDCAM_SIGNATURES", 100_000))
ROUND = 5_000  # requests that are held in memory at a time
METHODS = ["GET", "PUT", "HEAD", "POST", "DELETE"]
HOSTS = ["wildcam-us-west-2.s3.us-west-2.amazonaws.com", "localhost", "127.0.0.1", "[::1]"]
REGIONS = ["us-west-2", "us-east-1", "eu-west-1", "cn-north-1", "garage"]
HEADERS = ["content-type", "cache-control", "range", "if-none-match", "x-amz-acl",
           "x-amz-meta-a", "x-amz-meta-a-b", "x-amz-meta-a_b", "x-amz-meta-a.b", "x-amz-meta-ab",
           "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
           "x-amz-checksum-sha256", "x-amz-meta-wildcam-id", "x-amz-tagging"]


def random_key(chance):
    """A key as bytes: often like ours, often odd, often any bytes at all."""
    kind = chance.randrange(4)
    if kind == 0:
        return f"images/2026/11/26/cam-{chance.random()}/{chance.getrandbits(128):032x}.jpg".encode()
    if kind == 1:
        return bytes(chance.choices(range(1, 256), k=chance.randrange(1, 40)))
    return random_text(chance, 12).encode()


def random_value(chance):
    """A header's value; NUL and line ends have no place in one."""
    parts = [part for part in PARTS if part not in ("\r", "\n", "\x01", "\x7f", "\u2028")]
    return random_text(chance, 8, parts)


def random_headers(chance):
    names = chance.sample(HEADERS, chance.randrange(6))
    if names and chance.randrange(8) == 0:
        names.append(names[0])  # comes twice
    return [(name, random_value(chance)) for name in names]


def random_host(chance):
    """The scheme, the host with its port as in a URL, and what is signed as Host."""
    scheme = chance.choice(["http", "https"])
    port = chance.choice([None, None, 80, 443, 9000])
    host = chance.choice(HOSTS)
    address = host if port is None else f"{host}:{port}"
    standard = {"http": 80, "https": 443}[scheme]
    return scheme, address, host if port in (None, standard) else address


class Request:
    """A request, and how either signer is told of it."""

    def __init__(self, chance, credentials):
        self.presigns = chance.randrange(4) == 0
        self.access, self.secret, self.token = credentials
        self.method = chance.choice(METHODS)
        self.key = random_key(chance)
        self.body = chance.randbytes(chance.choice([0, 0, 1, 100]))
        self.scheme, self.address, self.host = random_host(chance)
        self.is_unsigned = self.presigns or chance.randrange(8) == 0
        self.region = chance.choice(REGIONS)
        self.time = chance.randrange(0, 4_000_000_000) if chance.randrange(4) == 0 else NOW
        self.seconds = chance.randrange(1, 604801)
        self.headers = random_headers(chance)
        # A presigned request's query is a dictionary to botocore; else names may come again.
        self.query = [(random_text(chance, 4), random_text(chance, 4))
                      for _ in range(chance.choice([0, 0, 1, 2, 5]))]
        if self.presigns:
            self.query = list(dict(self.query).items())
        elif self.query and chance.randrange(4) == 0:
            self.query.append((self.query[0][0], random_text(chance, 2)))
        elif chance.randrange(4) == 0:  # names and values that are no UTF-8
            self.query = [(name.encode() + b"\xff", value.encode() + b"\x80")
                          for name, value in self.query]
        self.query_in_url = not self.presigns and chance.randrange(2) == 0 or \
            any(isinstance(name, bytes) for name, _ in self.query)

    def line(self):
        """As the program of ours reads it."""
        words = [self.method, self.key, self.body, self.region, "s3", str(self.time), self.access,
                 self.secret, self.token or "", str(self.seconds), str(len(self.query)),
                 str(len(self.headers) + 1)]
        pairs = [*self.query, ("host", self.host), *self.headers]
        words += [word for pair in pairs for word in pair]
        shown = [(word if isinstance(word, bytes) else word.encode()).hex() for word in words]
        if self.is_unsigned:
            shown[2] = "-"
        return "\t".join(["presign" if self.presigns else "sign", *shown]) + "\n"

    def path(self):
        return "/" + encode(self.key, UNRESERVED + "/")

    def botocore_answer(self):
        """The Authorization header, or a presigned query as its sorted items and the signature."""
        url = f"{self.scheme}://{self.address}{self.path()}"
        if self.query_in_url and self.query:
            url += "?" + "&".join(f"{encode(name)}={encode(value)}" for name, value in self.query)
        request = AWSRequest(method=self.method, url=url, data=self.body)
        if self.query and not self.query_in_url:
            request.params = dict(self.query) if self.presigns else self.query
        for name, value in self.headers:
            request.headers[name] = value
        request.context["client_config"] = SimpleNamespace(
            s3={"payload_signing_enabled": not self.is_unsigned})
        FrozenTime.at(self.time)
        credentials = Credentials(self.access, self.secret, self.token)
        if self.presigns:
            request.data = b""
            auth.S3SigV4QueryAuth(credentials, "s3", self.region,
                                  expires=self.seconds).add_auth(request)
            return sorted_query(request.url.partition("?")[2])
        auth.S3SigV4Auth(credentials, "s3", self.region).add_auth(request)
        return request.headers["Authorization"]

    def __repr__(self):
        return f"Request({vars(self)})"


def sign(requests):
    """The program's answers: the path, and the header or query."""
    done = subprocess.run([build_path("tests/upload/upload_sign")],
                          input="".join(request.line() for request in requests).encode(),
                          stdout=subprocess.PIPE, timeout=120, check=True)
    answers = [line.split("\t") for line in done.stdout.decode().splitlines()]
    assert len(answers) == len(requests)
    return answers


def test_same_as_botocore():
    print(f"seed {SEED}, {COUNT} requests, botocore {botocore.__version__}")
    chance = random.Random(SEED)
    tried = {True: 0, False: 0}
    for first in range(0, COUNT, ROUND):
        credentials = [(random_secret(chance, 40), random_secret(chance, 80),
                        random_secret(chance, 300) if chance.randrange(2) else None)
                       for _ in range(20)]
        requests = [Request(chance, chance.choice(credentials))
                    for _ in range(min(ROUND, COUNT - first))]
        for request, (path, answer) in zip(requests, sign(requests)):
            assert path == request.path(), request
            if request.presigns:
                ours = sorted_query(answer)
                assert ours[:-1] == [tuple(item.split("=")) for item in answer.split("&")][:-1]
                assert ours == request.botocore_answer(), request
            else:
                assert answer == request.botocore_answer(), request
            tried[request.presigns] += 1
    assert sum(tried.values()) == COUNT and all(tried.values())
