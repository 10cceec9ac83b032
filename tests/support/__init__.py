"""What the tests in Python share: where things are, a server to talk to, and a client."""

from .client import Answer, Connection, Form, send
from .paths import build_path, make_pictures, program, real_data, real_pictures
from .server import Server

__all__ = [
    "Answer", "Connection", "Form", "Server", "build_path", "make_pictures", "program",
    "real_data", "real_pictures", "send",
]
