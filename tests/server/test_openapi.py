"""The server's description of itself, and how it says it does."""

import json
import re
import time
from datetime import datetime

import pytest
from route_table import ROLES, routes
from support import Form
from support.access import NO_LIMITS, bearer, create_user
from support.paths import SOURCE_ROOT

METHODS = ("get", "put", "post", "delete", "patch")

SPAN = {"start_date": "2026-03-01", "end_date": "2026-03-31"}


@pytest.fixture(scope="module")
def document():
    return json.loads((SOURCE_ROOT / "examples/server/openapi.json").read_text())


def operations(document):
    return [(path, method, operation) for path, item in document["paths"].items()
            for method, operation in item.items() if method in METHODS]


def as_route(method, path):
    return method.upper(), re.sub(r"\{\w+\}", "*", path)


def walk(node, at="#"):
    yield at, node
    children = node.items() if isinstance(node, dict) else (
        enumerate(node) if isinstance(node, list) else ())
    for name, child in children:
        yield from walk(child, f"{at}/{name}")


def resolve(document, reference):
    node = document
    for name in reference.removeprefix("#/").split("/"):
        node = node[name]
    return node


def follow(document, node):
    return resolve(document, node["$ref"]) if "$ref" in node else node


def test_document_is_served(server, document):
    answer = server.get("/api/openapi.json")
    assert (answer.status, answer.json) == (200, document)
    assert answer.headers["Content-Type"] == "application/json"


def test_every_route_is_described_and_every_description_is_served(document):
    described = {as_route(method, path) for path, method, _ in operations(document)}
    assert described == routes().keys()


def test_document_is_whole(document):
    assert document["openapi"].startswith("3.1.")
    assert {"title", "version"} <= document["info"].keys()
    table = routes()
    names = [operation["operationId"] for _, _, operation in operations(document)]
    assert len(names) == len(set(names))
    for path, method, operation in operations(document):
        where = f"{method} {path}"
        parameters = [follow(document, parameter) for parameter in operation.get("parameters", [])]
        in_path = {parameter["name"] for parameter in parameters if parameter["in"] == "path"}
        assert in_path == set(re.findall(r"\{(\w+)\}", path)), where
        for parameter in parameters:
            assert parameter["in"] in ("path", "query", "header"), where
            assert parameter["required"] is True or parameter["in"] != "path", where
            assert "schema" in parameter, where
        body = table[as_route(method, path)].body
        assert ("requestBody" in operation) == (body != "BODY_NONE"), where
        if body == "BODY_LOGIN_OR_NONE":
            assert operation["requestBody"]["required"] is False, where
        assert any(status.startswith("2") for status in operation["responses"]), where
        for response in operation["responses"].values():
            assert "$ref" in response or "description" in response, where


def errors_of(path, route):
    """What a route may answer beside success, by what it does."""
    errors = {"400", "503"}  # framing; stopping
    if "ROUTE" not in route.flags or "ROUTE_LOGIN" in route.flags:
        errors |= {"500", "507"}  # the store's own trouble
    if "*" in path or route.body == "BODY_UPLOAD":
        errors |= {"404"}
    if route.body != "BODY_NONE":
        errors |= {"403", "408", "413", "415"}
    if route.body not in ("BODY_NONE", "BODY_LOGIN_OR_NONE"):
        errors |= {"411"}
    if route.access != "FOR_ALL":
        errors |= {"401", "403"}
    if "ROUTE_LOGIN" in route.flags:
        errors |= {"401"}
    if route.limit != "LIMIT_NONE":
        errors |= {"429"}
    if "/analytics/" in path or path.endswith("/statistics"):
        errors |= {"413"}  # more groups than a summary holds
    if path.startswith("/api/deployments") and route.body != "BODY_NONE":
        errors |= {"404", "409"}  # no such camera; one that overlaps
    if path.endswith("/result"):
        errors |= {"409"}  # not done yet
    if path in ("/api/images/*", "/api/thumbnails/*"):
        errors |= {"413", "415", "416"}  # what cannot be decoded or stripped; ranges
    return errors


def test_every_error_is_described(document):
    table = routes()
    for path, method, operation in operations(document):
        route = as_route(method, path)
        described = {status for status in operation["responses"] if status >= "4"}
        assert described == errors_of(route[1], table[route]), route


