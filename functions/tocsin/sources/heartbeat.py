"""Hears that something still lives: any body will do, or none at all, for the request itself is the news."""

from tocsin.domain.alert import Action, Alert
from tocsin.sources import Posted

READS = False
METHODS = ("POST", "GET")


def parse(posted: Posted) -> list[Alert]:
    """Give one beat; each integration is one monitor."""
    return [Alert(Action.BEAT, posted.integration, "heartbeat")]
