"""
Each line of the table of outcomes against the upload engine: which requests it makes, where, how
long apart, and where the object is in the end. Three scripted regions; the first is preferred.
"""

import hashlib

import pytest
from support.courier import KEY, NAMES, Courier, Regions, settings_for
from support.s3_script import S3Script
from support.s3_signature import Account


def gaps(server, operation="PutObject"):
    """Seconds between a request's end and the beginning of the next."""
    requests = server.of(operation)
    server.wait_for(lambda: all(each.ended for each in requests))
    return [later.began - earlier.ended for earlier, later in zip(requests, requests[1:])]


# ---- no failure ----

def test_one_request_is_all(regions, courier, file):
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file)
    assert outcome["requests"] == 1 and regions.counts("*") == (1, 0, 0)
    request = regions.first.of()[0]
    assert request.headers["content-type"] == "image/jpeg"
    assert "expect" not in request.headers and "transfer-encoding" not in request.headers
    assert request.headers["x-amz-content-sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()


def test_connections_are_used_again(regions, courier, file):
    for number in range(20):
        assert courier.send(f"{number}.jpg", file)["status"] == "WILDCAM_OK"
    assert regions.first.connections_made == 1


# ---- transient: the same region again, three times in all, then the next one ----

TRANSIENT = ["500", "502", "503", "504", "InternalError", "ServiceUnavailable", "RequestTimeout",
             "BadDigest", "XAmzContentSHA256Mismatch", "error_in_200",
             "reset_before_body", "reset_in_body", "close_before_body"]
CONFLICT = ["ConditionalRequestConflict"]


@pytest.mark.parametrize("name", TRANSIENT + CONFLICT)
def test_what_goes_better_in_a_moment(regions, courier, file, name):
    regions.first.play(name)
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file)
    assert regions.counts() == (2, 0, 0)
    assert gaps(regions.first)[0] < 0.5  # 50 ms at most, and room for a busy machine


@pytest.mark.parametrize("name", TRANSIENT + CONFLICT)
def test_what_does_not_go_better(regions, courier, file, name):
    regions.first.play(name, times=None)
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    assert regions.counts() == (3, 1, 0)
    assert outcome["seconds"] < 1  # what a region that fails costs the first object
    assert outcome["reasons"][NAMES[0]] and not outcome["reasons"][NAMES[1]]


@pytest.mark.parametrize("name", ["503", "SlowDown", "AccessDenied", "reset_before_body"])
def test_all_regions_failed(regions, courier, file, name):
    regions.play(name, times=None)
    outcome = courier.send(KEY, file)
    assert outcome["status"] != "WILDCAM_OK" and "All regions failed" in outcome["error"]
    assert all(outcome["reasons"].values()) and not outcome["is_impossible"]
    attempts = 1 if name == "AccessDenied" else 3
    assert regions.counts() == (attempts, attempts, attempts)
    assert not regions.objects()


def test_the_error_of_a_200_is_read_whatever_its_length(regions, courier, file):
    regions.first.play("error_in_200", is_chunked=True)
    regions.assert_good(courier.send(KEY, file), file)
    assert regions.counts() == (2, 0, 0)


def test_an_early_answer(regions, courier, make_file):
    """It comes before the body has been read."""
    file = make_file(8 << 20)
    regions.first.play("503", stage="head")
    regions.assert_good(courier.send(KEY, file), file)
    assert regions.counts() == (2, 0, 0)


# ---- throttling ----

@pytest.mark.parametrize("name", ["SlowDown", "429", "TooManyRequests", "Throttling",
                                  "BandwidthLimitExceeded", "slow_down_in_200"])
def test_throttling(regions, courier, file, name):
    regions.first.play(name)
    regions.assert_good(courier.send(KEY, file), file)
    assert regions.counts() == (2, 0, 0)
    assert gaps(regions.first)[0] < 1.5


def test_retry_after_is_honoured(regions, courier, file):
    regions.first.play("SlowDown", headers={"Retry-After": "1"})
    regions.assert_good(courier.send(KEY, file), file)
    assert gaps(regions.first)[0] >= 1


