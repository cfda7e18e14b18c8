"""The queues as Terraform would make them, and those that stand in for them on this machine."""

from datetime import timedelta

from infra.local.functions import THREADS
from infra.local.task_queue import Limits
from infra.local.tasks import AS_DEPLOYED
from tests.gcp.terraform import Plan


def test_what_stands_in_repeats_as_what_is_deployed(team: Plan) -> None:
    for queue in team.of("google_cloud_tasks_queue"):
        (retry,) = queue.values["retry_config"]
        assert (
            Limits(
                max_attempts=retry["max_attempts"],
                min_backoff=timedelta(seconds=float(retry["min_backoff"].removesuffix("s"))),
                max_backoff=timedelta(seconds=float(retry["max_backoff"].removesuffix("s"))),
                max_doublings=retry["max_doublings"],
                max_concurrent_dispatches=AS_DEPLOYED.max_concurrent_dispatches,
            )
            == AS_DEPLOYED
        )


def test_no_task_waits_for_a_thread(team: Plan) -> None:
    assert len(list(team.of("google_cloud_tasks_queue"))) * AS_DEPLOYED.max_concurrent_dispatches <= THREADS
