"""Exchanges over real sockets: whatever the other side does, each ends once, and says why."""

import re

import pytest

from wire import Listener, pattern


def serve_always(connection):
    while connection.serve():
        pass


# ---- what goes out ----


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "POST", "DELETE"])
def test_request_is_what_was_asked(driver, method):
    seen = []
    with Listener(lambda connection: seen.append(connection.serve(body=b"answer"))) as server:
        end = driver.exchange(f"{server.url}/a/../b%2F/./c//d?x=1&y", method=method, length=9,
                              headers="x-amz-date: 20261126T100000Z\nX-Empty:\nX-Odd:  a  b \n")
    request, = seen
    has_body = method in ("PUT", "POST")
    assert (request.method, request.target) == (method, "/a/../b%2F/./c//d?x=1&y")
    assert request.header("x-amz-date") == "20261126T100000Z"
    assert request.header("X-Empty") == "" and request.header("X-Odd") == "a  b"
    assert request.header("Host") == f"127.0.0.1:{server.port}"
    assert re.fullmatch(r"libwildcam/\d+\.\d+\.\d+", request.header("User-Agent"))
    assert request.header("Content-Length") == ("9" if has_body else None)
    for name in ("Expect", "Transfer-Encoding", "Content-Type", "Accept-Encoding"):
        assert request.header(name) is None
    assert request.body == (pattern(9) if has_body else b"")
    assert end["failure"] == "OK" and end["reason"] == "" and end["status"] == 200
    assert end["was_sent"] and end["was_answered"] and not end["was_reused"]
    assert end["answer"] == ("" if method == "HEAD" else "answer")
    assert end["sent"] == (9 if has_body else 0)


@pytest.mark.parametrize("method", ["PUT", "POST"])
def test_empty_body_has_a_length(driver, method):
    seen = []
    with Listener(lambda connection: seen.append(connection.serve())) as server:
        end = driver.exchange(server.url, method=method)
    assert seen[0].header("Content-Length") == "0"
    assert end["failure"] == "OK" and end["was_sent"]


@pytest.mark.parametrize("headers", ["no colon\n", ": nameless\n", "A: b\rX: c\n", "A: \x1b\n"])
def test_header_that_could_be_more_than_one_is_refused(driver, headers):
    said = driver.do("send", url="http://127.0.0.1:1/", headers=headers)
    assert said["status"] == "WILDCAM_ERR_INVALID"
    assert "a header without a name" in said["error"] or "control character" in said["error"]


def test_body_is_a_part_of_a_file(driver, tmp_path):
    seen = []
    file = tmp_path / "picture"
    content = pattern(3_000_000)
    file.write_bytes(content)
    with Listener(lambda connection: seen.append(connection.serve())) as server:
        for name, offset, length in [("a", 0, 1_000_000), ("b", 1_000_000, 1_500_000),
                                     ("c", 2_500_000, 500_000)]:
            driver.send(f"{server.url}/{name}", name, method="PUT", file=str(file),
                        offset=offset, length=length)
        driver.do("run")
    bodies = {request.target: request.body for request in seen}
    assert bodies["/a"] + bodies["/b"] + bodies["/c"] == content
    assert all(end["failure"] == "OK" for ends in driver.ends.values() for end in ends)
    assert driver.do("moved")["moved"] == 3_000_000


def test_file_that_is_cut_short_is_a_failure_of_ours(driver, tmp_path):
    file = tmp_path / "picture"
    file.write_bytes(pattern(100_000))
    with Listener(serve_always) as server:
        end = driver.exchange(server.url, method="PUT", file=str(file), length=300_000)
        assert end["failure"] == "LOCAL" and not end["was_sent"]
        assert end["reason"] == ("the file to be sent ends at 100000, and 300000 bytes from 0 were "
                                 "asked for")
        end = driver.exchange(server.url, method="PUT", file=str(tmp_path), length=300_000)
        assert end["failure"] == "LOCAL" and "Is a directory" in end["reason"]


