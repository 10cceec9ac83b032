"""The server's own table of its routes."""

import re
from collections import namedtuple

from support.paths import SOURCE_ROOT

Route = namedtuple("Route", "body access limit flags")

ROLES = {  # who may use a route by its access, beside whoever may do so without a key
    "FOR_ALL": [],
    "FOR_TOKENS": [],
    "FOR_CAMERAS": ["camera", "fleet", "admin"],
    "FOR_READERS": ["viewer", "admin"],
    "FOR_SCRAPERS": ["viewer", "admin"],
    "FOR_ADMINS": ["admin"],
}


def routes():
    """Method and path, with a star for what varies, to Route."""
    table = (SOURCE_ROOT / "examples/server/routes.c").read_text()
    found = re.findall(r'^    \{"(\w+)",\s+"([^"]+)",\s+\w+,\s+(\w+),\s+(\w+),\s+(\w+),\s+([\w |]+)\}',
                       table, re.M)
    assert len(found) == table.count('    {"') > 10
    return {(method, path): Route(*rest) for method, path, *rest in found}
