"""Requests that two servers on the way might read differently, and requests that are none."""

import pytest

HOST = b"Host: localhost\r\n"
HIDDEN = b"GET /healthz HTTP/1.1\r\nHost: localhost\r\n\r\n"
JSON = b'{"device_id": "hidden"}'


def exchange(server, data):
    """The answer to some bytes, and whatever comes behind it until the connection is closed."""
    with server.connect() as connection:
        connection.send(data)
        answer = connection.answer()
        try:
            return answer, connection.file.read()
        except ConnectionResetError:
            return answer, b""


AMBIGUOUS = {
    "a length and chunks": b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
    "chunks and a length": b"Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    "two lengths": b"Content-Length: 23\r\nContent-Length: 5\r\n",
    "the same length twice": b"Content-Length: 23\r\nContent-Length: 23\r\n",
    "lengths in a list": b"Content-Length: 23, 23\r\n",
    "space before the colon": b"Content-Length : 23\r\n",
    "tab before the colon": b"Transfer-Encoding\t: chunked\r\n",
    "space within the name": b"Content Length: 23\r\n",
    "another coding": b"Transfer-Encoding: gzip\r\n",
    "another coding in chunks": b"Transfer-Encoding: gzip, chunked\r\n",
    "chunks twice": b"Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n",
    "chunks in other words": b"Transfer-Encoding: xchunked\r\n",
    "negative length": b"Content-Length: -1\r\n",
    "signed length": b"Content-Length: +23\r\n",
    "length in hexadecimal": b"Content-Length: 0x17\r\n",
    "length that is no number": b"Content-Length: many\r\n",
    "two hosts": b"Host: other\r\nContent-Length: 23\r\n",
    "folded length": b"Content-Length: 2\r\n 3\r\n",
    "folded coding": b"Transfer-Encoding:\r\n\tchunked\r\n",
    "name in quotes": b'"Content-Length": 23\r\n',
    "name with a byte that is no character": b"\xc2\xa0Transfer-Encoding: chunked\r\n",
    "name with a bracket": b"Content-Type(): text/plain\r\n",
    "NUL in a length": b"Content-Length: 2\0003\r\n",
    "NUL before a length": b"Content-Length: \00023\r\n",
    "NUL behind a length": b"Content-Length: 23\0\r\n",
    "NUL in a coding": b"Transfer-Encoding: chunked\0x\r\n",
    "NUL in a name": b"Content-Length\0: 23\r\n",
    "NUL in another header": b"A: b\0c\r\nContent-Length: 23\r\n",
    "NUL that begins a line": b"A: b\r\n\0Content-Length: 23\r\n",
    "header behind a CR": b"A: b\rContent-Length: 23\r\n",
    "CR before the line's end": b"A: b\r\r\nContent-Length: 23\r\n",
    "line that ends in LF": b"A: b\nContent-Length: 23\r\n",
    "length that ends in LF": b"Content-Length: 23\n",
    "empty value that ends in LF": b"A:\nContent-Length: 23\r\n",
    "folded header": b"A: b\r\n c\r\nContent-Length: 23\r\n",
    "folded header with nothing in it": b"A: b\r\n \r\nContent-Length: 23\r\n",
    "folded header at the end": b"Content-Length: 23\r\nA: b\r\n\tc\r\n",
    "control character": b"A: b\x01\r\nContent-Length: 23\r\n",
    "deleted character": b"A: b\x7f\r\nContent-Length: 23\r\n",
}


@pytest.mark.parametrize("headers", AMBIGUOUS.values(), ids=AMBIGUOUS.keys())
@pytest.mark.parametrize("line", [b"POST /api/cameras/register", b"GET /healthz"],
                         ids=["POST", "GET"])
def test_ambiguous_request_is_refused_and_ends_the_connection(server, line, headers):
    answer, rest = exchange(
        server, line + b" HTTP/1.1\r\n" + HOST + headers + b"\r\n" + JSON + HIDDEN)
    assert answer.status == 400
    assert answer.headers["Connection"] == "close"
    assert b" 200 " not in rest and b"ok\n" not in rest
    assert server.get("/api/cameras?status=all").json["count"] == 0


def test_sentence_says_what_is_wrong(server):
    for headers, word in (("a length and chunks", "length"), ("two hosts", "host"),
                          ("space before the colon", "header"), ("NUL in another header", "NUL"),
                          ("line that ends in LF", "CR LF"), ("folded header", "folded"),
                          ("header behind a CR", "control character"),
                          ("length that ends in LF", "CR LF"),
                          ("another coding", "Transfer-Encoding")):
        answer, _ = exchange(server, b"POST /api/cameras/register HTTP/1.1\r\n" + HOST +
                             AMBIGUOUS[headers] + b"\r\n" + JSON)
        assert word in answer.error


