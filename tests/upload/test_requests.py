"""What is sent to S3 is what botocore's client sends, and botocore signs it the same.

WILDCAM_REQUESTS is how many are made (3,000), WILDCAM_SEED the seed they grow from.
"""

import base64
import hashlib
import os
import random
import subprocess
from functools import cache
from types import SimpleNamespace
from urllib.parse import urlsplit

import botocore.session
from botocore import auth
from botocore.awsrequest import AWSRequest
from botocore.config import Config
from botocore.credentials import Credentials
from support.paths import build_path

from oracle import (NOW, SEED, FrozenTime, frozen, line_of, random_secret, random_text,
                    sorted_query)

COUNT = int(os.environ.get("WILDCAM_REQUESTS", 3_000))
PUT, HEAD, DELETE, BEGIN, PUT_PART, LIST, JOIN, DROP = range(8)  # enum wci_s3_verb
PRESIGN = "presign"
# Name, bucket, endpoint, style: auto, path or host.
PLACES = [
    ("us-west-2", "wildcam-us-west-2", "", "auto"),
    ("us-east-1", "wildcam-us-east-1", "", "auto"),
    ("eu-west-1", "wildcam.dots", "", "auto"),
    ("eu-west-1", "wildcam-eu-west-1", "", "path"),
    ("eu-west-1", "wildcam-eu-west-1", "", "host"),
    ("cn-north-1", "wildcam-cn-north-1", "", "auto"),
    ("us-gov-west-1", "wildcam-us-gov-west-1", "", "auto"),
    ("garage", "wildcam", "http://127.0.0.1:9000", "path"),
    ("garage", "wildcam", "http://[::1]:9000", "path"),
    ("garage", "wildcam", "https://s3.example.org", "path"),
    ("garage", "wildcam", "https://s3.example.org:443", "host"),
    ("garage", "wildcam", "http://s3.example.org:80/", "path"),
    ("garage", "wildcam", "http://s3.example.org:8080", "host"),
    ("garage", "wildcam", "http://s3.example.org:8080/base/v1", "path"),
]
STYLES = {"auto": 0, "path": 1, "host": 2}  # enum wci_s3_style


class Caught(Exception):
    """Carries a request that botocore was about to send."""


def catch(request, **_):
    raise Caught(request)


@cache
def session():
    return botocore.session.Session()


def config(bucket, style):
    by_path = style == "path" or style == "auto" and "." in bucket
    options = {"s3": {"addressing_style": "path" if by_path else "virtual",
                      "us_east_1_regional_endpoint": "regional"},
               "signature_version": "s3v4", "retries": {"max_attempts": 0},
               "parameter_validation": False}
    try:  # newer ones send checksums of their own otherwise
        return Config(**options, request_checksum_calculation="when_required")
    except TypeError:
        return Config(**options)


@cache
def client(place, credentials, presigns=False):
    name, bucket, endpoint, style = place
    if presigns and not endpoint:  # an older one presigns for an endpoint of all regions
        endpoint = client(place, credentials).meta.endpoint_url
    access, secret, token = credentials
    made = session().create_client("s3", region_name=name, endpoint_url=endpoint or None,
                                   aws_access_key_id=access, aws_secret_access_key=secret,
                                   aws_session_token=token or None, config=config(bucket, style))
    made.meta.events.register("before-send.s3", catch)
    return made


