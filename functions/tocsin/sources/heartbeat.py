"""Hears that something still lives: any body will do, or none at all, for the request itself is the news.

Settings: give the integration `every: 1h`, and have the job that must run ask for
`https://YOUR-HOST/ingest/heartbeat/<integration key>` at its end, with GET or POST (`curl --retry 5 URL`).

Each integration is one monitor: when a beat does not come somebody is paged, and the next one resolves it.
"""

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted

READS = False
METHODS = ("POST", "GET")


def parse(posted: Posted) -> list[Alert]:
    """Give one beat; each integration is one monitor."""
    return [Alert(Action.BEAT, posted.integration, "heartbeat")]
