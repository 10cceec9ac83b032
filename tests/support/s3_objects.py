"""
What an S3 server does when nothing goes wrong: buckets, objects and multipart uploads in memory.
"""

import base64
import hashlib
import re
import time
from dataclasses import dataclass, field
from email.utils import formatdate
from xml.etree import ElementTree
from xml.sax.saxutils import escape

SMALLEST_PART = 5 * 1024 * 1024
KEPT_HEADERS = ("content-type", "cache-control", "content-disposition", "content-encoding")


class S3Error(Exception):
    """Ends a request with one of S3's errors. Further fields go into its XML."""

    def __init__(self, status, code, message, headers=None, **fields):
        super().__init__(message)
        self.status = status
        self.code = code
        self.headers = headers or {}
        self.fields = {"Code": code, "Message": message, **fields}

    def answer(self):
        return Answer(self.status, {"Content-Type": "application/xml", **self.headers},
                      xml("Error", self.fields))


@dataclass
class Answer:
    status: int = 200
    headers: dict = field(default_factory=dict)
    body: bytes = b""


class Body:
    """Bytes that came in, with what S3 knows of them. They may be let go of afterwards."""

    def __init__(self):
        self.data = bytearray()
        self.size = 0
        self._sha256 = hashlib.sha256()
        self._md5 = hashlib.md5()

    def add(self, data):
        self.data += data
        self.size += len(data)
        self._sha256.update(data)
        self._md5.update(data)

    def forget(self):
        self.data = None

    @property
    def sha256(self):
        return self._sha256.hexdigest()

    @property
    def md5(self):
        return self._md5.hexdigest()

    @property
    def checksum(self):
        """As x-amz-checksum-sha256 has it."""
        return base64.b64encode(self._sha256.digest()).decode()


@dataclass
class Object:
    key: str
    body: Body
    etag: str
    headers: dict  # those that are given back
    checksum: str = None
    is_composite: bool = False
    times_stored: int = 1
    stored_at: float = field(default_factory=time.time)

    @property
    def sha256(self):
        return self.body.sha256

    @property
    def size(self):
        return self.body.size


@dataclass
class Upload:
    """A multipart upload under way; parts by their number."""
    id: str
    bucket: str
    key: str
    headers: dict
    parts: dict = field(default_factory=dict)


def xml(root, fields):
    """Fields in an element: a list repeats its element, a dict nests."""
    def write(name, value):
        if isinstance(value, list):
            return "".join(write(name, item) for item in value)
        if isinstance(value, dict):
            value = "".join(write(inner, content) for inner, content in value.items())
            return f"<{name}>{value}</{name}>"
        return f"<{name}>{escape(str(value))}</{name}>"
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{write(root, fields)}'.encode()


def operation_of(method, key, query):
    """S3's name for a request, or None for one that is not played here."""
    if not key:
        return {"PUT": "CreateBucket", "HEAD": "HeadBucket",
                "GET": "ListMultipartUploads" if "uploads" in query else "ListObjectsV2"}.get(method)
    if "uploadId" in query:
        return {"PUT": "UploadPart", "GET": "ListParts", "POST": "CompleteMultipartUpload",
                "DELETE": "AbortMultipartUpload"}.get(method)
    if "uploads" in query:
        return "CreateMultipartUpload" if method == "POST" else None
    return {"PUT": "PutObject", "GET": "GetObject", "HEAD": "HeadObject",
            "DELETE": "DeleteObject"}.get(method)


