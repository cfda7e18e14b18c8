"""PagerDuty's services: urgency and support hours, time-outs, integrations whose keys go on to hold."""

from datetime import timedelta

from infra.cli.importing import weeks
from infra.cli.importing.export import Export
from infra.cli.importing.move import Move
from infra.cli.importing.pagerduty import wire
from infra.cli.importing.times import iana
from infra.cli.importing.values import Integration, Maintenance, Service, SupportHours
from infra.cli.importing.weeks import DAY

EVENTS_V2 = "events_api_v2_inbound_integration"
EVENTS_V1 = "generic_events_api_inbound_integration"
URGENCIES = {"high": "high", "low": "low", "severity_based": "by_severity"}


def services(move: Move, export: Export) -> tuple[Service, ...]:
    """Give every service that opens incidents."""
    found = export.each("services", wire.Service)
    move.names.give("service", ((service.id, service.name) for service in found))
    for service in found:
        if service.status == "disabled":
            why = "it is disabled there; here it would page"
            move.report.left_out("service", move.names.given.pop(("service", service.id)), why)
    kept = [service for service in found if service.status != "disabled"]
    named = ((door.id, f"{service.name} {_title(door)}") for service in kept for door in service.integrations)
    move.names.give("integration", named)
    return tuple(_service(move, service) for service in kept)


def _service(move: Move, service: wire.Service) -> Service:
    name = move.names.of("service", service.id) or ""
    urgency, hours = _urgency(move, name, service)
    _tell_the_rest(move, name, service)
    doors = (_integration(move, name, each) for each in service.integrations)
    return Service(
        name,
        service.name,
        move.names.of("policy", service.escalation_policy.id) or "",
        urgency,
        tuple(door for door in doors if door),
        hours,
        _seconds(service.acknowledgement_timeout),
        _seconds(service.auto_resolve_timeout),
    )


def _seconds(timeout: int | None) -> timedelta | None:
    return timedelta(seconds=timeout) if timeout else None


def _urgency(move: Move, name: str, service: wire.Service) -> tuple[str, SupportHours | None]:
    rule = service.incident_urgency_rule
    if rule.type != "use_support_hours":
        return URGENCIES.get(rule.urgency or "", "high"), None
    within, outside = (
        each.urgency if each else None for each in (rule.during_support_hours, rule.outside_support_hours)
    )
    hours = _support_hours(move, name, service)
    if (within, outside) == ("high", "low") and hours:
        return "by_support_hours", hours
    what = f"is {within} within support hours and {outside} outside, which the file cannot say: written as high"
    move.report.decide("service", name, what)
    return "high", None


def _support_hours(move: Move, name: str, service: wire.Service) -> SupportHours | None:
    support = service.support_hours
    zone = iana(support.time_zone) if support else None
    if not support or not zone:
        return None
    start, end = (_minutes(each) for each in (support.start_time, support.end_time))
    length = end - start if end > start else end - start + DAY
    hours = weeks.week(((day - 1) * DAY + start, (day - 1) * DAY + start + length) for day in support.days_of_week)
    at = {action.get("at", {}).get("name") for action in service.scheduled_actions}
    if "support_hours_end" in at:
        move.report.decide("service", name, "what is pending is raised when support hours end there: not in the file")
    return SupportHours(zone, hours, raise_pending="support_hours_start" in at)


def _minutes(clock: str) -> int:
    hours, minutes, *_ = clock.split(":")
    return int(hours) * 60 + int(minutes)


def _tell_the_rest(move: Move, name: str, service: wire.Service) -> None:
    if service.auto_resolve_timeout:
        why = "auto_resolve counts from the incident's opening there, and from its last sign of life here"
        move.report.different("service", name, why)
    if (service.alert_grouping_parameters or {}).get("type"):
        kind = (service.alert_grouping_parameters or {})["type"]
        why = f"alert grouping ({kind}): here alerts join an incident by their dedup key only"
        move.report.left_out("service", name, why)
    if (service.auto_pause_notifications_parameters or {}).get("enabled"):
        move.report.left_out("service", name, "auto-pause of transient alerts: here everybody is paged at once")


def _title(integration: wire.Integration) -> str:
    return integration.name or integration.summary or integration.id


def _integration(move: Move, service: str, integration: wire.Integration) -> Integration | None:
    title = _title(integration)
    if integration.type not in {EVENTS_V2, EVENTS_V1}:
        kind = (integration.vendor.summary if integration.vendor else None) or integration.type
        what = f"its integration {title} ({kind}) does not speak the Events API: choose a source for it, as in generic"
        move.report.decide("service", service, f"{what}, and give its sender that URL and key. It is not in the file")
        return None
    if integration.type == EVENTS_V1:
        why = f"{title} takes the Events API v2 only here: a sender that still speaks v1 has to be changed"
        move.report.different("service", service, why)
    name = move.names.of("integration", integration.id) or ""
    return Integration(name, "pagerduty", move.key(service, name, integration.integration_key))


def maintenance(move: Move, export: Export) -> tuple[Maintenance, ...]:
    """Give the maintenance windows that are not over."""
    made = []
    for window in export.each("maintenance_windows", wire.MaintenanceWindow):
        title = window.description or f"maintenance {window.id}"
        named = [move.names.of("service", each.id) for each in window.services]
        services = tuple(name for name in named if name)
        if window.end_time <= move.now:
            move.report.left_out("maintenance", title, "it is over")
            continue
        if not services:
            move.report.left_out("maintenance", title, "none of its services is in the file")
            continue
        if len(services) < len(named):
            move.report.different("maintenance", title, "is without the services that are not in the file")
        made.append(Maintenance(title, services, window.start_time, window.end_time))
        move.report.carried("maintenance", title)
    return tuple(made)