REQUEST = (b"POST /api/cameras/register?a=b&c HTTP/1.1\r\n" + HOST +
           b"Content-Length: 23\r\nEmpty:\r\nX-Blanks: \t a b \t\r\nCookie: a=b; c\r\n\r\n")


def assert_refused(server, head):
    """Whatever it means to others, nothing is done, and nothing behind it is a request."""
    answer, rest = exchange(server, head + JSON + HIDDEN)
    assert answer is None or answer.status == 400, head
    assert b"ok\n" not in rest, head


def test_lines_with_all_that_may_be_in_them(server):
    for head in (REQUEST, b"\r\n" + REQUEST, REQUEST.replace(b"?a=b&c", b"?"),
                 REQUEST.replace(b"a b", "Füchse".encode()), REQUEST.replace(b" \t a b \t", b"")):
        answer, rest = exchange(server, head + JSON + HIDDEN.replace(b"\r\n\r\n",
                                                                     b"\r\nConnection: close\r\n\r\n"))
        assert answer.status in (200, 201) and b"ok\n" in rest


@pytest.mark.parametrize("byte", [b"\0", b"\n", b"\r"], ids=["NUL", "LF", "CR"])
def test_byte_that_ends_a_line_for_some(server, byte):
    """Wherever it stands. An empty line before the first one is passed over, as RFC 9112 says."""
    for place in range(byte == b"\n", len(REQUEST)):
        assert_refused(server, REQUEST[:place] + byte + REQUEST[place:])
    assert server.get("/api/cameras?status=all").json["count"] == 0


def test_lines_that_end_in_a_line_feed_alone(server):
    lines = REQUEST.split(b"\r\n")
    for number in range(1, len(lines)):
        assert_refused(server, b"\r\n".join(lines[:number]) + b"\n" + b"\r\n".join(lines[number:]))
    assert_refused(server, REQUEST.replace(b"\r\n", b"\n"))
    for old in (b"GET /healthz HTTP/1.0\n\n", b"GET /healthz HTTP/1.0\r\n\n",
                b"GET /healthz HTTP/1.0\n\r\n"):
        assert exchange(server, old)[0].status == 400
    assert server.get("/api/cameras?status=all").json["count"] == 0


@pytest.mark.parametrize("line", [
    b"GET  /healthz HTTP/1.1", b"GET /healthz  HTTP/1.1", b"GET /heal thz HTTP/1.1",
    b"GET\t/healthz HTTP/1.1", b"GET /healthz\tHTTP/1.1", b"GET /healthz\x01 HTTP/1.1",
    b"GET /healthz\0 HTTP/1.1", b"GET /healthz?\0 HTTP/1.1", b"GET /healthz\0? HTTP/1.1",
    b"GET\0 /healthz HTTP/1.1", b"G(T /healthz HTTP/1.1", b" GET /healthz HTTP/1.1",
    b"GET /healthz HTTP/1.1 ", b"GET /healthz HTTP/1.1\0", b"GET /healthz", b"GET /healthz http/1.1",
])
def test_first_line_that_is_none(server, line):
    answer, rest = exchange(server, line + b"\r\n" + HOST + b"\r\n" + HIDDEN)
    assert answer is None or answer.status == 400
    assert b"ok\n" not in rest


def test_what_looks_like_the_end_of_a_line(server):
    """Stands in the README as a limit: a NUL before a LF is taken for a CR."""
    with server.connect() as connection:
        connection.send(HIDDEN.replace(b"\r\n", b"\0\n").replace(b"1.1\0", b"1.1\r"))
        assert connection.answer().status == 200


def test_host_is_needed(server):
    with server.connect() as connection:
        assert connection.request("GET", "/healthz", headers={"Host": None}).status == 400
    answer, rest = exchange(server, b"GET /healthz HTTP/1.0\r\n\r\n")
    assert (answer.status, rest) == (200, b"")


def test_old_protocol_has_no_chunks(server):
    """What stands before this server, speaking it, would see no body at all."""
    answer, rest = exchange(server, b"POST /api/cameras/register HTTP/1.0\r\n"
                            b"Transfer-Encoding: chunked\r\n\r\n17\r\n" + JSON + b"\r\n0\r\n\r\n")
    assert (answer.status, rest) == (400, b"")
    assert "Transfer-Encoding" in answer.error
    assert server.get("/api/cameras?status=all").json["count"] == 0


