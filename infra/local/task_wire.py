"""Translates between what the Cloud Tasks client sends and the stand-in's queue, and writes a task's HTTP headers."""

from datetime import datetime, timedelta
from typing import Any, cast

import grpc
import jwt
from google.cloud import tasks_v2
from google.protobuf.field_mask_pb2 import FieldMask

from infra.local.task_queue import Call, Limits, RefusedError, Task, TaskQueue

LARGEST = 1024 * 1024  # bytes
DEADLINE = timedelta(minutes=10)  # when the client names none


def read_task(asked: Any, now: datetime) -> Task:
    """Give the task a client asks for (tasks_v2.Task); raises RefusedError for what cannot be called."""
    request = asked.http_request
    if not request.url.startswith(("http://", "https://")):
        raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "The url must start with http:// or https://.")
    if tasks_v2.Task.pb(asked).ByteSize() > LARGEST:
        raise RefusedError(grpc.StatusCode.INVALID_ARGUMENT, "The task is larger than 1 MiB.")
    token = request.oidc_token
    call = Call(
        url=request.url,
        method=tasks_v2.HttpMethod(request.http_method or tasks_v2.HttpMethod.POST).name,
        headers=tuple(request.headers.items()),
        body=request.body,
        email=token.service_account_email,
        audience=token.audience or request.url,
    )
    return Task(asked.name, call, now, asked.schedule_time or now, asked.dispatch_deadline or DEADLINE)


def write_task(task: Task, view: int) -> tasks_v2.Task:
    """Show a task; the basic view, which is the usual one, holds no body."""
    full = view == tasks_v2.Task.View.FULL
    request = tasks_v2.HttpRequest(
        url=task.call.url,
        http_method=getattr(tasks_v2.HttpMethod, task.call.method),
        headers=dict(task.call.headers),
        body=task.call.body if full else b"",
    )
    if task.call.email:
        request.oidc_token = tasks_v2.OidcToken(service_account_email=task.call.email, audience=task.call.audience)
    return tasks_v2.Task(
        name=task.name,
        http_request=request,
        create_time=task.created,
        schedule_time=task.due,
        dispatch_deadline=task.deadline,
        dispatch_count=task.attempts,
        response_count=task.answers,
        first_attempt=tasks_v2.Attempt(dispatch_time=task.first_attempt) if task.first_attempt else None,
        view=tasks_v2.Task.View.FULL if full else tasks_v2.Task.View.BASIC,
    )


def read_limits(asked: Any) -> Limits:
    """Give the limits a client asks for (tasks_v2.Queue); what it leaves out, or sets to zero, has Google's default."""
    given = {
        "max_attempts": asked.retry_config.max_attempts,
        "max_retry_duration": asked.retry_config.max_retry_duration,
        "min_backoff": asked.retry_config.min_backoff,
        "max_backoff": asked.retry_config.max_backoff,
        "max_doublings": asked.retry_config.max_doublings,
        "max_concurrent_dispatches": asked.rate_limits.max_concurrent_dispatches,
    }
    return Limits(**{name: value for name, value in given.items() if value})


def write_queue(queue: TaskQueue) -> tasks_v2.Queue:
    """Show a queue."""
    limits = queue.limits
    return tasks_v2.Queue(
        name=queue.name,
        state=tasks_v2.Queue.State.PAUSED if queue.paused else tasks_v2.Queue.State.RUNNING,
        purge_time=queue.purged,
        rate_limits=tasks_v2.RateLimits(max_concurrent_dispatches=limits.max_concurrent_dispatches),
        retry_config=tasks_v2.RetryConfig(
            max_attempts=limits.max_attempts,
            max_retry_duration=limits.max_retry_duration,
            min_backoff=limits.min_backoff,
            max_backoff=limits.max_backoff,
            max_doublings=limits.max_doublings,
        ),
    )


def merge_queue(queue: TaskQueue, asked: Any, mask: Any) -> Any:
    """Give the queue as it is with the fields of `asked` that the mask names, or with all that can be changed."""
    changed = write_queue(queue)
    paths = FieldMask(paths=mask.paths or ["retry_config", "rate_limits"])
    paths.MergeMessage(tasks_v2.Queue.pb(asked), tasks_v2.Queue.pb(changed), replace_message_field=True)
    return changed


def headers(task: Task, now: datetime) -> dict[str, str]:
    """Give the headers of a dispatch; those of Cloud Tasks cannot be overwritten by the task's own."""
    queue, _, id_ = task.name.partition("/tasks/")
    own = {
        "User-Agent": "Google-Cloud-Tasks",
        "X-CloudTasks-QueueName": queue.rpartition("/")[2],
        "X-CloudTasks-TaskName": id_,
        "X-CloudTasks-TaskRetryCount": str(task.attempts),
        "X-CloudTasks-TaskExecutionCount": str(task.answers),
        "X-CloudTasks-TaskETA": f"{task.due.timestamp():.6f}",
    }
    token = {"Authorization": f"Bearer {_identity_token(task.call, now)}"} if task.call.email else {}
    return {**dict(task.call.headers), **own, **token}


def _identity_token(call: Call, now: datetime) -> str:
    """Give Google's claims, unsigned: on this machine nobody holds Google's key."""
    claims = {
        "iss": "https://accounts.google.com",
        "aud": call.audience,
        "email": call.email,
        "email_verified": True,
        "iat": int(now.timestamp()),
        "exp": int((now + timedelta(hours=1)).timestamp()),
    }
    return jwt.encode(claims, cast("str", None), algorithm="none")
