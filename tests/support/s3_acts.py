"""
What the scripted S3 server can be told to do instead of answering well: each act by its name, and
the rules that say for which requests it is done.
"""

from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

# When it happens: behind the head, in the middle of the body, behind the body with nothing stored,
# or when all has been done as asked.
HEAD, HALF, BODY, STORED = "head", "half", "body", "stored"
# What happens then.
ANSWER, RESET, CLOSE, HANG, HALF_HEAD, HALF_ANSWER = \
    "answer", "reset", "close", "hang", "half_head", "half_answer"
WELL = "well"  # it is answered as asked


@dataclass(frozen=True)
class Act:
    name: str = ""
    stage: str = BODY
    end: str = ANSWER
    status: int = 500
    code: str = ""  # of S3's XML; without one the body is HTML, as a proxy writes it
    message: str = "Played by the test."
    headers: dict = field(default_factory=dict)
    region: str = ""  # in the XML: where the bucket is, or what the signature should name
    delay: float = 0  # seconds before the answer
    rate: float = 0  # bytes of the body read in a second; 0 for all that come
    is_chunked: bool = False  # the answer comes without its length
    is_late: bool = False  # what is asked is done later
    clock: float = 0  # seconds by which the answer's Date is wrong


def _error(status, code, **more):
    return Act(status=status, code=code, **more)


ACTS = {name: replace(act, name=name) for name, act in {
    # the connection
    "reset_before_body": Act(stage=HEAD, end=RESET),
    "reset_in_body": Act(stage=HALF, end=RESET),
    "reset_after_body": Act(stage=BODY, end=RESET),
    "close_before_body": Act(stage=HEAD, end=CLOSE),
    "swallow": Act(stage=BODY, end=CLOSE),  # all was sent, no answer comes, nothing is there
    "swallow_stored": Act(stage=STORED, end=CLOSE),  # the same, but it is there
    # the same, but it will be there only when the test says so: S3Script.come_to_light()
    "stored_late": Act(stage=BODY, end=CLOSE, is_late=True),
    "reset_stored": Act(stage=STORED, end=RESET),
    "hang": Act(stage=BODY, end=HANG),
    "hang_stored": Act(stage=STORED, end=HANG),
    "hang_before_body": Act(stage=HEAD, end=HANG),
    "half_head": Act(stage=STORED, end=HALF_HEAD),
    "half_answer": Act(stage=STORED, end=HALF_ANSWER),
    # slowness
    "slow_read": Act(stage=STORED, end=WELL, rate=16 * 1024),
    "slow_answer": Act(stage=STORED, end=WELL, delay=1),
    # answered well, and then closed without a word: the next request finds a dead connection
    "close_after": Act(stage=STORED, end="close_after"),
    "reset_after": Act(stage=STORED, end="reset_after"),
    # by a proxy in front
    "500": Act(status=500), "502": Act(status=502), "503": Act(status=503), "504": Act(status=504),
    "429": Act(status=429),
    # by S3
    "InternalError": _error(500, "InternalError"),
    "ServiceUnavailable": _error(503, "ServiceUnavailable"),
    "RequestTimeout": _error(400, "RequestTimeout"),
    "BadDigest": _error(400, "BadDigest"),
    "XAmzContentSHA256Mismatch": _error(400, "XAmzContentSHA256Mismatch"),
    "error_in_200": _error(200, "InternalError"),
    "slow_down_in_200": _error(200, "SlowDown"),
    "SlowDown": _error(503, "SlowDown"),
    "Throttling": _error(400, "ThrottlingException"),
    "BandwidthLimitExceeded": _error(509, "BandwidthLimitExceeded"),
    "TooManyRequests": _error(429, "TooManyRequests"),
    "ConditionalRequestConflict": _error(409, "ConditionalRequestConflict"),
    "PreconditionFailed": _error(412, "PreconditionFailed"),
    "RequestTimeTooSkewed": _error(403, "RequestTimeTooSkewed"),
    "RequestExpired": _error(400, "RequestExpired"),
    "SignatureDoesNotMatch": _error(403, "SignatureDoesNotMatch"),
    "ExpiredToken": _error(400, "ExpiredToken"),
    "InvalidToken": _error(400, "InvalidToken"),
    "PermanentRedirect": _error(301, "PermanentRedirect"),
    "TemporaryRedirect": _error(307, "TemporaryRedirect"),
    "AuthorizationHeaderMalformed": _error(400, "AuthorizationHeaderMalformed"),
    "AccessDenied": _error(403, "AccessDenied"),
    "InvalidAccessKeyId": _error(403, "InvalidAccessKeyId"),
    "NoSuchBucket": _error(404, "NoSuchBucket"),
    "NoSuchUpload": _error(404, "NoSuchUpload"),
    "EntityTooLarge": _error(400, "EntityTooLarge"),
    "NotImplemented": _error(501, "NotImplemented"),
}.items()}


@dataclass
class Rule:
    """An act for the next `times` requests that fit; None for all until it is taken back."""
    act: Act
    times: int = 1
    operation: str = "*"
    key: str = "*"
    bucket: str = "*"

    def fits(self, request):
        return self.times != 0 and fnmatchcase(request.operation or "", self.operation) and \
            fnmatchcase(request.key, self.key) and fnmatchcase(request.bucket, self.bucket)


class Script:
    """The rules in the order in which they were given: the first that fits is done."""

    def __init__(self):
        self.rules = []

    def play(self, name, times=1, operation="*", key="*", bucket="*", **changes):
        """
        `changes` are an act's fields: play("SlowDown", headers={"Retry-After": "2"}), or
        play("503", stage="head") for an answer that comes before the body was read.
        """
        rule = Rule(replace(ACTS[name], **changes), times, operation, key, bucket)
        self.rules = [*self.rules, rule]
        return rule

    def clear(self):
        self.rules = []

    def take(self, request):
        for rule in self.rules:
            if rule.fits(request):
                if rule.times is not None:
                    rule.times -= 1
                return rule.act
        return None