def test_x_amz_retry_after_is_honoured(regions, courier, file):
    regions.first.play("503", headers={"x-amz-retry-after": "1500"})
    regions.assert_good(courier.send(KEY, file), file)
    assert gaps(regions.first)[0] >= 1.5


def test_a_silly_retry_after_does_not_hold_an_object_for_an_hour(regions, courier, file):
    regions.first.play("SlowDown", headers={"Retry-After": "3600"})
    outcome = courier.send(KEY, file)
    assert outcome["status"] == "WILDCAM_OK" and outcome["seconds"] < 30


# ---- ambiguous: before the region is left, it is asked whether the object is there ----

@pytest.mark.parametrize("name", ["swallow_stored", "reset_stored"])
def test_an_answer_is_lost(regions, courier, file, name):
    regions.first.play(name, times=None, operation="PutObject")
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file)
    assert regions.first.count("HeadObject") >= 1 and regions.counts()[1:] == (0, 0)


@pytest.mark.parametrize("name", ["swallow", "reset_after_body"])
def test_an_answer_is_lost_and_the_object_too(regions, courier, file, name):
    regions.first.play(name, times=None, operation="PutObject")
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    assert regions.first.count("HeadObject") >= 1
    assert outcome["doubts"] == [NAMES[0]]  # it may still come to light


def test_what_was_not_there_comes_to_light(regions, courier, file):
    """
    A HEAD does not find it, and then the region, which had got stuck, does what it was told. Who
    keeps the books has to look again.
    """
    regions.first.play("stored_late", times=None, operation="PutObject")
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    regions.first.come_to_light()
    assert regions.objects() == list(NAMES[:2])
    assert outcome["doubts"] == [NAMES[0]]


@pytest.mark.parametrize("name", ["502", "504"])
def test_a_proxy_lost_the_answer(regions, courier, file, name):
    regions.first.play(name, times=None, operation="PutObject", stage="stored")
    regions.assert_good(courier.send(KEY, file), file)
    assert regions.counts()[1:] == (0, 0)


def test_a_lost_answer_that_cannot_be_asked_for_leaves_a_doubt(regions, courier, file):
    regions.first.play("swallow_stored", times=None, operation="PutObject")
    regions.first.play("503", times=None, operation="HeadObject")
    outcome = courier.send(KEY, file)
    assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[1]
    assert outcome["doubts"] == [NAMES[0]]


def test_an_object_that_an_earlier_try_left_is_not_sent_again(regions, courier, file):
    assert courier.send(KEY, file)["status"] == "WILDCAM_OK"
    outcome = courier.send(KEY, file, 0, 1)
    regions.assert_good(outcome, file)
    assert regions.counts() == (1, 0, 0) and regions.first.count("HeadObject") == 1


def test_another_object_under_the_key_is_not_taken_for_it(regions, courier, file, make_file):
    other = make_file(50_000, "other.jpg")
    assert courier.send(KEY, other)["status"] == "WILDCAM_OK"
    regions.assert_good(courier.send(KEY, file, 0, 1), file)
    assert regions.counts() == (2, 0, 0)


@pytest.mark.parametrize("name", ["half_head", "half_answer"])
def test_half_an_answer(regions, courier, file, name):
    """A status that came whole may be believed; what matters is that one region has it."""
    regions.first.play(name, operation="PutObject")
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file)


# ---- conditional writes ----

def test_if_none_match_and_it_is_there_already(regions, file):
    with Courier(settings_for(regions, s3__if_none_match="true")) as courier:
        regions.first.play("reset_stored", operation="PutObject")
        regions.assert_good(courier.send(KEY, file), file)
        assert regions.first.stored()[KEY].times_stored == 1
        assert regions.first.of("PutObject")[0].headers["if-none-match"] == "*"


def test_a_server_without_conditional_writes(regions, file):
    regions.first.objects.is_conditional = False
    with Courier(settings_for(regions, s3__if_none_match="true")) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[0]
        assert regions.counts() == (2, 0, 0)
        courier.send("second.jpg", file)  # it has learnt
        assert regions.counts() == (3, 0, 0)