def test_who_may_use_an_operation_is_described(document):
    table = routes()
    for path, method, operation in operations(document):
        access = table[as_route(method, path)].access
        either = [] if access == "FOR_ALL" else [{"bearer": []}, {"apiKey": []}]
        nobody = [{}] if access == "FOR_SCRAPERS" else []  # from the same machine
        assert operation["security"] == nobody + either, path
        assert operation.get("x-roles", []) == ROLES[access], path
    assert document["components"]["securitySchemes"].keys() == {"bearer", "apiKey"}


def test_references_lead_somewhere_and_everything_is_referred_to(document):
    references = {node["$ref"] for _, node in walk(document)
                  if isinstance(node, dict) and "$ref" in node}
    for reference in references:
        assert resolve(document, reference)
    for kind, items in document["components"].items():
        for name in items if kind != "securitySchemes" else ():  # referred to by name
            assert f"#/components/{kind}/{name}" in references


def test_schemas_are_schemas(document):
    types = {"object", "array", "string", "number", "integer", "boolean", "null"}
    for at, node in walk(document["components"]["schemas"]):
        if not isinstance(node, dict) or at.endswith("/properties") or "type" not in node:
            continue
        said = node["type"] if isinstance(node["type"], list) else [node["type"]]
        assert set(said) <= types, at
        assert set(node.get("required", [])) <= node.get("properties", {}).keys(), at
        assert "array" not in said or {"items", "prefixItems"} & node.keys(), at
        if "pattern" in node:
            re.compile(node["pattern"])


def matches(document, schema, value):
    """As far as this document's schemas go."""
    if "$ref" in schema:
        return matches(document, resolve(document, schema["$ref"]), value)
    if "oneOf" in schema:
        return sum(matches(document, one, value) for one in schema["oneOf"]) == 1
    if value not in schema.get("enum", [value]) or value != schema.get("const", value):
        return False
    kinds = {dict: "object", list: "array", str: "string", bool: "boolean", int: "integer",
             float: "number", type(None): "null"}
    kind, said = kinds[type(value)], schema.get("type", [])
    said = said if isinstance(said, list) else [said]
    if said and kind not in said and not (kind == "integer" and "number" in said):
        return False
    if kind == "object":
        properties = schema.get("properties", {})
        if schema.get("additionalProperties") is False and not value.keys() <= properties.keys():
            return False
        return set(schema.get("required", [])) <= value.keys() and all(
            matches(document, properties.get(name, {}), item) for name, item in value.items())
    return kind != "array" or all(matches(document, schema.get("items", {}), item)
                                  for item in value)


def log_in(server):
    return server.post("/api/auth/login", {"username": "me", "password": "long enough"}).json


def test_answers_are_as_described(make_server, document, picture):
    """Every operation, asked as a client would, answers what its description says."""
    server = make_server(NO_LIMITS)
    upload = server.upload(picture, "cam", species="fox", confidence=0.5, bbox=[0, 0, 1, 1])
    job = server.post("/api/reports/analytics", SPAN).json["job_id"]
    while server.get(f"/api/jobs/{job}").json["state"] in ("due", "running"):
        time.sleep(0.01)
    create_user(server.data, "me", "admin", "long enough")
    ids = {"/jobs/{id}": f"/jobs/{job}", "{device_id}": "cam", "{deployment_id}": "dep",
           "/detections/{id}": f"/detections/{upload.json['detection_id']}",
           "/alerts/{id}": "/alerts/1",  # the camera registered itself
           "{id}": str(upload.json["image_id"])}
    bodies = {"uploadByCamera": Form({"device_id": "cam"}, picture + b"1"),
              "uploadImage": Form({"device_id": "cam"}, picture + b"2"),
              "uploadDetection": Form({"device_id": "cam"}, picture + b"3"),
              "addDeployment": {"deployment_id": "dep", "device_id": "cam", "start": "2026-03-01",
                                "latitude": 1.5, "longitude": 2, "bait_use": True,
                                "failures": [{"from": "2026-03-02", "to": "2026-03-03"}]},
              "changeDeployment": {"correction": {"wrong": "2020-01-01", "right": "2026-03-01"}},
              "registerCamera": {"device_id": "cam", "config": {"a": 1}},
              "startReport": SPAN,
              "login": {"username": "me", "password": "long enough"},
              "refreshLogin": {"refresh_token": log_in(server)["refresh_token"]},
              "logout": {"refresh_token": log_in(server)["refresh_token"]}}
    token = bearer(log_in(server)["access_token"])
    ask = {"get": lambda path, _: server.get(path, token),
           "post": lambda path, body: server.post(path, body, token),
           "put": lambda path, body: server.put(path, body, token),
           "delete": lambda path, _: server.delete(path, token)}
    for path, method, operation in operations(document):
        address = path
        for name, value in ids.items():
            address = address.replace(name, value)
        answer = ask[method](address, bodies.get(operation["operationId"], {}))
        assert answer.status in (200, 201, 202), operation["operationId"]
        content = follow(document, operation["responses"][str(answer.status)])["content"]
        kind = answer.headers["Content-Type"].split(";")[0]
        assert kind in content, operation["operationId"]
        if kind == "application/json":
            assert matches(document, content[kind]["schema"], answer.json), (address, answer.json)


