"""What is raised and cleared goes to a webhook: once or more, in order, signed, whatever fails."""

import os
import signal
import subprocess

import pytest
from support import Server, program
from support.access import wildcam
from support.certificates import Authority
from support.webhook import Receiver, verify

SECRET = "s1gn3d-with-this"


def settings(receiver, **more):
    return {"alerts.webhook": receiver.url, "alerts.webhook_secret": SECRET,
            "alerts.webhook_timeout": 2, "rate.api": 0, "rate.camera": 0,
            **{name.replace("__", "."): value for name, value in more.items()}}


def battery(server, level, device_id="gate"):
    if level is not None and server.get(f"/api/cameras/{device_id}").status == 404:
        assert server.post("/api/cameras/register", {"device_id": device_id}).status == 201
    answer = server.post(f"/api/cameras/{device_id}/status", {"battery_level": level})
    assert answer.status == 200, answer


def test_raised_and_cleared_are_sent_and_signed(make_server):
    with Receiver() as receiver:
        server = make_server(settings(receiver))
        battery(server, 3)
        raised, = receiver.wait(1)
        battery(server, 90)
        cleared = receiver.wait(2)[1]
        for delivery in (raised, cleared):
            assert delivery.path == "/hook/s3cr3t?key=t0k3n"
            assert delivery.headers["Content-Type"] == "application/json"
            assert delivery.headers["X-WildCAM-Event"] == delivery.json["event"]
            assert delivery.headers["X-WildCAM-Delivery"] == delivery.json["delivery"]
            assert verify(SECRET, delivery.headers["X-WildCAM-Signature"], delivery.body)
            assert not verify(SECRET, delivery.headers["X-WildCAM-Signature"], delivery.body + b" ")
            assert not verify("other", delivery.headers["X-WildCAM-Signature"], delivery.body)
            assert delivery.json["alert"]["kind"] == "low_battery"
            assert delivery.json["alert"]["device_id"] == "gate"
            assert len(delivery.json["station"]) == 32
        assert (raised.json["event"], cleared.json["event"]) == ("raised", "cleared")
        assert (raised.json["alert"]["open"], cleared.json["alert"]["open"]) == (True, False)
        assert raised.json["alert"]["id"] == cleared.json["alert"]["id"]
        assert raised.json["delivery"] != cleared.json["delivery"]
        server.stop()
        assert len(receiver.deliveries) == 2


def test_without_a_secret_it_is_not_signed(make_server):
    with Receiver() as receiver:
        server = make_server(settings(receiver, alerts__webhook_secret=""))
        battery(server, 3)
        delivery, = receiver.wait(1)
        assert "X-WildCAM-Signature" not in delivery.headers


@pytest.mark.parametrize("failure", [
    500, 503, 404, (302, {"Location": "/elsewhere"}), (429, {"Retry-After": "1"}), "reset", "hang",
    "garbage",
], ids=["500", "503", "404", "redirect", "429", "reset", "hang", "garbage"])
def test_what_fails_is_sent_again(make_server, failure):
    with Receiver([failure]) as receiver:
        server = make_server(settings(receiver))
        battery(server, 3)
        first, second = receiver.wait(2)
        assert first.json == second.json
        assert first.headers["X-WildCAM-Delivery"] == second.headers["X-WildCAM-Delivery"]
        assert verify(SECRET, second.headers["X-WildCAM-Signature"], second.body)
        assert {delivery.path for delivery in receiver.deliveries} == {first.path}
        server.stop()
        assert len(receiver.deliveries) == 2


def test_retry_after_is_kept_to(make_server):
    with Receiver([(503, {"Retry-After": "12"})]) as receiver:  # longer than any first wait
        server = make_server(settings(receiver))
        battery(server, 3)
        battery(server, 3, "hill")
        first, second, _ = receiver.wait(3)
        assert second.at - first.at >= 11  # for the other alert, too


def test_an_answer_without_end_is_taken_for_what_it_says(make_server):
    with Receiver(["flood"]) as receiver:
        server = make_server(settings(receiver))
        battery(server, 3)
        receiver.wait(1)
        battery(server, 90)
        assert [delivery.json["event"] for delivery in receiver.wait(2)] == ["raised", "cleared"]


def test_what_is_cleared_waits_for_what_was_raised(make_server):
    with Receiver([500, 500]) as receiver:
        server = make_server(settings(receiver))
        battery(server, 3)
        receiver.wait(1)
        battery(server, 90)
        receiver.wait(4)
        assert [delivery.json["event"] for delivery in receiver.deliveries] == [
            "raised", "raised", "raised", "cleared"]


def test_gone_means_no_more_until_a_test_is_taken(make_server):
    with Receiver([410]) as receiver:
        server = make_server(settings(receiver))
        server.expect_log("wants no alerts any more")
        battery(server, 3)
        receiver.wait(1)
        server.await_log("wants no alerts any more")
        battery(server, 90)
        battery(server, 3, "hill")
        said = tell_test(server, receiver)
        assert said.stdout == f"http://127.0.0.1:{receiver.port}: 200\n"
        test = receiver.wait(2)[1]
        assert (test.json["event"], test.json["alert"]) == ("test", None)
        assert verify(SECRET, test.headers["X-WildCAM-Signature"], test.body)
        battery(server, 3, "moor")
        last = receiver.wait(3)[2]
        assert last.json["alert"]["device_id"] == "moor"