# ---- what comes back ----


def test_headers_are_kept_in_lower_case(driver):
    def play(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\nETag: \"Abc\"\r\nX-Two:  a: B  \r\nX-Long: one\r\n"
                        b"  two\r\nX-Empty:\r\nContent-Length: 2\r\n\r\nok")
    with Listener(play) as server:
        end = driver.exchange(server.url)
    assert end["head"] == ('etag: "Abc"\nx-two: a: B\nx-long: one two\nx-empty: \n'
                           "content-length: 2\n")
    assert end["answer"] == "ok"


def test_chunked_answer_is_put_together(driver):
    def play(connection):
        connection.read_head()
        connection.answer(200, b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nETag: trailer\r\n\r\n",
                          ["Transfer-Encoding: chunked", "ETag: head"])
        connection.serve(body=b"next")
    with Listener(play) as server:
        end = driver.exchange(server.url)
        assert end["answer"] == "abcde" and "etag: head\n" in end["head"]
        assert "trailer" not in end["head"]
        end = driver.exchange(server.url)
        assert end["answer"] == "next" and end["was_reused"]


@pytest.mark.parametrize("status", [301, 307, 400, 403, 404, 409, 412, 429, 500, 503])
def test_status_is_told_and_nothing_is_followed(driver, status):
    with Listener(lambda connection: connection.serve(
            status, b"<Error/>", ["Location: http://127.0.0.1:1/"])) as server:
        end = driver.exchange(server.url, method="PUT", length=1000)
    assert (end["failure"], end["status"], end["answer"]) == ("OK", status, "<Error/>")


def test_early_continue_is_no_answer(driver):
    def play(connection):
        request = connection.read_head()
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.read(request.length)
        connection.send(b"HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n")
        connection.answer(200)
    with Listener(play) as server:
        end = driver.exchange(server.url, method="PUT", length=500_000)
    assert (end["failure"], end["status"], end["was_sent"]) == ("OK", 200, True)
    assert "link" not in end["head"]


