"""Asks Cloud Tasks to call a function later, or at once but apart."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TYPE_CHECKING, Any

from tocsin.domain.people import addressee
from tocsin.errors import Unavailable

if TYPE_CHECKING:
    from google.cloud.tasks_v2 import CloudTasksClient, Task

TIMEOUT = 3.0  # seconds for each of two tries
DISPATCH_DEADLINE = 30  # seconds a function has to answer; the default of ten minutes would hide a hanging one
FARTHEST = timedelta(days=29)  # Cloud Tasks takes none for more than 30 days ahead: one that comes early is set again
LATELY = timedelta(seconds=60)  # a phone gets one text in them: a second page waits for its turn anyway
MOST_ASKED = 10_000


class Tasks:
    """Two queues, so that what is urgent never stands behind what is not.

    In a storm a few people are asked for again and again: whoever was a moment ago is not urgent then, and those who
    were not come before. Tasks are unnamed, so a lost answer may leave two of them: all functions may be called twice.
    """

    def __init__(
        self,
        queue: str,
        url: Callable[[str], str],
        service_account: str | None = None,
        endpoint: str | None = None,
        urgent: str = "",
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        """Keep where tasks go.

        `queue` is projects/P/locations/L/queues/Q, `urgent` that of urgent tasks if it is another one; `url(function)`
        is the address of a function; calls carry an identity token of `service_account` if there is one; `endpoint`
        (host:port) is a stand-in spoken to in clear; `now` gives the time, aware.
        """
        self._queues = {False: queue, True: urgent or queue}
        self._url = url
        self._service_account = service_account
        self._endpoint = endpoint
        self._now = now
        self._asked: dict[str, datetime] = {}

    def create(self, function: str, body: dict[str, Any], at: datetime | None = None, *, urgent: bool = False) -> None:
        """Have `body` posted to `function` as JSON, not before `at`; without one, or with one in the past, now.

        One that is more than 29 days ahead is posted after 29: whoever is asked too early asks again.

        Raises Unavailable when neither of two tries was confirmed.
        """
        from google.api_core.exceptions import GoogleAPICallError, RetryError
        from google.auth.exceptions import GoogleAuthError

        whom = addressee(body["notification"]) if urgent and "notification" in body else ""
        urgent = urgent and not self._was_asked(whom)
        task, queue = self._task(self._url(function), body, at), self._queues[urgent]
        for _ in range(2):
            try:
                self._client.create_task(parent=queue, task=task, timeout=TIMEOUT, retry=None)
            except (GoogleAPICallError, RetryError, GoogleAuthError) as error:
                failure = error
                if not _may_pass(error):
                    break
            else:
                self._asking(whom)
                return
        raise Unavailable(f"Cloud Tasks did not confirm a task for {function} in {queue}: {failure}") from failure

    def _was_asked(self, whom: str) -> bool:
        """Say whether this process has asked for the same person in the same way a moment ago."""
        at = self._asked.get(whom)
        return at is not None and self._now() < at + LATELY

    def _asking(self, whom: str) -> None:
        if whom and not self._was_asked(whom):
            self._asked.pop(whom, None)
            self._asked[whom] = self._now()
        if len(self._asked) > MOST_ASKED:
            del self._asked[next(iter(self._asked))]

    def _task(self, url: str, body: dict[str, Any], at: datetime | None) -> "Task":
        from google.cloud.tasks_v2 import HttpMethod, HttpRequest, OidcToken, Task
        from google.protobuf.duration_pb2 import Duration

        request = HttpRequest(
            url=url,
            http_method=HttpMethod.POST,
            headers={"Content-Type": "application/json"},
            body=json.dumps(body).encode(),
        )
        if self._service_account:
            request.oidc_token = OidcToken(service_account_email=self._service_account, audience=url)
        at = min(at, self._now() + FARTHEST) if at else None
        return Task(http_request=request, schedule_time=at, dispatch_deadline=Duration(seconds=DISPATCH_DEADLINE))

    @cached_property
    def _client(self) -> "CloudTasksClient":
        """Give the one client of this process; made late, because its import and its first connection cost most."""
        from google.cloud.tasks_v2 import CloudTasksClient

        if not self._endpoint:
            return CloudTasksClient()
        import grpc
        from google.cloud.tasks_v2.services.cloud_tasks.transports import CloudTasksGrpcTransport

        return CloudTasksClient(transport=CloudTasksGrpcTransport(channel=grpc.insecure_channel(self._endpoint)))


def _may_pass(error: Exception) -> bool:
    """Tell what a second try may cure: outages, overload and time-outs, but no missing queue and no missing right."""
    from google.api_core.exceptions import Aborted, ServerError, TooManyRequests

    return isinstance(error, ServerError | Aborted | TooManyRequests)
