"""Validates a Camtrap DP package with frictionless, without a network.

usage: validate_package.py PACKAGE SCHEMAS

The schemas that the description names by their addresses are taken from the folder of the same
files; it must name exactly those. Prints what is wrong, a line each.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

from frictionless import Package, system

ADDRESS = "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"


def main(package, schemas):
    """Copies the package beside the schemas, so that all paths stay in one folder."""
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "package"
        shutil.copytree(package, place)
        shutil.copytree(schemas, place / "schemas")
        description = json.loads((place / "datapackage.json").read_text("utf-8"))
        if description["profile"] != ADDRESS + "camtrap-dp-profile.json":
            print(f"the profile is {description['profile']}")
            return 1
        del description["profile"]
        for resource in description["resources"]:
            if "schema" in resource:
                assert resource["schema"].startswith(ADDRESS)
                resource["schema"] = "schemas/" + resource["schema"][len(ADDRESS):]
        (place / "datapackage.json").write_text(json.dumps(description), "utf-8")
        with system.use_context(trusted=True):
            report = Package(str(place / "datapackage.json")).validate()
        for error in report.flatten(["type", "rowNumber", "fieldName", "note"]):
            print(*error)
        return 0 if report.valid else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
