"""Reads the notifications of Nagios, Icinga, Naemon and Checkmk, sent by curl as a form.

Settings: Nagios, Naemon and Icinga 1: add `templates/nagios.cfg` (it is printed below) to the object configuration, and
`templates/nagios.icinga2.conf` for Icinga 2; put `https://YOUR-HOST/ingest/nagios/<integration key>` into the contact
or user in it. Notify on recovery too, or nothing is ever resolved.

Alerts are the same if host and service are the same; a host is apart from its services. The notification's `type` says
what happens: PROBLEM (and CUSTOM) triggers, RECOVERY resolves, ACKNOWLEDGEMENT acknowledges; flapping and downtimes are
recorded and page nobody. CRITICAL and DOWN are critical, UNREACHABLE an error, WARNING a warning, UNKNOWN is unknown,
which pages as critical does.
"""

import re
from collections.abc import Mapping

from tocsin.domain.alert import Action, Alert, Severity
from tocsin.sources import Posted, _plain
from tocsin.sources._unknown import kept

_TYPES = {"problem": Action.TRIGGER, "recovery": Action.RESOLVE, "acknowledgement": Action.ACKNOWLEDGE}
_RECORDED = ("flapping", "downtime")
_OVER = {"ok", "up"}
_SEVERITIES = {
    "critical": Severity.CRITICAL,
    "down": Severity.CRITICAL,
    "unreachable": Severity.ERROR,
    "warning": Severity.WARNING,
}
_UNFILLED = re.compile(r"\$[A-Za-z0-9_.:]+\$")


def parse(posted: Posted) -> list[Alert]:
    """Give the one alert."""
    said = _plain.folded(posted.payload)
    host = _said(said, "host", "hostname", "hostdisplayname")
    if not host:
        return kept(posted)
    service = _said(said, "service", "servicedesc", "servicename")
    state = _said(said, "state", "servicestate" if service else "hoststate").casefold()
    output = _said(said, "output", "serviceoutput" if service else "hostoutput")
    about = f"{service} on {host}" if service else host
    return [
        Alert(
            action=_action(_said(said, "type", "notificationtype").casefold(), state),
            dedup_key=_plain.digest("service", host, service) if service else _plain.digest("host", host),
            title=_plain.one_line(f"{about} is {state.upper() or 'in trouble'}{': ' if output else ''}{output}"),
            severity=_SEVERITIES.get(state, Severity.UNKNOWN),
            affected=host,
            link=_plain.link(_said(said, "link", "url", "serviceactionurl", "hostactionurl")),
            labels=_plain.labels({"host": host, "service": service, "state": state.upper()}),
            details=_plain.lines(
                [
                    ("", _said(said, "longoutput", "longserviceoutput", "longhostoutput")),
                    ("address", _said(said, "address", "hostaddress")),
                    ("author", _said(said, "author", "notificationauthor")),
                    ("comment", _said(said, "comment", "notificationcomment")),
                ]
            ),
        )
    ]


def _action(kind: str, state: str) -> Action:
    if kind.startswith(_RECORDED):
        return Action.CHANGE
    return _TYPES.get(kind) or (Action.RESOLVE if state in _OVER else Action.TRIGGER)


def _said(said: Mapping[str, object], *names: str) -> str:
    """Give the first that was filled in: a macro that Nagios does not know stays between its dollars."""
    values = (_plain.one_line(said.get(name)) for name in names)
    return next((value for value in values if value and not _UNFILLED.fullmatch(value)), "")
