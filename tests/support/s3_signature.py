"""
Whether a request to S3 is signed as S3 wants it. The signature itself is botocore's work: it signs
the request that arrived, and the result must be the same.
"""

import calendar
import time
from dataclasses import dataclass
from urllib.parse import quote, unquote_to_bytes

from botocore.auth import S3SigV4Auth, S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from .s3_objects import S3Error

SKEW_LIMIT = 15 * 60  # seconds, as S3 has it
UNSIGNED = "UNSIGNED-PAYLOAD"


@dataclass
class Account:
    secret_key: str
    token: str = None
    is_expired: bool = False


def encode(raw, safe=""):
    """The one right way to write a path or a part of a query."""
    return quote(unquote_to_bytes(raw), safe=safe + "-._~")


def canonical_target(path, query, without=()):
    """
    What is signed of a target, made from what it means, so that a client which signs it in another
    writing than the right one is found out.
    """
    pairs = sorted((encode(name), encode(value)) for name, _, value in
                   (pair.partition("=") for pair in query.split("&") if pair))
    return encode(path, "/"), "&".join(f"{name}={value}" for name, value in pairs
                                       if name not in without)


def _seconds(stamp):
    try:
        return calendar.timegm(time.strptime(stamp, "%Y%m%dT%H%M%SZ"))
    except ValueError:
        raise S3Error(403, "AccessDenied", f"The date {stamp!r} is none.") from None