# ---- clocks ----

@pytest.mark.parametrize("offset", [-7200, -1200, 1200, 86400 * 400])
def test_clocks_differ(regions, courier, file, offset):
    for server in regions.values():
        server.clock_offset = offset
    outcome = courier.send(KEY, file)
    assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[0]
    assert regions.counts() == (2, 0, 0) and gaps(regions.first)[0] < 0.5
    assert abs(courier.look()[NAMES[0]]["skew"] - offset) < 5
    courier.send("second.jpg", file)
    assert regions.counts() == (3, 0, 0)  # it is remembered


def test_clocks_differ_for_twenty_at_once(regions, courier, file):
    regions.first.clock_offset = 1200
    for number in range(20):
        courier.order("send", f"{number}.jpg", file)
    outcomes = courier.wait()
    assert [each["status"] for each in outcomes] == ["WILDCAM_OK"] * 20
    assert regions.counts()[1:] == (0, 0) and 21 <= regions.counts()[0] <= 40
    assert courier.look()[NAMES[0]]["state"] == "ok"


@pytest.mark.parametrize("name", ["RequestTimeTooSkewed", "RequestExpired"])
def test_a_server_that_is_never_content_with_the_time(regions, courier, file, name):
    regions.first.play(name, times=None)
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    assert regions.counts()[0] <= 4


# ---- credentials ----

def credentials(path, key, secret, token):
    path.write_text(f"[default]\naws_access_key_id = {key}\naws_secret_access_key = {secret}\n"
                    f"aws_session_token = {token}\n")


def test_credentials_expire(regions, file, tmp_path):
    shared = tmp_path / "credentials"
    for server in regions.values():
        server.accounts["ASIAONE"] = Account("one", "first")
        server.accounts["ASIATWO"] = Account("two", "second")
    credentials(shared, "ASIAONE", "one", "first")
    settings = {**settings_for(regions), "s3.access_key": "", "s3.secret_key": "",
                "s3.credentials": "file", "s3.upload": "on"}
    with Courier(settings, environment={"AWS_SHARED_CREDENTIALS_FILE": str(shared)}) as courier:
        assert courier.send("one.jpg", file)["status"] == "WILDCAM_OK"
        for server in regions.values():
            server.accounts["ASIAONE"].is_expired = True
        credentials(shared, "ASIATWO", "two", "second")
        for number in range(10):
            courier.order("send", f"{number}.jpg", file)
        assert [each["status"] for each in courier.wait()] == ["WILDCAM_OK"] * 10
    assert regions.counts()[1:] == (0, 0)


def test_credentials_that_stay_expired(regions, file):
    """The object is not to blame, and no region either."""
    for server in regions.values():
        server.accounts["ASIAONE"] = Account("one", "first", is_expired=True)
    settings = {**settings_for(regions), "s3.access_key": "ASIAONE", "s3.secret_key": "one",
                "s3.session_token": "first"}
    with Courier(settings) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] == "WILDCAM_ERR_DENIED" and outcome["is_blameless"]
        assert "credentials" in outcome["error"] and "expired" in outcome["error"]
        assert sum(regions.counts()) <= 2
        assert {each["state"] for each in courier.look().values()} <= {"ok", "untried"}


# ---- wrong settings ----

@pytest.mark.parametrize("name", ["AccessDenied", "InvalidAccessKeyId", "NoSuchBucket",
                                  "SignatureDoesNotMatch"])
def test_a_region_that_is_set_wrongly_is_left_alone(regions, courier, file, name):
    regions.first.play(name, times=None)
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    assert regions.counts() == (1, 1, 0)
    assert courier.look()[NAMES[0]]["state"] == "misconfigured"
    for number in range(5):
        assert courier.send(f"{number}.jpg", file)["region"] == NAMES[1]
    assert regions.counts()[0] == 1


