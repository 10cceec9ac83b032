"""
Scripted S3 servers as a program of its own, told what to do over a control port, for tests that
are not in Python (s3_peer.h).

usage: python3 -m support.s3_control [--tls DIRECTORY] [--receive-buffer BYTES] REGION...

It prints one line for each region, "REGION URL", then "ca FILE" with --tls, then "control PORT",
and ends when its standard input does. Each line to the control port is "REGION COMMAND...", and
each answer "ok ..." or "error ...". An answer that lists begins with how many lines follow.

play ACT [times=N|always] [operation=] [key=] [bucket=] [stage=] [header.NAME=VALUE]...
                       and any other field of an act: s3_acts.py. No value holds a blank.
well                   takes all that is back, and lets go of what hangs
come_to_light          does what "stored_late" has put off
refuse, stall, accept  connections
close_idle [N], reset_idle [N]   the pooled connections, when there are N
clock SECONDS          by how much the server's is ahead
account KEY SECRET [TOKEN], expire KEY
count [OPERATION [KEY]], await N [OPERATION [KEY]], connections, uploads, refused
requests               "OPERATION STATUS ACT CONNECTION EARLIER MILLISECONDS BYTES KEY" for each
objects [BUCKET]       "SHA256 SIZE TIMES KEY" for each
forget                 requests, objects and uploads
"""

import argparse
import dataclasses
import socketserver
import sys
import threading

from .certificates import Authority
from .s3_acts import Act
from .s3_script import S3Script
from .s3_signature import Account

FIELDS = {field.name: field.type for field in dataclasses.fields(Act)}


def play(server, name, *words):
    chosen, headers = {}, {}
    for word in words:
        field, _, value = word.partition("=")
        if field.startswith("header."):
            headers[field[len("header."):]] = value
        elif field == "times":
            chosen[field] = None if value == "always" else int(value)
        elif FIELDS.get(field) in (int, float):
            chosen[field] = FIELDS[field](value)
        elif FIELDS.get(field) is bool:
            chosen[field] = value != "false"
        elif field in FIELDS or field in ("operation", "key", "bucket"):
            chosen[field] = value
        else:
            raise ValueError(f"there is no {field}")
    server.play(name, **chosen, **({"headers": headers} if headers else {}))


def requests(server):
    return [" ".join(map(str, (each.operation, each.status, each.act or "-", each.connection,
                               each.earlier, int(each.began * 1000), each.body_size, each.key)))
            for each in server.of()]


def objects(server, bucket=None):
    return [f"{each.sha256} {each.size} {each.times_stored} {key}"
            for key, each in sorted(server.stored(bucket).items())]


def account(server, key, secret, token=None):
    server.accounts[key] = Account(secret, token)


def expire(server, key):
    server.accounts[key].is_expired = True


def await_count(server, number, *kind):
    server.wait_for(lambda: server.count(*kind) >= int(number))


COMMANDS = {
    "play": play, "requests": requests, "objects": objects, "account": account, "expire": expire,
    "await": await_count,
    "well": S3Script.play_well, "refuse": S3Script.refuse, "stall": S3Script.stall,
    "come_to_light": S3Script.come_to_light, "accept": S3Script.accept, "count": S3Script.count, "forget": S3Script.forget,
    "connections": lambda server: server.connections_made,
    "uploads": lambda server: len(server.objects.uploads),
    "refused": lambda server: " ".join(server.refused()),
    "clock": lambda server, seconds: setattr(server, "clock_offset", float(seconds)),
    "close_idle": lambda server, number=1: server.close_idle(int(number)),
    "reset_idle": lambda server, number=1: server.close_idle(int(number), "reset"),
}


def obey(servers, line):
    """The answer to a line."""
    region, name, *words = [*line.split(), "", ""][:max(2, len(line.split()))]
    if region not in servers:
        return f"error there is no region {region!r}"
    if name not in COMMANDS:
        return f"error there is no command {name!r}"
    try:
        result = COMMANDS[name](servers[region], *words)
    except (AssertionError, KeyError, TypeError, ValueError) as failure:
        return f"error {name}: {' '.join(repr(failure).split())}"
    if isinstance(result, list):
        return "\n".join([f"ok {len(result)}", *result])
    return f"ok {'' if result is None else result}".strip()


class Control(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self, servers):
        super().__init__(("127.0.0.1", 0), Ear)
        self.servers = servers

    @property
    def port(self):
        return self.server_address[1]


class Ear(socketserver.StreamRequestHandler):
    def handle(self):
        for line in self.rfile:
            self.wfile.write(obey(self.server.servers, line.decode()).encode() + b"\n")


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("--tls")
    parser.add_argument("--receive-buffer", type=int, default=0)
    parser.add_argument("regions", nargs="+")
    options = parser.parse_args()
    authority = Authority(options.tls) if options.tls else None
    servers = {region: S3Script(region, authority=authority, receive_buffer=options.receive_buffer)
               for region in options.regions}
    for region, server in servers.items():
        print(region, server.url)
    if authority:
        print("ca", authority.ca)
    with Control(servers) as control:
        threading.Thread(target=control.serve_forever, daemon=True).start()
        print("control", control.port, flush=True)
        sys.stdin.read()
        control.shutdown()
    for server in servers.values():
        server.stop()


if __name__ == "__main__":
    main()
