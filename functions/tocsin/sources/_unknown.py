"""Keeps a body whose shape a source does not know: somebody is paged, under the title that the generic source finds."""

from dataclasses import replace

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, load


def kept(posted: Posted) -> list[Alert]:
    """Give a trigger for everything in it, of unknown severity: nothing in it is trusted to be good news.

    Unless the integration's options say where the `state` is: then it is a shape of one's own, read as they say.
    """
    if "state" in posted.options:
        return load("generic").parse(posted)
    read = load("generic").parse(replace(posted, options={}))
    return [replace(alert, action=Action.TRIGGER, severity=Severity.UNKNOWN) for alert in read]
