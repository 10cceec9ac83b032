"""Validates a Camtrap DP package with frictionless, and its description against the profile of
Camtrap DP, without a network.

usage: validate_package.py PACKAGE SCHEMAS

The schemas that the description names by their addresses are taken from the folder of the same
files; it must name exactly those. Prints what is wrong, a line each.
"""

import json
import shutil
import sys
import tempfile
from pathlib import Path

import frictionless
from frictionless import Package, system
from jsonschema import Draft4Validator, FormatChecker
from referencing import Registry, Resource
from referencing.jsonschema import DRAFT4

ADDRESS = "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/"
GEOJSON = Path(frictionless.__file__).parent / "assets/profiles/geojson.json"


def check_profile(description, schemas):
    """What the profile says against a description. Two schemas stand elsewhere: that of GeoJSON,
    which frictionless has, and that of any data package, whose rules are those of frictionless."""
    elsewhere = {"http://json.schemastore.org/geojson.json": json.loads(GEOJSON.read_text("utf-8")),
                 "https://specs.frictionlessdata.io/schemas/data-package.json": {}}
    registry = Registry().with_resources(
        (address, Resource.from_contents(contents, default_specification=DRAFT4))
        for address, contents in elsewhere.items())
    profile = json.loads((Path(schemas) / "camtrap-dp-profile.json").read_text("utf-8"))
    validator = Draft4Validator(profile, registry=registry, format_checker=FormatChecker())
    return [f"profile {error.json_path} {error.message}"
            for error in validator.iter_errors(description)]


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
        wrong = check_profile(description, schemas)
        for line in wrong:
            print(line)
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
        return 0 if report.valid and not wrong else 1


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