class Call:
    """A call of S3's, and how either side is told of it."""

    def __init__(self, chance, credentials):
        self.verb = chance.choice([*range(8), PRESIGN])
        self.place = chance.choice(PLACES)
        self.credentials = chance.choice(credentials)
        self.key = random_text(chance, 12) or "a"
        self.upload_id = random_text(chance, 6) or "1"
        self.part = chance.randrange(1, 10_001)
        self.body = chance.randbytes(chance.choice([0, 1, 100])) if self.verb in (PUT, PUT_PART) \
            else b""
        self.content_type = chance.choice(["", "image/jpeg", "text/plain; charset=utf-8"])
        self.cache_control = chance.choice(["", "public, max-age=31536000, immutable"])
        self.checksums = chance.randrange(2)
        numbers = sorted(chance.sample(range(1, 10_001), chance.randrange(1, 9)))
        self.parts = [(number, f"{chance.getrandbits(128):032x}") for number in numbers]
        self.metadata = {name: chance.choice(["a", "1  2 3", "~!@#$%^&*()"])
                         for name in chance.sample(["a", "a-b", "a_b", "ab", "wildcam-id"],
                                                   chance.randrange(4))}

    def line(self):
        """As the program of ours reads it."""
        name, bucket, endpoint, style = self.place
        access, secret, token = self.credentials
        parts = [word for part in self.parts for word in part]
        metadata = [word for pair in self.metadata.items() for word in pair]
        return line_of(self.verb, name, bucket, endpoint, STYLES[style], self.checksums, 0, NOW,
                       access, secret, token, self.key, self.upload_id, self.part, self.body,
                       self.content_type, self.cache_control, len(self.parts), *parts,
                       len(self.metadata), *metadata)

    def digest(self):
        return base64.b64encode(hashlib.sha256(self.body).digest()).decode()

    def object_arguments(self):
        """What an object is made with."""
        given = {"Metadata": {**self.metadata, "sha256": hashlib.sha256(self.body).hexdigest()}}
        if self.content_type:
            given["ContentType"] = self.content_type
        if self.cache_control:
            given["CacheControl"] = self.cache_control
        return given

    def listed_parts(self):
        for number, etag in self.parts:
            part = {"PartNumber": number, "ETag": f'"{etag}"'}
            if self.checksums:
                part["ChecksumSHA256"] = base64.b64encode(
                    hashlib.sha256(etag.encode()).digest()).decode()
            yield part

    def arguments(self):
        """The name of botocore's method, and what it is given beside bucket and key."""
        upload = {"UploadId": self.upload_id}
        body = {"Body": self.body, **({"ChecksumSHA256": self.digest()} if self.checksums else {})}
        algorithm = {"ChecksumAlgorithm": "SHA256"} if self.checksums else {}
        return {
            PUT: ("put_object", {**body, **self.object_arguments()}),
            HEAD: ("head_object", {}),
            DELETE: ("delete_object", {}),
            BEGIN: ("create_multipart_upload", {**algorithm, **self.object_arguments()}),
            PUT_PART: ("upload_part", {**body, **upload, "PartNumber": self.part}),
            LIST: ("list_parts", {**upload, "PartNumberMarker": self.part}),
            JOIN: ("complete_multipart_upload",
                   {**upload, "MultipartUpload": {"Parts": list(self.listed_parts())}}),
            DROP: ("abort_multipart_upload", upload),
        }[self.verb]

    def botocore_request(self):
        """What botocore's client would have sent."""
        method, given = self.arguments()
        try:
            getattr(client(self.place, self.credentials), method)(
                Bucket=self.place[1], Key=self.key, **given)
        except Caught as caught:
            return caught.args[0]
        raise AssertionError("botocore sent nothing")

    def botocore_url(self):
        return client(self.place, self.credentials, True).generate_presigned_url(
            "get_object", Params={"Bucket": self.place[1], "Key": self.key}, ExpiresIn=self.part)

    def __repr__(self):
        return f"Call({vars(self)})"


class Sent:
    """What ours would have sent."""

    def __init__(self, line):
        method, url, headers, self.body = (bytes.fromhex(word) for word in line.split("\t"))
        self.method, self.url = method.decode(), url.decode()
        self.headers = [tuple(header.split(": ", 1)) for header in headers.decode().splitlines()]
        self.named = dict(self.headers)
        assert len(self.named) == len(self.headers), "a header comes twice"


def ask(calls):
    done = subprocess.run([build_path("tests/upload/upload_ask")],
                          input="".join(call.line() for call in calls).encode(),
                          stdout=subprocess.PIPE, timeout=120, check=True)
    sent = [Sent(line) for line in done.stdout.decode().splitlines()]
    assert len(sent) == len(calls)
    return sent


