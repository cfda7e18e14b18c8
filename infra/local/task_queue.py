"""Keeps one Cloud Tasks queue by Google's rules: names, schedule times, retries; the time is always an argument."""

import heapq
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from itertools import count

import grpc

BLOCKED = timedelta(hours=1)  # a name cannot be used again for so long after its task ended
HORIZON = timedelta(days=30)
SHORTEST_DEADLINE, LONGEST_DEADLINE = timedelta(seconds=15), timedelta(minutes=30)
TASK_ID = re.compile(r"[A-Za-z0-9_-]{1,500}")
SUCCESS = range(200, 300)
UNLIMITED = -1


class RefusedError(Exception):
    """A request Google would refuse, with the code it would give."""

    def __init__(self, code: grpc.StatusCode, message: str) -> None:
        """Keep the code and the sentence."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Call:
    """The HTTP request a task makes; with an `email` it carries an identity token for `audience`."""

    url: str
    method: str
    headers: tuple[tuple[str, str], ...]
    body: bytes
    email: str
    audience: str


@dataclass(frozen=True)
class Task:
    """A call and when it is due; `attempts` counts dispatches, `answers` those that got an HTTP answer."""

    name: str
    call: Call
    created: datetime
    due: datetime
    deadline: timedelta
    attempts: int = 0
    answers: int = 0
    first_attempt: datetime | None = None


@dataclass(frozen=True)
class Limits:
    """How a queue retries and how much it does at once; with Google's defaults."""

    max_attempts: int = 100
    max_retry_duration: timedelta = timedelta(0)
    min_backoff: timedelta = timedelta(seconds=0.1)
    max_backoff: timedelta = timedelta(hours=1)
    max_doublings: int = 16
    max_concurrent_dispatches: int = 1000

    def pause(self, attempts: int) -> timedelta:
        """Give the pause after so many attempts.

        It doubles `max_doublings` times, grows by the same amount from then on, and never exceeds `max_backoff`.
        """
        doublings = min(attempts - 1, self.max_doublings)
        steps = max(attempts - self.max_doublings, 1)
        return min(self.min_backoff * (1 << doublings) * steps, self.max_backoff)


class TaskQueue:
    """Holds tasks in memory until they succeed or run out of attempts; then they are gone, there is no dead letter.

    Whoever dispatches asks `due`, calls, and reports to `answered`. `duplicate_every` = n makes every n-th dispatch
    a double one, as Google's are now and then. How many dispatches a second are allowed is not enforced.
    """

    def __init__(self, name: str, limits: Limits | None = None, duplicate_every: int = 0) -> None:
        """Start empty and running; `name` is projects/P/locations/L/queues/Q."""
        self.name = name
        self.limits = limits or Limits()
        self.duplicate_every = duplicate_every
        self.paused = False
        self.purged: datetime | None = None
        self._tasks: dict[str, Task] = {}
        self._blocked: dict[str, datetime] = {}
        self._agenda: list[tuple[datetime, int, str]] = []  # an entry whose task is due at another time is void
        self._forced: list[str] = []
        self._under_way: set[str] = set()
        self._order = count()
        self._dispatches = count(1)

    def create(self, task: Task, now: datetime) -> Task:
        """Take a task, name it if it has no name, and give it as it is kept; raises RefusedError as Google would."""
        task = replace(task, name=task.name or f"{self.name}/tasks/{secrets.randbits(62)}", due=max(task.due, now))
        self._refuse_name(task.name, now)
        if task.due > now + HORIZON:
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "The schedule time is more than 30 days ahead.")
        if not SHORTEST_DEADLINE <= task.deadline <= LONGEST_DEADLINE:
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "The dispatch deadline is not from 15 s to 30 min.")
        self._schedule(task)
        return task

    def get(self, name: str) -> Task:
        """Give the task; raises RefusedError (NOT_FOUND) when it never was or has ended."""
        if name not in self._tasks:
            raise RefusedError(grpc.StatusCode.NOT_FOUND, f"The task {name} does not exist.")
        return self._tasks[name]

    def tasks(self) -> list[Task]:
        """Give all tasks by name."""
        return [self._tasks[name] for name in sorted(self._tasks)]

    def delete(self, name: str, now: datetime) -> None:
        """Forget the task and block its name; what is being dispatched is not called back."""
        self.get(name)
        self._end(name, now)

    def purge(self, now: datetime) -> None:
        """Forget all tasks."""
        self.purged = now
        for name in list(self._tasks):
            self._end(name, now)

    def run(self, name: str, now: datetime) -> Task:
        """Have the task dispatched at once, even in a paused queue, even if it is being dispatched already."""
        self._tasks[name] = replace(self.get(name), due=now)
        self._forced.append(name)
        return self._tasks[name]

    def due(self, now: datetime) -> list[Task]:
        """Give the tasks to be dispatched now, each once until it is `answered`; a duplicate is in the list twice."""
        started = []
        for name in self._startable(now):
            task = self._tasks[name]
            started += [task] * (2 if self._is_doubled() else 1)
            self._under_way.add(name)
            self._tasks[name] = replace(task, attempts=task.attempts + 1, first_attempt=task.first_attempt or now)
        return started

    def answered(self, name: str, status: int | None, now: datetime) -> None:
        """Record the HTTP status of a dispatch (None: no answer): the task has ended, or is due again later."""
        self._under_way.discard(name)
        if name not in self._tasks:  # deleted meanwhile, or this was the second of two
            return
        task = replace(self._tasks[name], answers=self._tasks[name].answers + (status is not None))
        if status in SUCCESS or self._is_exhausted(task, now):
            self._end(name, now)
        else:
            self._schedule(replace(task, due=now + self.limits.pause(task.attempts)))

    def _startable(self, now: datetime) -> Iterator[str]:
        forced, self._forced = self._forced, []
        yield from (name for name in forced if name in self._tasks)
        while not self.paused and self._agenda and self._agenda[0][0] <= now:
            if len(self._under_way) >= self.limits.max_concurrent_dispatches:
                return
            at, _, name = heapq.heappop(self._agenda)
            if name in self._tasks and self._tasks[name].due == at and name not in self._under_way:
                yield name

    def _schedule(self, task: Task) -> None:
        self._tasks[task.name] = task
        heapq.heappush(self._agenda, (task.due, next(self._order), task.name))

    def _end(self, name: str, now: datetime) -> None:
        del self._tasks[name]
        self._blocked[name] = now + BLOCKED
        while self._blocked[oldest := next(iter(self._blocked))] <= now:
            del self._blocked[oldest]

    def _is_doubled(self) -> bool:
        return self.duplicate_every > 0 and next(self._dispatches) % self.duplicate_every == 0

    def _is_exhausted(self, task: Task, now: datetime) -> bool:
        """Tell whether both limits are exceeded; Google deletes a task only then."""
        if self.limits.max_attempts == UNLIMITED or task.attempts < self.limits.max_attempts:
            return False
        return now - (task.first_attempt or now) >= self.limits.max_retry_duration

    def _refuse_name(self, name: str, now: datetime) -> None:
        queue, _, id_ = name.rpartition("/tasks/")
        if queue != self.name or not TASK_ID.fullmatch(id_):
            raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, f"{name} is no name of a task in {self.name}.")
        if name in self._tasks or self._blocked.get(name, now) > now:
            raise RefusedError(grpc.StatusCode.ALREADY_EXISTS, f"A task {name} exists or ended within the last hour.")
        self._blocked.pop(name, None)  # so that it is entered again as the youngest