def _stamp(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class Verifier:
    """Knows the accounts and the region; `clock` says what time the server has."""

    def __init__(self, region, accounts, clock):
        self.region = region
        self.accounts = accounts
        self.clock = clock

    def check_head(self, request):
        """Raises the S3Error that S3 would answer with; says which payload hash was signed."""
        if request.query.get("X-Amz-Algorithm"):
            return self._check_presigned(request)
        fields = self._authorization(request)
        stamp = request.headers.get("x-amz-date")
        if not stamp:
            raise S3Error(403, "AccessDenied", "AWS authentication requires x-amz-date.")
        signed = fields["SignedHeaders"].split(";")
        self._check_signed_headers(request, signed)
        payload = request.headers.get("x-amz-content-sha256")
        if payload is None:
            raise S3Error(400, "InvalidRequest",
                          "Missing required header for this request: x-amz-content-sha256")
        credentials = self._credentials(fields["Credential"], stamp,
                                        request.headers.get("x-amz-security-token"))
        now = self.clock()
        if abs(now - _seconds(stamp)) > SKEW_LIMIT:
            raise S3Error(403, "RequestTimeTooSkewed", "The difference between the request time "
                          "and the current time is too large.", RequestTime=stamp,
                          ServerTime=_stamp(now), MaxAllowedSkewMilliseconds=SKEW_LIMIT * 1000)
        path, query = canonical_target(request.path, request.raw_query)
        self._compare(S3SigV4Auth, request, credentials, stamp, f"{path}?{query}", signed,
                      fields["Signature"])
        return payload

    def _check_presigned(self, request):
        query = request.query
        stamp = query.get("X-Amz-Date", "")
        signed = query.get("X-Amz-SignedHeaders", "").split(";")
        if query["X-Amz-Algorithm"] != "AWS4-HMAC-SHA256" or signed != sorted(signed):
            raise S3Error(400, "AuthorizationQueryParametersError", "Algorithm or headers.")
        self._check_signed_headers(request, signed)
        credentials = self._credentials(query.get("X-Amz-Credential", ""), stamp,
                                        query.get("X-Amz-Security-Token"))
        lifetime = query.get("X-Amz-Expires", "")
        if not lifetime.isdigit() or not 0 < int(lifetime) <= 7 * 86400:
            raise S3Error(400, "AuthorizationQueryParametersError", "X-Amz-Expires is wrong.")
        if self.clock() > _seconds(stamp) + int(lifetime):
            raise S3Error(403, "AccessDenied", "Request has expired", Expires=lifetime,
                          ServerTime=_stamp(self.clock()))
        path, text = canonical_target(request.path, request.raw_query, ("X-Amz-Signature",))
        self._compare(S3SigV4QueryAuth, request, credentials, stamp, f"{path}?{text}", signed,
                      query.get("X-Amz-Signature"))
        return UNSIGNED

    @staticmethod
    def _authorization(request):
        text = request.headers.get("authorization")
        if text is None:
            raise S3Error(403, "AccessDenied", "Anonymous requests are not allowed.")
        algorithm, _, rest = text.partition(" ")
        fields = dict(field.strip().partition("=")[::2] for field in rest.split(","))
        if algorithm != "AWS4-HMAC-SHA256" or \
                set(fields) != {"Credential", "SignedHeaders", "Signature"}:
            raise S3Error(400, "AuthorizationHeaderMalformed",
                          "The authorization header is malformed.")
        return fields

    @staticmethod
    def _check_signed_headers(request, signed):
        must = {"host"} | {name for name in request.headers
                           if name.startswith("x-amz-") or name in ("content-type", "content-md5")}
        unsigned = must - set(signed) if request.headers.get("authorization") \
            else {"host"} - set(signed)
        if unsigned:
            raise S3Error(403, "AccessDenied", "There were headers present in the request which "
                          "were not signed", HeadersNotSigned=", ".join(sorted(unsigned)))
        absent = set(signed) - set(request.headers)
        if absent or signed != sorted(signed):
            raise S3Error(403, "SignatureDoesNotMatch",
                          f"Signed headers that are not there or not in order: {sorted(absent)}")

    def _credentials(self, credential, stamp, token):
        access_key, *scope = credential.rsplit("/", 4)
        if len(scope) != 4 or scope[2:] != ["s3", "aws4_request"] or scope[0] != stamp[:8]:
            raise S3Error(400, "AuthorizationHeaderMalformed",
                          f"The credential {credential!r} does not fit the date {stamp!r}.")
        if scope[1] != self.region:
            raise S3Error(400, "AuthorizationHeaderMalformed", "The authorization header is "
                          f"malformed; the region '{scope[1]}' is wrong; expecting "
                          f"'{self.region}'", Region=self.region)
        account = self.accounts.get(access_key)
        if account is None:
            raise S3Error(403, "InvalidAccessKeyId", "The AWS Access Key Id you provided does not "
                          "exist in our records.", AWSAccessKeyId=access_key)
        if account.is_expired:
            raise S3Error(400, "ExpiredToken", "The provided token has expired.")
        if account.token != token:
            raise S3Error(400, "InvalidToken",
                          "The provided token is malformed or otherwise invalid.")
        return Credentials(access_key, account.secret_key, token)

    def _compare(self, kind, request, credentials, stamp, target, signed, signature):
        oracle = kind(credentials, "s3", self.region)
        received = AWSRequest(method=request.method, url=f"http://{request.host}{target}")
        for name, value in request.header_lines:
            if name.lower() in signed:
                received.headers.add_header(name, value)
        received.context["timestamp"] = stamp
        canonical = oracle.canonical_request(received)
        to_sign = oracle.string_to_sign(received, canonical)
        if oracle.signature(to_sign, received) != signature:
            raise S3Error(403, "SignatureDoesNotMatch", "The request signature we calculated does "
                          "not match the signature you provided. Check your key and signing "
                          "method.", StringToSign=to_sign, CanonicalRequest=canonical)

    @staticmethod
    def check_body(payload, body):
        """The signed hash must be that of the bytes."""
        if payload.startswith("STREAMING-"):
            raise S3Error(501, "NotImplemented", "aws-chunked bodies are not implemented.")
        if payload not in (UNSIGNED, body.sha256):
            raise S3Error(400, "XAmzContentSHA256Mismatch", "The provided "
                          "'x-amz-content-sha256' header does not match what was computed.",
                          ClientComputedContentSHA256=payload,
                          S3ComputedContentSHA256=body.sha256)