def test_continue_alone_is_an_answer_without_status(driver):
    def play(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        connection.reset()
    with Listener(play) as server:
        end = driver.exchange(server.url, method="PUT", length=5)
    assert (end["failure"], end["status"], end["was_answered"]) == ("BROKEN", 0, True)


def test_refusal_before_the_body_is_read_is_told(driver):
    def play(connection):
        connection.read_head()
        connection.answer(403, b"<Code>AccessDenied</Code>", ["Connection: close"])
        connection.sock.shutdown(1)
        while connection.read(65536):
            pass
    with Listener(play) as server:
        end = driver.exchange(server.url, method="PUT", length=20_000_000)
    assert (end["failure"], end["status"]) == ("OK", 403)
    assert end["answer"] == "<Code>AccessDenied</Code>" and not end["was_sent"]


def test_success_before_the_body_is_read_is_none(driver):
    def play(connection):
        connection.read_head()
        connection.answer(200, b"", ["Connection: close"])
        connection.sock.shutdown(1)
        connection.read(100)
        connection.reset()
    with Listener(play) as server:
        end = driver.exchange(server.url, method="PUT", length=20_000_000)
    assert end["failure"] in ("PROTOCOL", "BROKEN") and not end["was_sent"]


@pytest.mark.parametrize("status, failure, kept", [(200, "PROTOCOL", 0), (503, "OK", 1000)])
def test_long_answer(driver, status, failure, kept):
    with Listener(lambda connection: connection.serve(status, b"a" * 1_000_000)) as server:
        end = driver.exchange(server.url, limit=1000)
    assert (end["failure"], end["status"]) == (failure, status)
    assert end["answer_length"] in (kept, 1000)
    assert end["reason"] == ("the answer is longer than 1000 bytes" if status == 200 else "")


@pytest.mark.parametrize("status", [200, 503])
def test_answer_as_long_as_may_be(driver, status):
    with Listener(lambda connection: connection.serve(status, b"a" * 1000)) as server:
        end = driver.exchange(server.url, limit=1000)
        assert (end["failure"], end["answer_length"]) == ("OK", 1000)


def test_endless_answer_ends(driver):
    def play(connection):
        connection.read_head()
        connection.answer(500, headers=["Transfer-Encoding: chunked"])
        while True:
            connection.send(b"8000\r\n" + b"x" * 0x8000 + b"\r\n")
    with Listener(play) as server:
        end = driver.exchange(server.url)
    assert (end["failure"], end["status"], end["answer_length"]) == ("OK", 500, 65536)


@pytest.mark.parametrize("lines", [1, 2000])
def test_huge_head_is_given_up(driver, lines):
    def play(connection):
        connection.read_head()
        value = "x" * (90_000 // lines)
        connection.answer(200, headers=[f"X-{i}: {value}" for i in range(lines)])
    with Listener(play) as server:
        end = driver.exchange(server.url)
    assert end["failure"] == "PROTOCOL"
    assert end["reason"] == "the answer's headers are longer than 65536 bytes"


@pytest.mark.parametrize("answer", [b"SSH-2.0-OpenSSH_9.2\r\n\r\n", b"\x16\x03\x01\x00",
                                    b"HTTP/1.1 ABC OK\r\n\r\n", b"HTTP/1.1 200 OK\r\nX: \0\r\n\r\n"])
def test_what_is_no_http(driver, answer):
    def play(connection):
        connection.read_head()
        connection.send(answer)
    with Listener(play) as server:
        end = driver.exchange(server.url, seconds=20)
    assert end["failure"] in ("PROTOCOL", "BROKEN") and end["reason"]
    assert end["seconds"] < 15


# ---- connections that end ----


def test_half_a_head_is_no_answer(driver):
    def play(connection):
        connection.read_head()
        connection.send(b"HTTP/1.1 200 OK\r\nContent-Le")
        connection.sock.close()
    with Listener(play) as server:
        end = driver.exchange(server.url)
    assert (end["failure"], end["status"]) == ("BROKEN", 0)


def test_half_a_body_is_no_answer(driver):
    def play(connection):
        connection.read_head()
        connection.answer(200, b"half", ["Content-Length: 8"])
        connection.sock.close()
    with Listener(play) as server:
        end = driver.exchange(server.url)
    assert (end["failure"], end["status"], end["answer"]) == ("BROKEN", 200, "half")


@pytest.mark.parametrize("encrypted", [False, True])
def test_reset_in_the_middle_of_the_body(driver_for, encrypted):
    def play(connection):
        connection.read_head()
        connection.read(2_000_000)
        connection.reset()
    with driver_for(play, encrypted) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=30_000_000)
    assert (end["failure"], end["status"]) == ("BROKEN", 0)
    assert not end["was_sent"] and not end["was_answered"] and not end["was_reused"]
    assert 0 < end["sent"] < 30_000_000


@pytest.mark.parametrize("encrypted", [False, True])
def test_body_swallowed_without_an_answer(driver_for, encrypted):
    def play(connection):
        request = connection.read_head()
        connection.read(request.length)
        connection.sock.close()
    with driver_for(play, encrypted) as (driver, server):
        end = driver.exchange(server.url, method="PUT", length=300_000)
    assert (end["failure"], end["status"]) == ("BROKEN", 0)
    assert end["was_sent"] and not end["was_answered"]


def test_delete_without_an_answer_may_have_been_done(driver):
    with Listener(lambda connection: connection.read_head()) as server:
        end = driver.exchange(server.url, method="DELETE")
    assert end["failure"] == "BROKEN" and end["was_sent"]


def test_refused_connection(driver):
    with Listener(serve_always) as server:
        pass
    end = driver.exchange(server.url, method="PUT", length=5)
    assert end["failure"] == "CONNECT" and end["reason"]
    assert not end["was_sent"] and not end["was_reused"] and end["seconds"] < 2
