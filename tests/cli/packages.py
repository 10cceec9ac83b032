"""Camtrap DP packages: read, checked by the rules of their schemas, and made for tests."""

import csv
import json
import re
from pathlib import Path

TABLES = {"deployments": ("deploymentID", 24), "media": ("mediaID", 11),
          "observations": ("observationID", 28)}
CONTACT = "Ann Example <ann@example.org>"
PROFILE = "https://raw.githubusercontent.com/tdwg/camtrap-dp/1.0.2/camtrap-dp-profile.json"


def load(package, table, suffix=""):
    """A table's columns, and its rows by their ids."""
    with open(Path(package) / f"{table}.csv{suffix}", newline="", encoding="utf-8") as file:
        columns, *rows = list(csv.reader(file))
    assert len({row[0] for row in rows}) == len(rows), "an id stands twice"
    return columns, {row[0]: dict(zip(columns, row)) for row in rows}


def describe(package):
    return json.loads((Path(package) / "datapackage.json").read_text(encoding="utf-8"))


# ---- the schemas' own rules, written down here ----

def check_cell(field, value):
    """Complains about a cell that the schema does not allow."""
    rules = field["constraints"]
    where = f"{field['name']}: {value!r}"
    if value in ("", "NA", "NaN", "nan"):
        assert not rules.get("required"), where
        return
    if field["type"] in ("number", "integer"):
        number = (int if field["type"] == "integer" else float)(value)
        assert rules.get("minimum", number) <= number <= rules.get("maximum", number), where
    if field["type"] == "boolean":
        assert value in ("true", "false"), where
    if field["type"] == "datetime":
        assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)", value), where
    assert value in rules.get("enum", [value]), where
    assert re.search(rules.get("pattern", ""), value), where


def check_package(package, schemas):
    """Valid by the tables' schemas, their keys, and the names that a description must have."""
    ids = {}
    for table in TABLES:
        schema = json.loads((Path(schemas) / f"{table}-table-schema.json").read_text("utf-8"))
        columns, rows = load(package, table)
        assert columns == [field["name"] for field in schema["fields"]]
        ids[table] = set(rows)
        for row in rows.values():
            for field in schema["fields"]:
                check_cell(field, row[field["name"]])
            for key in schema.get("foreignKeys", []):
                value = row[key["fields"]]
                assert not value or value in ids[key["reference"]["resource"]], (table, row)
    description = describe(package)
    profile = json.loads((Path(schemas) / "camtrap-dp-profile.json").read_text("utf-8"))
    for name in profile["allOf"][1]["required"]:
        assert name in description, name
    for name in profile["allOf"][1]["properties"]["project"]["required"]:
        assert name in description["project"], name
    assert [one["name"] for one in description["resources"]][:3] == list(TABLES)
    assert all("1.0.2" in one["schema"] for one in description["resources"][:3])
    return description


# ---- packages for tests ----

def make_package(place, deployments, media=(), observations=(), **members):
    """A package of rows that are given as far as they matter."""
    place.mkdir(parents=True, exist_ok=True)
    resources = [{"name": table, "path": f"{table}.csv"} for table in TABLES]
    (place / "datapackage.json").write_text(json.dumps({
        "profile": PROFILE, "name": place.name, "resources": resources,
        "contributors": [{"title": f"who made {place.name}"}], **members}), "utf-8")
    defaults = {
        "deployments": {"latitude": "50.1", "longitude": "4.2", "cameraID": "gate",
                        "deploymentStart": "2026-03-01T00:00:00Z",
                        "deploymentEnd": "2026-04-01T00:00:00Z"},
        "media": {"timestamp": "2026-03-04T06:00:00Z", "filePublic": "true",
                  "filePath": "https://example.org/picture", "fileMediatype": "image/jpeg"},
        "observations": {"eventStart": "2026-03-04T06:00:00Z", "eventEnd": "2026-03-04T06:00:00Z",
                         "observationLevel": "media", "observationType": "animal"}}
    for (table, default), rows in zip(defaults.items(), (deployments, media, observations)):
        rows = [{**default, **row} for row in rows]
        key = TABLES[table][0]
        names = [key, *sorted({name for row in rows for name in row} - {key})]
        with open(place / f"{table}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, names)
            writer.writeheader()
            writer.writerows(rows)
    return place
