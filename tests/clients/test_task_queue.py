"""Proves that the stand-in for Cloud Tasks keeps Google's rules about names, times, retries and pauses."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import grpc
import pytest

from infra.local.task_queue import Call, Limits, RefusedError, Task, TaskQueue

QUEUE = "projects/tocsin-test/locations/here/queues/pages"
NOW = datetime(2026, 3, 1, 2, 30, tzinfo=UTC)
CALL = Call("http://127.0.0.1/escalate", "POST", (), b"{}", "", "")


def task(name: str = "", due: datetime = NOW) -> Task:
    return Task(f"{QUEUE}/tasks/{name}" if name else "", CALL, NOW, due, timedelta(seconds=30))


def seconds(number: float) -> timedelta:
    return timedelta(seconds=number)


def test_a_name_stays_blocked_for_an_hour_after_its_task_ended() -> None:
    queue = TaskQueue(QUEUE)
    queue.create(task("page"), NOW)
    with pytest.raises(RefusedError) as refused:
        queue.create(task("page"), NOW)
    assert refused.value.code is grpc.StatusCode.ALREADY_EXISTS
    queue.due(NOW)
    queue.answered(f"{QUEUE}/tasks/page", 200, NOW)
    with pytest.raises(RefusedError):
        queue.create(task("page"), NOW + timedelta(minutes=59))
    assert queue.create(task("page"), NOW + timedelta(hours=1)).name == f"{QUEUE}/tasks/page"


def test_a_deleted_name_is_blocked_just_so() -> None:
    queue = TaskQueue(QUEUE)
    queue.create(task("page"), NOW)
    queue.delete(f"{QUEUE}/tasks/page", NOW)
    with pytest.raises(RefusedError, match="within the last hour"):
        queue.create(task("page"), NOW + timedelta(minutes=59))
    assert queue.due(NOW + timedelta(days=1)) == []


@pytest.mark.parametrize(
    "wrong",
    [
        replace(task(), due=NOW + timedelta(days=30, seconds=1)),
        replace(task(), deadline=seconds(14)),
        replace(task(), deadline=seconds(1801)),
        replace(task(), name="projects/tocsin-test/locations/here/queues/other/tasks/page"),
        replace(task(), name=f"{QUEUE}/tasks/not allowed"),
    ],
)
def test_what_google_refuses_is_refused(wrong: Task) -> None:
    with pytest.raises(RefusedError) as refused:
        TaskQueue(QUEUE).create(wrong, NOW)
    assert refused.value.code is grpc.StatusCode.INVALID_ARGUMENT


def test_thirty_days_ahead_is_allowed() -> None:
    assert TaskQueue(QUEUE).create(task(due=NOW + timedelta(days=30)), NOW).due == NOW + timedelta(days=30)


def test_the_pauses_double_so_often_then_grow_evenly_up_to_the_longest() -> None:
    limits = Limits(min_backoff=seconds(10), max_backoff=seconds(300), max_doublings=3)
    assert [limits.pause(attempt).total_seconds() for attempt in range(1, 9)] == [10, 20, 40, 80, 160, 240, 300, 300]


def test_a_task_is_given_out_once_until_it_is_answered_and_again_after_its_pause() -> None:
    queue = TaskQueue(QUEUE, Limits(min_backoff=seconds(1)))
    name = queue.create(task(), NOW).name
    assert [given.name for given in queue.due(NOW)] == [name]
    assert queue.due(NOW) == []
    queue.answered(name, 503, NOW)
    assert queue.due(NOW + seconds(0.999)) == []
    (again,) = queue.due(NOW + seconds(1))
    assert (again.attempts, again.answers) == (1, 1)
    queue.answered(name, None, NOW + seconds(31))
    (third,) = queue.due(NOW + seconds(33))
    assert (third.attempts, third.answers) == (2, 1)


def test_a_task_out_of_attempts_is_gone() -> None:
    queue = TaskQueue(QUEUE, Limits(max_attempts=2, min_backoff=seconds(1)))
    name = queue.create(task(), NOW).name
    for later in (0, 1):
        (given,) = queue.due(NOW + seconds(later))
        queue.answered(given.name, 500, NOW + seconds(later))
    with pytest.raises(RefusedError) as refused:
        queue.get(name)
    assert refused.value.code is grpc.StatusCode.NOT_FOUND
    assert queue.due(NOW + timedelta(days=1)) == []


def test_a_task_is_deleted_only_when_attempts_and_duration_are_both_exceeded() -> None:
    queue = TaskQueue(QUEUE, Limits(max_attempts=1, max_retry_duration=seconds(10), min_backoff=seconds(5)))
    queue.create(task(), NOW)
    for later in (0, 5, 15):
        (given,) = queue.due(NOW + seconds(later))
        queue.answered(given.name, 500, NOW + seconds(later))
    assert queue.tasks() == []


def test_minus_one_attempts_means_for_ever() -> None:
    queue = TaskQueue(QUEUE, Limits(max_attempts=-1, max_backoff=seconds(1)))
    queue.create(task(), NOW)
    for later in range(500):
        (given,) = queue.due(NOW + seconds(later))
        queue.answered(given.name, 500, NOW + seconds(later))
    assert len(queue.tasks()) == 1


def test_a_paused_queue_takes_tasks_and_gives_out_only_what_is_run_by_hand() -> None:
    queue = TaskQueue(QUEUE)
    queue.paused = True
    by_hand, waiting = queue.create(task("a", NOW + timedelta(hours=1)), NOW), queue.create(task("b"), NOW)
    assert queue.due(NOW) == []
    queue.run(by_hand.name, NOW)
    assert [given.name for given in queue.due(NOW)] == [by_hand.name]
    queue.paused = False
    assert [given.name for given in queue.due(NOW)] == [waiting.name]


def test_a_task_under_way_can_be_run_beside_itself_and_ends_once() -> None:
    queue = TaskQueue(QUEUE)
    name = queue.create(task(), NOW).name
    queue.due(NOW)
    queue.run(name, NOW)
    assert [given.name for given in queue.due(NOW)] == [name]
    queue.answered(name, 200, NOW)
    queue.answered(name, 500, NOW)
    assert queue.tasks() == []
    assert queue.due(NOW + timedelta(days=1)) == []


def test_every_nth_dispatch_is_double_when_ordered() -> None:
    queue = TaskQueue(QUEUE, duplicate_every=3)
    for number in range(6):
        queue.create(task(f"t{number}"), NOW)
    given = [each.name.rpartition("/")[2] for each in queue.due(NOW)]
    assert given == ["t0", "t1", "t2", "t2", "t3", "t4", "t5", "t5"]


def test_no_more_is_given_out_at_once_than_the_queue_allows() -> None:
    queue = TaskQueue(QUEUE, Limits(max_concurrent_dispatches=2))
    for number in range(3):
        queue.create(task(f"t{number}"), NOW)
    first, _second = queue.due(NOW)
    assert queue.due(NOW) == []
    queue.answered(first.name, 200, NOW)
    assert [given.name for given in queue.due(NOW)] == [f"{QUEUE}/tasks/t2"]


def test_a_purged_queue_is_empty() -> None:
    queue = TaskQueue(QUEUE)
    queue.create(task(), NOW)
    queue.purge(NOW)
    assert queue.tasks() == queue.due(NOW) == []
    assert queue.purged == NOW
