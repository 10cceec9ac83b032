"""botocore at a moment of the test's choice, and odd requests to ask it for."""

import datetime
import os
from types import SimpleNamespace
from urllib.parse import quote_from_bytes

import pytest
from botocore import auth, signers

SEED = int(os.environ.get("WILDCAM_SEED", 20261126))
NOW = 1795689899  # 2026-11-26T10:44:59Z
UNRESERVED = "-._~"
PLAIN = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~"
# Parts that keys, names and values are put together from.
PARTS = ["a", "Z", "9", "-", ".", "_", "~", "/", "//", "..", "/../", "/./", " ", "  ", "+", "%",
         "%2F", "%zz", "&", "=", "?", "#", ";", ":", "@", "!", "$", "'", "(", ")", "*", ",", "[",
         "]", "\\", "^", "`", "{", "|", "}", "<", ">", '"', "\t", "\r", "\n", "\x01", "\x7f",
         "\xe9", "\u20ac", "\U0001f98a", "\u2028", "images/2026/11/26/cam-1/", ".jpg"]


class Clock:
    """The moment at which botocore signs."""

    now = None


class FrozenTime(datetime.datetime):
    """What botocore takes for the time of day."""

    @classmethod
    def utcnow(cls):
        return Clock.now

    @classmethod
    def at(cls, seconds):
        Clock.now = cls.fromtimestamp(seconds, datetime.timezone.utc)


@pytest.fixture(autouse=True, scope="module")
def frozen():
    """botocore's clock; where it looks at it differs between its versions."""
    patch = pytest.MonkeyPatch()
    for module in (auth, signers):
        if hasattr(module, "get_current_datetime"):
            patch.setattr(module, "get_current_datetime", lambda *_, **__: Clock.now)
    if not hasattr(auth, "get_current_datetime"):
        patch.setattr(auth, "datetime", SimpleNamespace(datetime=FrozenTime))
    yield
    patch.undo()


def random_text(chance, most, parts=None):
    return "".join(chance.choices(parts or PARTS, k=chance.randrange(most + 1)))


def random_secret(chance, most):
    return "".join(chance.choices(PLAIN + "/+=", k=chance.randrange(1, most)))


def encode(text, keep=UNRESERVED):
    return quote_from_bytes(text if isinstance(text, bytes) else text.encode(), safe=keep)


def sorted_query(query):
    items = [item.partition("=")[::2] for item in query.split("&")]
    assert items[-1][0] == "X-Amz-Signature"
    return sorted(items[:-1]) + items[-1:]


def line_of(*words):
    """Words as the programs read them (words.h)."""
    return "\t".join((word if isinstance(word, bytes) else str(word).encode()).hex()
                     for word in words) + "\n"