def tell_test(server, receiver, status=0):
    done = subprocess.run([program("wildcam"), "alerts", "--test", "--data", server.data, "--set",
                           f"alerts.webhook={receiver.url}", "--set",
                           f"alerts.webhook_secret={SECRET}"], capture_output=True, text=True,
                          timeout=60, check=False)
    assert done.returncode == status, done
    assert "t0k3n" not in done.stdout + done.stderr
    assert "s3cr3t" not in done.stdout + done.stderr
    return done


def test_a_test_that_is_refused_says_so(make_server):
    with Receiver([500]) as receiver:
        server = make_server(settings(receiver))
        said = tell_test(server, receiver, 3)
        assert said.stdout == f"http://127.0.0.1:{receiver.port}: 500\n"
        assert "1 of 1 addresses" in said.stderr


def test_what_nobody_took_outlives_a_restart(make_server):
    receiver = Receiver()
    receiver.close()
    server = make_server(settings(receiver))
    battery(server, 3)
    server.stop()
    with Receiver(port=receiver.port) as again:
        server.start()
        delivery, = again.wait(1)
        assert delivery.json["alert"]["device_id"] == "gate"


def test_killed_between_delivery_and_mark_it_comes_again(make_server):
    servers = []
    with Receiver([lambda _: os.kill(servers[0].pid, signal.SIGKILL)]) as receiver:
        servers.append(make_server(settings(receiver, alerts__webhook_timeout=1)))
        battery(servers[0], 3)
        receiver.wait(1)
        servers[0].wait()
        servers[0].start()
        first, second = receiver.wait(2)
        assert first.headers["X-WildCAM-Delivery"] == second.headers["X-WildCAM-Delivery"]
        assert first.body == second.body
        battery(servers[0], 90)
        assert receiver.wait(3)[2].json["event"] == "cleared"


def test_two_servers_on_one_station_send_once(make_server, tmp_path):
    with Receiver() as receiver:
        one = make_server(settings(receiver))
        other = Server(tmp_path / "other", {**settings(receiver), "data.dir": one.data})
        with other:
            for number in range(10):
                battery(one if number % 2 else other, 3, f"CAM{number}")
            receiver.wait(10)
            for number in range(10):  # whose cleared ones are behind them
                battery(other if number % 2 else one, 90, f"CAM{number}")
            receiver.wait(20)
        one.stop()
        told = [(delivery.json["event"], delivery.json["alert"]["device_id"])
                for delivery in receiver.deliveries]
        assert len(told) == len(set(told)) == 20


def test_each_address_gets_its_own(make_server):
    with Receiver([500] * 3) as slow, Receiver() as quick:
        server = make_server(settings(quick, alerts__webhook=f"{slow.url},{quick.url}"))
        battery(server, 3)
        battery(server, 3, "hill")
        assert {delivery.json["alert"]["device_id"]
                for delivery in quick.wait(2)} == {"gate", "hill"}
        slow.wait(1)


def test_what_is_raised_by_another_program_is_sent_too(make_server, picture, tmp_path):
    card = tmp_path / "cards" / "stray"
    card.mkdir(parents=True)
    (card / "one.jpg").write_bytes(picture)
    with Receiver() as receiver:
        server = make_server(settings(receiver))
        wildcam(server.data, "ingest", card.parent)
        delivery, = receiver.wait(1)
        assert delivery.json["alert"]["kind"] == "unknown_camera"


def test_over_tls_the_receiver_must_be_trusted(make_server, tmp_path):
    authority = Authority(tmp_path / "authority")
    with Receiver(certificate=authority.issue()) as receiver:
        server = make_server(settings(receiver, log__level="info"))
        server.expect_log("")
        battery(server, 3)
        server.await_log("did not take an alert")
        server.stop()
        assert not receiver.deliveries
        server.settings["alerts.webhook_ca_file"] = authority.ca
        server.start()
        delivery, = receiver.wait(1)
        assert verify(SECRET, delivery.headers["X-WildCAM-Signature"], delivery.body)


def test_nothing_secret_is_in_the_log(make_server):
    with Receiver([500, "reset"]) as receiver:
        server = make_server(settings(receiver, log__level="debug"))
        server.expect_log("")
        battery(server, 3)
        receiver.wait(3)
        server.stop()
        assert "did not take an alert" in server.log
        for secret in (SECRET, "s3cr3t", "t0k3n"):
            assert secret not in server.log


def test_over_http_to_elsewhere_the_server_does_not_start(tmp_path):
    with pytest.raises(AssertionError, match="alerts.webhook: http://example.org is not on this"):
        Server(tmp_path, {"alerts.webhook": "http://example.org/x"})


def test_metrics_tell(make_server):
    with Receiver([500]) as receiver:
        server = make_server(settings(receiver))
        battery(server, 3)
        receiver.wait(2)
        wanted = ['wildcam_alerts_open{kind="low_battery",severity="warning"} 1',
                  'wildcam_alerts_raised_total{kind="low_battery"} 1',
                  'wildcam_webhook_deliveries_total{outcome="delivered"} 1',
                  'wildcam_webhook_deliveries_total{outcome="retried"} 1',
                  "wildcam_webhook_seconds_count 2",
                  'wildcam_webhook_outbox{state="owed"} 0']
        text = ""
        for _ in range(1000):
            text = server.get("/metrics").body.decode()
            if all(line in text.splitlines() for line in wanted):
                return
        raise AssertionError(text)