class Objects:
    """
    The buckets by name, each a dict of its objects by key, and the uploads under way by id. The
    server calls it with one request at a time.
    """

    def __init__(self, buckets, keep_bodies=True, smallest_part=SMALLEST_PART,
                 is_conditional=True, largest=5 << 30):
        self.buckets = {name: {} for name in buckets}
        self.uploads = {}
        self.keep_bodies = keep_bodies
        self.smallest_part = smallest_part
        self.is_conditional = is_conditional
        self.largest = largest
        self.uploads_made = 0

    def forget(self):
        self.buckets = {name: {} for name in self.buckets}
        self.uploads = {}

    def answer(self, request, body):
        if request.operation is None:
            raise S3Error(405, "MethodNotAllowed",
                          "The specified method is not allowed against this resource.")
        if request.operation != "CreateBucket" and request.bucket not in self.buckets:
            raise S3Error(404, "NoSuchBucket", "The specified bucket does not exist",
                          BucketName=request.bucket)
        return getattr(self, "_" + re.sub(r"(?<!^)(?=[A-Z])", "_", request.operation).lower()
                       .replace("_v2", ""))(request, body)

    # ---- buckets ----

    def _create_bucket(self, request, _):
        self.buckets.setdefault(request.bucket, {})
        return Answer()

    @staticmethod
    def _head_bucket(*_):
        return Answer()

    def _list_objects(self, request, _):
        prefix, after = request.query.get("prefix", ""), request.query.get("start-after", "")
        after = request.query.get("continuation-token", after)
        most = min(int(request.query.get("max-keys", 1000)), 1000)
        keys = sorted(key for key in self.buckets[request.bucket]
                      if key.startswith(prefix) and key > after)
        found = [self.buckets[request.bucket][key] for key in keys[:most]]
        more = {"NextContinuationToken": keys[most - 1]} if len(keys) > most else {}
        return self._xml("ListBucketResult", {
            "Name": request.bucket, "Prefix": prefix, "KeyCount": len(found),
            "IsTruncated": str(len(keys) > most).lower(), **more,
            "Contents": [{"Key": item.key, "Size": item.size, "ETag": item.etag}
                         for item in found]})

    # ---- objects ----

    def _put_object(self, request, body):
        if body.size > self.largest:
            raise S3Error(400, "EntityTooLarge",
                          "Your proposed upload exceeds the maximum allowed object size.",
                          ProposedSize=body.size, MaxSizeAllowed=self.largest)
        self._check_condition(request)
        self._check_content(request, body)
        checksum = request.headers.get("x-amz-checksum-sha256")
        kept = self._store(request, body, f'"{body.md5}"', self._kept_headers(request), checksum)
        return Answer(200, {"ETag": kept.etag,
                            **({"x-amz-checksum-sha256": checksum} if checksum else {})})

    def _check_condition(self, request):
        condition = request.headers.get("if-none-match")
        if condition is None:
            return
        if condition != "*" or not self.is_conditional:
            raise S3Error(501, "NotImplemented", "A header you provided implies functionality "
                          "that is not implemented.", Header="If-None-Match")
        if request.key in self.buckets[request.bucket]:
            raise S3Error(412, "PreconditionFailed", "At least one of the pre-conditions you "
                          "specified did not hold", Condition="If-None-Match")

    @staticmethod
    def _check_content(request, body):
        checksum = request.headers.get("x-amz-checksum-sha256")
        if checksum not in (None, body.checksum):
            raise S3Error(400, "BadDigest", "The SHA256 you specified did not match the "
                          "calculated checksum.")
        md5 = request.headers.get("content-md5")
        if md5 is not None and md5 != base64.b64encode(bytes.fromhex(body.md5)).decode():
            raise S3Error(400, "BadDigest",
                          "The Content-MD5 you specified did not match what we received.")

    @staticmethod
    def _kept_headers(request):
        return {name: value for name, value in request.headers.items()
                if name in KEPT_HEADERS or name.startswith("x-amz-meta-")}

    def _store(self, request, body, etag, headers, checksum=None, is_composite=False):
        if not self.keep_bodies:
            body.forget()
        bucket = self.buckets[request.bucket]
        before = bucket.get(request.key)
        bucket[request.key] = Object(request.key, body, etag, headers, checksum, is_composite,
                                     before.times_stored + 1 if before else 1)
        return bucket[request.key]

    def _find(self, request):
        found = self.buckets[request.bucket].get(request.key)
        if found is None:
            raise S3Error(404, "NoSuchKey", "The specified key does not exist.", Key=request.key)
        return found

    def _head_object(self, request, _):
        found = self._find(request)
        headers = {"ETag": found.etag, "Content-Length": str(found.size), "Accept-Ranges": "bytes",
                   "Last-Modified": formatdate(found.stored_at, usegmt=True), **found.headers}
        if found.checksum and request.headers.get("x-amz-checksum-mode") == "ENABLED":
            headers["x-amz-checksum-sha256"] = found.checksum
            headers["x-amz-checksum-type"] = "COMPOSITE" if found.is_composite else "FULL_OBJECT"
        return Answer(200, headers)

    def _get_object(self, request, body):
        answer = self._head_object(request, body)
        data = bytes(self._find(request).body.data)
        wanted = re.fullmatch(r"bytes=(\d+)-(\d*)", request.headers.get("range", ""))
        if wanted:
            first, last = int(wanted[1]), int(wanted[2] or len(data) - 1)
            if first >= len(data):
                raise S3Error(416, "InvalidRange", "The requested range is not satisfiable")
            last = min(last, len(data) - 1)
            answer.status = 206
            answer.headers["Content-Range"] = f"bytes {first}-{last}/{len(data)}"
            data = data[first:last + 1]
        answer.headers["Content-Length"] = str(len(data))
        answer.body = data
        return answer

    def _delete_object(self, request, _):
        self.buckets[request.bucket].pop(request.key, None)
        return Answer(204)

    # ---- multipart ----

    def _create_multipart_upload(self, request, _):
        self.uploads_made += 1
        upload = Upload(f"upload.{self.uploads_made}~{request.number}", request.bucket, request.key,
                        self._kept_headers(request))
        self.uploads[upload.id] = upload
        return self._xml("InitiateMultipartUploadResult", {
            "Bucket": upload.bucket, "Key": upload.key, "UploadId": upload.id})

    def _upload(self, request):
        upload = self.uploads.get(request.query["uploadId"])
        if upload is None or (upload.bucket, upload.key) != (request.bucket, request.key):
            raise S3Error(404, "NoSuchUpload", "The specified upload does not exist. The upload ID "
                          "may be invalid, or the upload may have been aborted or completed.",
                          UploadId=request.query["uploadId"])
        return upload

    def _upload_part(self, request, body):
        upload = self._upload(request)
        number = request.query.get("partNumber", "")
        if not number.isdigit() or not 1 <= int(number) <= 10000:
            raise S3Error(400, "InvalidArgument",
                          "Part number must be an integer between 1 and 10000, inclusive")
        self._check_content(request, body)
        upload.parts[int(number)] = body
        checksum = request.headers.get("x-amz-checksum-sha256")
        return Answer(200, {"ETag": f'"{body.md5}"',
                            **({"x-amz-checksum-sha256": checksum} if checksum else {})})

    def _list_parts(self, request, _):
        upload = self._upload(request)
        after = int(request.query.get("part-number-marker") or 0)
        most = min(int(request.query.get("max-parts") or 1000), 1000)
        numbers = sorted(number for number in upload.parts if number > after)
        shown = numbers[:most]
        return self._xml("ListPartsResult", {
            "Bucket": upload.bucket, "Key": upload.key, "UploadId": upload.id,
            "PartNumberMarker": after, "NextPartNumberMarker": shown[-1] if shown else after,
            "MaxParts": most, "IsTruncated": str(len(numbers) > most).lower(),
            "Part": [{"PartNumber": number, "ETag": f'"{upload.parts[number].md5}"',
                      "Size": upload.parts[number].size,
                      "ChecksumSHA256": upload.parts[number].checksum} for number in shown]})

    def _complete_multipart_upload(self, request, body):
        upload = self._upload(request)
        self._check_condition(request)
        chosen = self._chosen_parts(upload, bytes(body.data))
        whole = Body()
        for part in chosen:
            whole.add(part.data)
        of_md5s = hashlib.md5(b"".join(bytes.fromhex(part.md5) for part in chosen)).hexdigest()
        of_sums = base64.b64encode(hashlib.sha256(b"".join(
            bytes.fromhex(part.sha256) for part in chosen)).digest()).decode()
        kept = self._store(request, whole, f'"{of_md5s}-{len(chosen)}"', upload.headers,
                           f"{of_sums}-{len(chosen)}", is_composite=True)
        del self.uploads[upload.id]
        return self._xml("CompleteMultipartUploadResult", {
            "Location": f"http://{request.host}/{upload.key}", "Bucket": upload.bucket,
            "Key": upload.key, "ETag": kept.etag, "ChecksumSHA256": kept.checksum})

    def _chosen_parts(self, upload, document):
        """The parts that the client lists, which must be those that are there."""
        try:
            root = ElementTree.fromstring(document)
        except ElementTree.ParseError:
            raise S3Error(400, "MalformedXML", "The XML you provided was not well-formed.") from None
        for element in root.iter():
            element.tag = element.tag.split("}")[-1]
        listed = [(int(part.findtext("PartNumber", "0")), part.findtext("ETag", "").strip('"'))
                  for part in root.findall("Part")]
        if not listed or root.tag != "CompleteMultipartUpload":
            raise S3Error(400, "MalformedXML", "There is no part in it.")
        if listed != sorted(listed) or len({number for number, _ in listed}) != len(listed):
            raise S3Error(400, "InvalidPartOrder", "The list of parts was not in ascending order.")
        chosen = []
        for number, etag in listed:
            part = upload.parts.get(number)
            if part is None or part.md5 != etag:
                raise S3Error(400, "InvalidPart", "One or more of the specified parts could not "
                              "be found.", PartNumber=number, ETag=etag)
            chosen.append(part)
        for number, part in zip(listed, chosen[:-1]):
            if part.size < self.smallest_part:
                raise S3Error(400, "EntityTooSmall", "Your proposed upload is smaller than the "
                              "minimum allowed size", PartNumber=number[0], ProposedSize=part.size,
                              MinSizeAllowed=self.smallest_part)
        return chosen

    def _abort_multipart_upload(self, request, _):
        del self.uploads[self._upload(request).id]
        return Answer(204)

    def _list_multipart_uploads(self, request, _):
        return self._xml("ListMultipartUploadsResult", {
            "Bucket": request.bucket, "IsTruncated": "false",
            "Upload": [{"Key": upload.key, "UploadId": upload.id}
                       for upload in self.uploads.values() if upload.bucket == request.bucket]})

    @staticmethod
    def _xml(root, fields):
        return Answer(200, {"Content-Type": "application/xml"}, xml(root, fields))
