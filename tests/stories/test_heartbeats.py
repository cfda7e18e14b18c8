"""A service that stops sending heartbeats pages; one that goes on, or comes back, does not."""

from datetime import timedelta

import pytest

from tests.stories.night import Night


def test_beats_keep_a_monitor_silent(night: Night) -> None:
    night.beats_for(minutes=20)
    assert night.incidents() == []


def test_a_monitor_that_stops_pages_within_two_minutes_of_its_time(night: Night) -> None:
    night.beats()
    night.passes(minutes=5, seconds=20)
    night.phone("primary").stays_silent()
    night.passes(minutes=1, seconds=40)
    words = "Nightly backup has sent no heartbeat since 02:14 UTC (expected every 5m)"
    night.phone("primary").receives(words).answers("ack").receives("Acknowledged")
    assert (str(night.incident.severity), str(night.incident.urgency)) == ("critical", "high")
    assert (night.incident.integration, night.incident.service) == ("nightly-backup", "backup")


def test_a_silence_is_told_once_and_pages_the_next_one_when_nobody_answers(night: Night) -> None:
    night.beats()
    night.passes(minutes=12)
    night.phone("primary").receives("no heartbeat since 02:14").rings()
    night.phone("secondary").receives("no heartbeat since 02:14").answers("ack").receives("Acknowledged")
    night.passes(hours=3)
    assert (len(night.incidents()), night.alerts()) == (1, 1)


def test_the_next_beat_resolves_while_the_page_is_out(night: Night) -> None:
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("no heartbeat since 02:14")
    night.beats()
    assert night.is_resolved(by="nightly-backup")
    night.beats_for(minutes=10)
    night.phone("secondary").stays_silent()


def test_the_next_beat_resolves_what_is_acknowledged(night: Night) -> None:
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("no heartbeat").answers("ack").receives("Acknowledged")
    night.beats()
    assert night.is_resolved(by="nightly-backup")


def test_a_monitor_that_stops_again_is_a_new_trouble(night: Night) -> None:
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("since 02:14")
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("since 02:21")
    assert [str(one.status) for one in night.incidents()] == ["triggered", "resolved"]


def test_a_monitor_that_a_person_has_resolved_stays_closed_until_it_has_beaten_and_stopped_again(night: Night) -> None:
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("since 02:14").answers("resolve {code}").receives("Resolved")
    night.passes(minutes=30)
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("since 02:51")


def test_a_monitor_that_has_never_beaten_is_not_watched(night: Night) -> None:
    night.passes(hours=3)
    assert night.incidents() == []


def test_one_monitor_says_nothing_of_another(night: Night) -> None:
    night.beats()
    for _ in range(7):
        night.beats("the-other-backup")
        night.passes(seconds=57)
    night.phone("primary").receives("Nightly backup has sent")
    night.passes(seconds=50)
    assert [one.integration for one in night.incidents()] == ["nightly-backup"]


def test_without_a_title_the_integration_is_named(night: Night) -> None:
    night.beats("the-other-backup")
    night.passes(hours=1, minutes=5)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("other-backup has sent no heartbeat since 02:14 UTC (expected every 1h)")


@pytest.mark.parametrize(
    "body", [b"", b"ok", b"{}", b"a=1&b=2", b"\xff\xfe", b"[" * 1000], ids=lambda body: str(body[:8])
)
def test_any_body_is_a_beat(night: Night, body: bytes) -> None:
    assert night.beats(body=body).status == 202
    assert night.beats(body=body).body["status"] == "accepted"


def test_a_beat_may_be_a_get_and_nothing_else(night: Night) -> None:
    path = "heartbeat/key-of-the-nightly-backup"
    statuses = [night.world.post_raw(path, b"", method=method).status for method in ("GET", "HEAD", "PUT", "DELETE")]
    assert statuses == [202, 405, 405, 405]
    assert night.world.post_raw("generic/key-of-checkout-generic", b"{}", method="GET").status == 405


def test_a_beat_with_an_unknown_key_is_refused(night: Night) -> None:
    assert night.world.post_raw("heartbeat/key-of-nobody", b"").status == 403


def test_a_beat_that_is_delivered_twice_counts_once(night: Night) -> None:
    night.world.queue.copies = 2
    night.beats()
    night.passes(minutes=7)
    night.world.queue.copies = 1
    night.phone("primary").receives("since 02:14")
    night.beats()
    assert [str(one.status) for one in night.incidents()] == ["resolved"]