def test_a_wrong_secret_is_not_shown(regions, file, capfd):
    settings = {**settings_for(regions), "s3.secret_key": "this/is+the/wrong+secret"}
    with Courier(settings) as courier:
        outcome = courier.send(KEY, file)
    assert outcome["status"] != "WILDCAM_OK" and regions.counts() == (1, 1, 1)
    assert "SignatureDoesNotMatch" in outcome["reasons"][NAMES[0]]
    out, err = capfd.readouterr()
    assert "wrong+secret" not in str(outcome) + out + err


def test_the_bucket_is_in_another_region(file):
    """It is signed for the region that the server names, and that is kept in mind."""
    with S3Script("eu-central-1", buckets=["wildcam-us-west-2"]) as server:
        with Courier(settings_for({"us-west-2": server})) as courier:
            assert courier.send(KEY, file)["status"] == "WILDCAM_OK"
            assert [each.status for each in server.of()] == [400, 200]
            assert courier.send("second.jpg", file)["status"] == "WILDCAM_OK"
            assert server.count() == 3


@pytest.mark.parametrize("name", ["PermanentRedirect", "TemporaryRedirect",
                                  "AuthorizationHeaderMalformed"])
def test_a_region_that_sends_away_for_ever(regions, courier, file, name):
    regions.first.play(name, times=None, region="ap-south-1")
    outcome = courier.send(KEY, file)
    assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[1]
    assert regions.counts() == (2, 1, 0)


# ---- objects that are never taken ----

def test_an_object_that_is_too_large(regions, courier, file):
    regions.play("EntityTooLarge", times=None)
    outcome = courier.send(KEY, file)
    assert outcome["is_impossible"] and outcome["status"] != "WILDCAM_OK"
    assert sum(regions.counts()) == 1
    assert courier.look()[NAMES[0]]["state"] in ("ok", "untried")


# ---- connections ----

def test_a_region_that_refuses_connections(regions, courier, file):
    regions.first.refuse()
    outcome = courier.send(KEY, file)
    regions.assert_good(outcome, file, NAMES[1])
    assert outcome["seconds"] < 1
    second = courier.send("second.jpg", file)
    assert second["region"] == NAMES[1] and second["requests"] == 1  # nothing for the next


def test_nothing_listens_anywhere(regions, courier, file):
    for server in regions.values():
        server.refuse()
    outcome = courier.send(KEY, file)
    assert outcome["status"] != "WILDCAM_OK" and "All regions failed" in outcome["error"]
    for server in regions.values():
        server.accept()
    courier.order("retry_now")
    regions.assert_good(courier.send(KEY, file), file)


def test_the_uplink_is_down(regions, file):
    """Nobody answers to connecting: the object is not to blame, and no breaker opens."""
    for server in regions.values():
        server.stall()
    with Courier(settings_for(regions, s3__connect_timeout="0.5")) as courier:
        outcome = courier.send(KEY, file)
        assert outcome["status"] != "WILDCAM_OK" and outcome["is_blameless"]
        assert {each["state"] for each in courier.look().values()} == {"offline"}
        for server in regions.values():
            server.accept()
        courier.order("retry_now")
        regions.assert_good(courier.send(KEY, file), file)


@pytest.mark.parametrize("name", ["hang", "hang_before_body"])
def test_a_region_that_hangs(regions, file, name):
    regions.first.play(name, times=None)
    with Courier(settings_for(regions, s3__idle_timeout="1")) as courier:
        outcome = courier.send(KEY, file)
        regions.assert_good(outcome, file, NAMES[1])
        regions.first.play_well()


def test_the_deadline(regions, file):
    """A transfer that moves is not cut off; one that does not, when it has been idle for long."""
    regions.play("hang", times=None)
    with Courier(settings_for(regions, s3__idle_timeout=1)) as courier:
        outcome = courier.send(KEY, file, 2)
        assert outcome["status"] != "WILDCAM_OK" and 2 <= outcome["seconds"] < 10
        for server in regions.values():
            server.play_well()