def place_and_query(url):
    """The parts of a URL; a query's empty values are written with = or without."""
    parts = urlsplit(url)
    pairs = sorted(pair.partition("=")[::2] for pair in parts.query.split("&") if pair)
    return parts.scheme, parts.netloc, parts.path, pairs


def without_standard_port(url):
    return url.replace(":443/", "/").replace(":80/", "/")


def text(value):
    return value.decode() if isinstance(value, bytes) else value


def body_of(request):
    if hasattr(request.body, "read"):
        request.body.seek(0)
        return request.body.read()
    return request.body or b""


def assert_same_request(call, sent, wanted):
    assert sent.method == wanted.method
    assert place_and_query(sent.url) == place_and_query(without_standard_port(wanted.url))
    assert sent.named["host"] == urlsplit(sent.url).netloc
    # botocore says more than is needed: its own name, what it would retry, an older checksum.
    others = {name.lower(): text(value) for name, value in wanted.headers.items()
              if name.lower() not in ("user-agent", "authorization", "content-length", "expect",
                                      "content-md5", "x-amz-sdk-checksum-algorithm",
                                      "amz-sdk-invocation-id", "amz-sdk-request",
                                      "transfer-encoding")}
    ours = {name: value for name, value in sent.named.items()
            if name not in ("host", "authorization")}
    if call.verb == JOIN:
        assert ours.pop("content-type") == "application/xml"
        others.pop("content-type", None)
        assert sorted_xml(sent.body) == sorted_xml(wanted.body)
        del ours["x-amz-content-sha256"], others["x-amz-content-sha256"]
    else:
        assert sent.body == body_of(wanted)
    if others.get("x-amz-content-sha256") == "UNSIGNED-PAYLOAD":  # botocore may, over TLS
        others["x-amz-content-sha256"] = hashlib.sha256(sent.body).hexdigest()
    assert ours == others


def sorted_xml(body):
    """Elements in the order of their texts, for a part's may come in any."""
    import xml.etree.ElementTree as tree
    root = tree.fromstring(text(body))
    return root.tag, [sorted((item.tag, item.text) for item in part) for part in root]


def assert_signed_right(call, sent):
    """botocore makes the same signature of what was sent."""
    given = sent.named["authorization"]
    signed = given.split("SignedHeaders=")[1].split(",")[0].split(";")
    must_be = {"host", "x-amz-date", "x-amz-content-sha256",
               *(name for name in sent.named if name.startswith("x-amz-"))}
    assert must_be <= set(signed) and not {"cache-control", "if-none-match"} & set(signed)
    request = AWSRequest(method=sent.method, url=sent.url, data=sent.body)
    for name in signed:
        if name not in ("host", "x-amz-security-token"):
            request.headers[name] = sent.named[name]
    access, secret, token = call.credentials
    request.context["client_config"] = SimpleNamespace(s3={"payload_signing_enabled": True})
    auth.S3SigV4Auth(Credentials(access, secret, token or None), "s3",
                     call.place[0]).add_auth(request)
    assert given == request.headers["Authorization"]


def test_same_as_botocore_client():
    print(f"seed {SEED}, {COUNT} requests, botocore {botocore.__version__}")
    chance = random.Random(SEED)
    FrozenTime.at(NOW)
    credentials = [(random_secret(chance, 40), random_secret(chance, 60), token)
                   for token in ("", random_secret(chance, 300))]
    calls = [Call(chance, credentials) for _ in range(COUNT)]
    tried = set()
    for call, sent in zip(calls, ask(calls)):
        try:
            if call.verb == PRESIGN:
                wanted = without_standard_port(call.botocore_url())
                assert place_and_query(sent.url) == place_and_query(wanted)
                assert sorted_query(urlsplit(sent.url).query) == sorted_query(
                    urlsplit(wanted).query)
            else:
                assert_same_request(call, sent, call.botocore_request())
                assert_signed_right(call, sent)
        except AssertionError:
            print(call)
            raise
        tried.add((call.verb, call.place, call.checksums))
    assert len(tried) == 9 * len(PLACES) * 2 or COUNT < 3_000, "too few requests to try everything"