def test_properties_of_answers_are_all_described(server, document, picture):
    upload = server.upload(picture, "cam", species="fox")
    detection = server.get(f"/api/detections/{upload.json['detection_id']}").json
    schemas = document["components"]["schemas"]
    assert detection.keys() == schemas["Detection"]["properties"].keys()
    assert detection["image"].keys() == schemas["Image"]["properties"].keys()
    camera = server.get("/api/cameras/cam").json
    assert camera.keys() == schemas["Camera"]["properties"].keys()


def test_health(server, picture):
    server.upload(picture)
    for _ in range(2):
        answer = server.get("/api/health")
        assert answer.status == 200
        health = answer.json
        assert health["status"] == "ok"
        assert health["services"] == {
            "database": "ok", "s3": {"status": "off", "owed": 0, "oldest_seconds": 0},
            "processing": {"status": "off", "due": 0, "oldest_seconds": 0, "parked": 0},
            "redis": "off"}
        assert datetime.fromisoformat(health["timestamp"]).utcoffset() is not None
        assert re.fullmatch(r"\d+\.\d+\.\d+", health["version"])
        assert health["figures"]["pictures_kept"] == 1
        assert not [name for name, value in health["figures"].items()
                    if value < 0 or name.startswith("uploads_")]
    assert server.get("/healthz").body == b"ok\n"
    assert server.get("/readyz").body == b"ready\n"


def test_health_of_a_damaged_store(make_server, picture):
    """The rest goes on, and the answer says what is wrong, still with 200."""
    server = make_server()
    server.expect_log("damaged", "set aside", "malformed", "not a database")
    server.upload(picture)
    server.post("/api/detections", {"device_id": "cam", "timestamp": "2026-05-01T00:00:00Z"})
    server.stop()
    shard = server.data / "detections" / "2026-03.db"
    for path in shard.parent.glob("2026-03.db*"):
        path.write_bytes(b"This is no database." * 500)
    server.start()
    page = server.get("/api/detections").json
    assert [row["timestamp"][:7] for row in page["detections"]] == ["2026-05"]
    assert "2026-03" in page["incomplete"]
    beyond = server.get("/api/detections?page=9").json
    assert beyond["detections"] == [] and "2026-03" in beyond["incomplete"]
    answer = server.get("/api/health")
    assert (answer.status, answer.json["status"]) == (200, "degraded")
    assert answer.json["figures"]["damaged_shards"] == 1
    assert str(server.data) not in answer.json["reason"]


def test_station_that_is_gone(make_server, picture):
    """No traffic is wanted, and health still answers."""
    server = make_server()
    server.expect_log("the station is down", "/api/detections")
    server.upload(picture)
    server.data.rename(server.directory / "elsewhere")
    answers = [server.get(path) for path in ("/readyz", "/api/health", "/healthz")]
    (server.directory / "elsewhere").rename(server.data)
    assert [answer.status for answer in answers] == [503, 200, 200]
    assert answers[0].error == answers[1].json["reason"]
    assert str(server.data) not in answers[0].error
    server.await_log(str(server.data))
    assert answers[0].headers["Retry-After"]
    assert server.get("/readyz").body == b"ready\n"