def test_slowness_is_no_failure(regions, file):
    regions.first.play("slow_read", rate=25_000)
    regions.first.play("slow_answer", delay=1.5)
    with Courier(settings_for(regions, s3__idle_timeout="1")) as courier:
        regions.assert_good(courier.send(KEY, file), file)


# ---- pooled connections that are dead ----

@pytest.mark.parametrize("word", ["close", "reset"])
@pytest.mark.parametrize("is_encrypted", [False, True], ids=["plain", "tls"])
def test_pooled_connections_are_dead(authority, file, is_encrypted, word):
    """
    libcurl 7.88 does not see the close_notify of an idle TLS connection, and takes dead ones out of
    its pool until it gives up.
    """
    settings = {"s3.ca_file": authority.ca} if is_encrypted else {}
    with Regions(NAMES, authority=authority if is_encrypted else None) as regions:
        server = regions.first
        with Courier({**settings_for(regions), **settings}) as courier:
            server.play("slow_answer", times=50, delay=0.5)
            for number in range(50):
                courier.order("send", f"pool/{number}.jpg", file)
            assert [each["status"] for each in courier.wait()] == ["WILDCAM_OK"] * 50
            pooled = server.connections_made
            assert pooled > 10
            assert server.close_idle(at_least=1, word=word) >= 1
            for number in range(10):
                outcome = courier.send(f"after/{number}.jpg", file)
                assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[0], outcome
            assert courier.look()[NAMES[0]]["state"] == "ok"
            for heap in ("again", "and again"):
                for number in range(50):
                    courier.order("send", f"{heap.replace(' ', '-')}/{number}.jpg", file)
                elsewhere = [each for each in courier.wait() if each["region"] != NAMES[0]]
                assert not elsewhere, str(elsewhere[0]) + str(courier.look())
                server.close_idle(at_least=1, word=word)
        assert sum(regions.counts("*")[1:]) == 0


@pytest.mark.parametrize("name", ["close_after", "reset_after"])
def test_a_connection_that_dies_behind_each_answer(regions, courier, file, name):
    regions.first.play(name, times=None)
    for number in range(20):
        outcome = courier.send(f"{number}.jpg", file)
        assert outcome["status"] == "WILDCAM_OK" and outcome["region"] == NAMES[0]
    assert regions.first.count("PutObject") <= 40 and regions.counts("*")[1:] == (0, 0)


# ---- certificates ----

def test_a_certificate_that_does_not_stand(authority, file):
    with S3Script("us-west-2", authority=authority, names=("elsewhere.example",)) as wrong, \
            S3Script("us-east-1", authority=authority) as right:
        regions = Regions.of({"us-west-2": wrong, "us-east-1": right})
        with Courier({**settings_for(regions), "s3.ca_file": authority.ca}) as courier:
            regions.assert_good(courier.send(KEY, file), file, "us-east-1")
            assert wrong.count() == 0
    with S3Script("us-west-2", authority=authority) as server:
        with Courier(settings_for({"us-west-2": server})) as courier:  # an unknown authority
            outcome = courier.send(KEY, file)
            assert outcome["status"] != "WILDCAM_OK" and "certificate" in outcome["reasons"]["us-west-2"]


# ---- breaker and failback ----

def test_the_next_objects_do_not_pay(regions, courier, file):
    regions.first.play("reset_before_body", times=None)
    assert courier.send(KEY, file)["region"] == NAMES[1]
    for number in range(20):
        outcome = courier.send(f"{number}.jpg", file)
        assert outcome["region"] == NAMES[1] and outcome["requests"] == 1
    assert regions.counts()[0] == 3


def test_the_preferred_region_is_used_again(regions, file):
    regions.first.play("503", times=3)
    with Courier(settings_for(regions, s3__failback=1)) as courier:
        assert courier.send("0.jpg", file)["region"] == NAMES[1]
        number, where = 1, NAMES[1]
        while where != NAMES[0]:
            assert number < 2000, "it never went back"
            outcome = courier.send(f"{number}.jpg", file)
            assert outcome["status"] == "WILDCAM_OK"
            where, number = outcome["region"], number + 1
    assert number > 2
