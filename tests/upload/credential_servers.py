"""Those who give credentials, on loopback: an instance's metadata service, a container's agent,
AWS's token service. What they are asked is kept, and what they answer can be changed."""

import json
import threading
from datetime import datetime, timedelta, timezone
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl
from xml.sax.saxutils import escape

ROLES = "/latest/meta-data/iam/security-credentials/"


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def serve(self):
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length).decode()
        headers = {name.lower(): value for name, value in self.headers.items()}
        service = self.server.service
        service.requests.append((self.command, self.path, headers, body))
        if self.path.startswith("/hold"):
            service.released.wait()
        status, text = service.answer(self.command, self.path, headers, body)
        data = text.encode()
        try:
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)
        except ConnectionError:
            pass  # who gave up does not listen any more

    do_GET = do_PUT = do_POST = serve


class Service:
    def __init__(self):
        self.requests = []
        self.released = threading.Event()
        self.number = 0
        self.lifetime = timedelta(hours=6)
        self.refusals = {}  # a path's status and answer, in place of the usual
        self.agent_token = None
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.service = self
        self.thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))

    def __enter__(self):
        self.thread.start()
        return self

    def __exit__(self, *_):
        self.released.set()
        self.http.shutdown()
        self.thread.join()
        self.http.server_close()

    @property
    def url(self):
        return f"http://127.0.0.1:{self.http.server_port}"

    def paths(self):
        return [(method, path) for method, path, _, _ in self.requests]

    def keys(self):
        """Others each time they are asked for, with what base64 may have in it."""
        expires = datetime.now(timezone.utc) + self.lifetime
        return {"AccessKeyId": f"ASIA{self.number:016d}",
                "SecretAccessKey": f"s3cr3t+/{self.number}=",
                "Token": "t0ken+/" * 100 + f"{self.number}=",
                "Expiration": expires.strftime("%Y-%m-%dT%H:%M:%SZ")}

    def answer(self, method, path, headers, body):
        if path in self.refusals:
            return self.refusals[path]
        if path == "/latest/api/token" and method == "PUT":
            known = headers.get("x-aws-ec2-metadata-token-ttl-seconds") == "21600"
            return (200, "instance-token==") if known else (400, "")
        if path.startswith(ROLES):
            if headers.get("x-aws-ec2-metadata-token") != "instance-token==":
                return 401, ""
            if path == ROLES:
                return 200, "camera-role"
            self.number += 1
            return 200, json.dumps({"Code": "Success", "Type": "AWS-HMAC", **self.keys()})
        if path.startswith("/task"):
            if headers.get("authorization") != self.agent_token:
                return 403, json.dumps({"code": "Forbidden", "message": "who are you?"})
            self.number += 1
            return 200, json.dumps({"RoleArn": "arn:x", **self.keys()})
        if method == "POST":
            return self.assume_role(dict(parse_qsl(body)))
        return 404, ""

    def assume_role(self, fields):
        if fields.get("WebIdentityToken") != "header.pay+load/=.signature":
            return 400, ("<ErrorResponse><Error><Type>Sender</Type><Code>InvalidIdentityToken"
                         "</Code><Message>not this one</Message></Error></ErrorResponse>")
        self.number += 1
        keys = self.keys()
        keys["SessionToken"] = keys.pop("Token")
        credentials = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in keys.items())
        name = "AssumeRoleWithWebIdentity"
        return 200, (f'<{name}Response xmlns="https://sts.amazonaws.com/doc/2011-06-15/">'
                     f"<{name}Result><Credentials>{credentials}</Credentials></{name}Result>"
                     f"<ResponseMetadata><RequestId>x</RequestId></ResponseMetadata>"
                     f"</{name}Response>")