def test_a_beat_that_an_older_one_overtakes_still_counts(night: Night) -> None:
    with night.delayed(minutes=4):
        night.beats()
    night.passes(minutes=2)
    night.beats()
    night.passes(minutes=5)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("since 02:16")


def test_a_beat_that_comes_late_and_vouches_until_now_closes_what_was_opened_without_it(night: Night) -> None:
    night.beats()
    night.passes(minutes=4)
    with night.delayed(minutes=3):
        night.beats()
    night.passes(minutes=2)
    night.phone("primary").receives("since 02:14")
    night.passes(minutes=1)
    assert night.is_resolved(by="nightly-backup")
    night.passes(minutes=4)
    night.phone("primary").receives("since 02:18")


def test_a_repeat_of_the_last_beat_closes_nothing(night: Night) -> None:
    night.world.queue.delay = timedelta(minutes=8)
    night.beats()
    [late] = night.world.queue.jobs
    night.world.queue.delay = timedelta(0)
    night.world.queue.publish_now(late.body)
    night.passes(minutes=10)
    night.phone("primary").receives("since 02:14").rings()
    assert night.is_open()


def test_beats_that_wait_while_the_topic_is_down_are_heard_before_the_silence_is_judged(night: Night) -> None:
    night.beats()
    night.passes(minutes=5)
    night.world.queue.topic_down = True
    night.beats()
    night.passes(minutes=3)
    assert night.incidents() == []


def test_a_monitor_that_is_removed_is_watched_no_longer(night: Night) -> None:
    night.beats()
    night.changes_integration("nightly-backup")
    night.passes(hours=1)
    assert night.incidents() == []
    assert night.world.store.query("heartbeats", ("next_at", "<=", night.world.now)) == []


def test_a_beat_on_its_way_while_its_monitor_is_removed_starts_nothing(night: Night) -> None:
    with night.delayed(seconds=30):
        night.beats()
    night.changes_integration("nightly-backup")
    night.passes(hours=1)
    assert night.world.store.query("heartbeats") == []


def test_a_longer_interval_holds_from_now_on(night: Night) -> None:
    night.beats()
    night.changes_integration("nightly-backup", every=timedelta(minutes=30))
    night.passes(minutes=32)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("since 02:14 UTC (expected every 30m)")


def test_a_shorter_interval_holds_from_the_next_beat_on_and_loses_no_silence(night: Night) -> None:
    night.beats("the-other-backup")
    night.changes_integration("other-backup", every=timedelta(minutes=5))
    night.passes(hours=1, minutes=7)
    night.phone("primary").receives("other-backup has sent no heartbeat since 02:14").answers("ack").receives("Ack")
    night.beats("the-other-backup")
    night.passes(minutes=7)
    night.phone("primary").receives("other-backup has sent no heartbeat since 03:21")


def test_sweeps_at_the_same_time_tell_a_silence_once(night: Night) -> None:
    night.beats()
    night.world.sweeps = False
    night.passes(minutes=6)
    [(monitor, before)] = night.world.store.query("heartbeats")
    night.world.sweep()
    night.world.store.transact(lambda tx: tx.put(f"heartbeats/{monitor}", before))
    night.world.sweep()
    night.passes(seconds=3)
    night.phone("primary").receives("since 02:14").stays_silent()
    assert len(night.incidents()) == 1


# The sweep has seen the silence, and the beat arrives before that is written down.
def test_a_beat_that_comes_while_its_silence_is_told_is_kept(night: Night) -> None:
    night.beats()
    night.passes(minutes=5)
    night.world.store.meanwhile["heartbeats"] = lambda: night.world.post_raw("heartbeat/key-of-the-nightly-backup", b"")
    night.passes(minutes=5)
    night.phone("primary").stays_silent()
    night.passes(minutes=2)
    night.phone("primary").receives("no heartbeat since 02:20")


def test_a_silence_whose_last_incident_cannot_be_read_is_the_catch_alls(night: Night) -> None:
    night.beats()
    night.passes(minutes=7)
    night.phone("primary").receives("Nightly backup").answers("ack").receives("Acknowledged")
    night.passes(minutes=6)  # until nothing about it is due any more
    night.beats()
    assert night.is_resolved()
    night.world.store.spoils(f"incidents/{night.incident.id}", level="three")
    night.passes(minutes=7)
    night.phone("manager").receives("Nightly backup has sent no heartbeat")