def test_length_is_needed(server):
    for path in ("/api/detections", "/api/cameras/register", "/api/cameras/a/status"):
        with server.connect() as connection:
            answer = connection.request("POST", path)
            assert (answer.status, answer.error) == (411, "the request needs a body")
            assert connection.request("GET", "/healthz").status == 200
    with server.connect() as connection:
        assert connection.request("PUT", "/api/detections/1/verify").status == 411


@pytest.mark.parametrize("data", [
    b"\r\n\r\n\r\n", b"\0\0\0\0\r\n\r\n", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", b"GET\r\n\r\n", b"GET /\r\n\r\n", b"\xff" * 5000,
    b"GET /healthz HTTP/1.1\r\n" + HOST + b"no colon\r\n\r\n",
])
def test_what_is_no_request(make_server, data):
    server = make_server({"http.idle_timeout": 1})
    with server.connect() as connection:
        connection.send(data)
        connection.socket.shutdown(1)
        answer = connection.answer()
        assert answer is None or answer.status in (400, 404, 505)
    assert server.get("/healthz").status == 200


@pytest.mark.parametrize("data, status", [
    (b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 60000 + b"\r\n\r\n", 431),
    (b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: b\r\n" * 20000 + b"\r\n", 431),
    (b"GET /healthz HTTP/1.1\r\n" + HOST + b"A" * 60000 + b": b\r\n\r\n", 431),
    (b"GET /" + b"a" * 60000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
    (b"GET /healthz HTTP/1.1\r\n" + HOST + b"A: " + b"a" * 32768, 431),  # just over it
    (b"GET /healthz?" + b"a&" * 30000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", 414),
])
def test_head_over_its_limit(server, data, status):
    with server.connect() as connection:
        connection.send(data)
        assert connection.answer().status == status
    assert server.get("/healthz").status == 200


def test_pipelined_requests(server):
    form = [b"POST /api/cameras/register HTTP/1.1\r\n" + HOST + b"Content-Length: 20\r\n\r\n" +
            b'{"device_id": "p-%d"}' % number for number in range(9)]
    with server.connect() as connection:
        connection.send(b"".join(form) + HIDDEN)
        assert [connection.answer().status for _ in form] == [201] * 9
        assert connection.answer().body == b"ok\n"


def test_body_where_none_belongs_is_passed_over(server):
    with server.connect() as connection:
        for path, status in (("/healthz", 200), ("/api/cameras", 200), ("/api/cameras/x", 404)):
            for method in ("GET", "HEAD"):
                assert connection.request(method, path, HIDDEN).status == status
        assert connection.request("GET", "/api/cameras").json["count"] == 0


def test_body_to_nowhere_ends_the_connection(server):
    """It is not waited for, so nobody can tell where the next request begins."""
    for method, path, status in (("POST", "/nothing", 404), ("DELETE", "/api/cameras", 405)):
        answer, rest = exchange(
            server, f"{method} {path} HTTP/1.1\r\n".encode() + HOST +
            b"Content-Length: 999999\r\n\r\n" + HIDDEN)
        assert (answer.status, rest) == (status, b"")


def test_chunks(server):
    head = b"POST /api/cameras/register HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    with server.connect() as connection:
        connection.send(head + b"9;name=value\r\n" + JSON[:9] + b"\r\nE\r\n" + JSON[9:] +
                        b"\r\n0\r\nX-Trailer: a\r\n\r\n")
        assert connection.answer().status == 201
        assert connection.is_closed()
    with server.connect() as connection:
        connection.send(head + b"".join(b"1\r\n%c\r\n" % byte for byte in JSON) + b"0\r\n\r\n")
        assert connection.answer().status == 200
    with server.connect() as connection:
        connection.send(head + b"xyz\r\n")
        assert connection.answer().status == 400
        assert connection.is_closed()


@pytest.mark.parametrize("chunks", [
    b"17\n%b\r\n0\r\n\r\n", b"17\r\n%b\n0\r\n\r\n", b"17\r\n%b\r\n0\n\r\n", b"17\n%b\n0\n\n",
    b"17;a\n%b\r\n0\r\n\r\n", b"17;\0\r\n%b\r\n0\r\n\r\n", b"17\r\n%b\r\n0\r\nA: b\n\r\n",
    b"17\r\n%b\r\n0\r\nA: b\0\r\n\r\n", b"17\r\n%b\r\n0\r\n\0A: b\r\n", b"17\r\n%b\r\n0\r\n\r\n"])
def test_nothing_follows_chunks(server, chunks):
    """A LF alone ends their lines, which the server cannot see. Its README says so: whoever stands
    before it and reads other lines has another request behind them, and here there is none."""
    answer, rest = exchange(server, b"POST /api/cameras/register HTTP/1.1\r\n" + HOST +
                            b"Transfer-Encoding: chunked\r\n\r\n" + chunks % JSON + HIDDEN)
    assert (answer.status, answer.headers["Connection"]) == (201, "close")
    assert rest == b""


def test_expectation_is_met_before_the_body(server):
    head = (b"POST /api/cameras/register HTTP/1.1\r\n" + HOST +
            b"Expect: 100-continue\r\nContent-Length: 23\r\n\r\n")
    with server.connect() as connection:
        connection.send(head)
        assert connection.file.readline() == b"HTTP/1.1 100 Continue\r\n"
        assert connection.file.readline() == b"\r\n"
        connection.send(JSON)
        assert connection.answer().status == 201


def test_expectation_is_answered_at_once_when_nothing_comes_of_it(server):
    with server.connect() as connection:
        connection.send(b"POST /api/detections HTTP/1.1\r\n" + HOST +
                        b"Expect: 100-continue\r\nContent-Length: 999999999\r\n\r\n")
        assert connection.answer().status == 413
        assert connection.is_closed()


@pytest.mark.parametrize("method, path, allow", [
    ("DELETE", "/api/cameras", "GET, HEAD"), ("POST", "/api/health", "GET, HEAD"),
    ("GET", "/api/images", "POST"), ("HEAD", "/api/images", "POST"),
    ("OPTIONS", "/api/cameras/upload", "POST"), ("PATCH", "/api/detections", "POST, GET, HEAD"),
    ("OPTIONS", "/api/detections/1/verify", "PUT"),
    ("POST", "/api/thumbnails/1", "GET, HEAD"), ("BREW", "/healthz", "GET, HEAD"),
    ("get", "/healthz", "GET, HEAD"), ("CONNECT", "/healthz", "GET, HEAD"),
])
def test_method_that_is_not_served(server, method, path, allow):
    with server.connect() as connection:
        answer = connection.request(method, path)
        assert answer.status == 405
        assert sorted(answer.headers["Allow"].split(", ")) == sorted(allow.split(", "))
        assert connection.request("GET", "/healthz").status == 200


@pytest.mark.parametrize("path", [
    "/", "/api", "/api/", "/api/health/", "//api/health", "/api/detections/1/2", "/api/cameras/a/b",
    "/api/images/../health", "/api/images/..%2f..%2fstation.db", "/../../etc/passwd", "*",
    "/api/images/%2e%2e%2fstation.db", "/healthz%00", "/api/images//", "/api/cameras//status",
    "/api/images/1%2f..%2f2", "/%e2%82", "/api/cameras/" + "a" * 200,
    "/api/alerts/", "/api/reports", "/api/jobs", "/api/jobs/1/2", "/api/auth",
    "/api/auth/register", "/api/auth/users", "/api/auth/login/", "/metrics/", "/federate/", "/api/keys",
    "/api/users", "/api/events/", "/api/v1/health", "/api/upload",
])
def test_address_with_nothing_at_it(server, path):
    for method in ("GET", "HEAD", "PUT", "DELETE"):
        with server.connect() as connection:
            answer = connection.request(method, path)
            assert answer.status == 404
            assert method == "HEAD" or answer.error.startswith("there is nothing at this address: ")
    assert server.post(path, {}).status == 404


@pytest.mark.parametrize("path", ["/api/images/..", "/api/thumbnails/..%00", "/api/images/0x1",
                                  "/api/images/-1", "/api/images/0", "/api/images/1.5",
                                  "/api/images/99999999999999999999", "/api/detections/%20",
                                  "/api/thumbnails/%FF%FE", "/api/detections/1%0d%0aX-Evil:%201"])
def test_id_that_is_none(server, path):
    answer = server.get(path)
    assert answer.status == 400
    assert "id" in answer.error
    assert "X-Evil" not in answer.headers


@pytest.mark.parametrize("kind", ["images", "thumbnails", "detections"])
def test_id_of_nothing(server, kind):
    for number in (1, 2**53 - 1, 10**17):
        answer = server.get(f"/api/{kind}/{number}")
        assert (answer.status, bool(answer.error)) == (404, True)
