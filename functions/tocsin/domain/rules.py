"""Rules decide about an alert before anything is opened: whose it is, how much it matters, and whether it can wait.

They are tried in their order, on the alert as it came; of several that fit, a later one has the last word. What each of
them said is kept with the event, so that nobody has to guess afterwards.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import field
from datetime import timedelta
from hashlib import sha256
from typing import Any

from tocsin.domain import templates
from tocsin.domain.alert import Action, Event, Severity
from tocsin.domain.config import Config, Rule, Threshold, Urgency
from tocsin.domain.heartbeat import lasting
from tocsin.domain.incident import TEST
from tocsin.domain.matchers import labels_of
from tocsin.domain.values import dataclass, replace

_LONGEST_KEY, _SHOWN = 255, 120

_RULED = frozenset({Action.TRIGGER, Action.ACKNOWLEDGE, Action.RESOLVE})

Facts = Mapping[str, Any]
"""What an expression can ask for: `labels`, and by name what every alert has."""

Holds = Callable[[str, Facts], bool]
"""Says whether an expression holds; raises Unclear if that cannot be said."""


class Unclear(Exception):
    """An expression has no answer for an alert; the text says why."""


@dataclass(frozen=True)
class Tried:
    """What one rule said of an alert."""

    rule: str
    fits: bool
    why: str


@dataclass(frozen=True)
class Path:
    """What the rules chose, where they chose anything; `by` names for each choice the rule that made it."""

    tried: tuple[Tried, ...] = ()
    warnings: tuple[str, ...] = ()
    by: Mapping[str, str] = field(default_factory=dict)
    service: str = ""
    severity: Severity | None = None
    urgency: Urgency | None = None
    priority: str = ""
    dedup_key: str = ""
    group: str = ""
    group_window: timedelta | None = None
    suppress: bool | None = None
    pause: timedelta | None = None
    threshold: Threshold | None = None


NOTHING_CHOSEN = Path()


def choose(event: Event, config: Config, holds: Holds) -> Path:
    """Try the rules on an event. Tests, canaries, beats and changes go where they must, whatever the rules say."""
    exempt = event.integration.startswith(TEST) or (config.canary and event.integration == config.canary.integration)
    if exempt or event.alert.action not in _RULED:
        return NOTHING_CHOSEN
    labels = asked(event, config)
    facts = {
        **{name: labels[name] for name in templates.OWN},
        "labels": event.alert.labels,
        "accepted_at": event.accepted_at,
    }
    path = NOTHING_CHOSEN
    for rule in config.rules:
        said, warning = _try(rule, labels, facts, holds)
        path = replace(path, tried=(*path.tried, said), warnings=(*path.warnings, *([warning] if warning else ())))
        if said.fits:
            path = _with(path, rule, labels)
            if not rule.continues:
                break
    return path


def asked(event: Event, config: Config) -> dict[str, str]:
    """Give what rules can ask for: the labels, which win over what every alert has, but for its integration."""
    door = config.integrations.get(event.integration)
    own = {"service": event.service, "source": door.source if door else ""}
    return {**own, **labels_of(event.alert), "integration": event.integration}


def led(event: Event, path: Path) -> Event:
    """Give the event as it goes on: with the service, severity and dedup key that were chosen."""
    if not (path.service or path.severity or path.dedup_key):
        return event
    alert = event.alert
    alert = replace(alert, severity=path.severity or alert.severity, dedup_key=path.dedup_key or alert.dedup_key)
    return replace(event, service=path.service or event.service, alert=alert)


def said(path: Path) -> str:
    """Say what was chosen, and by which rules."""
    rules = dict.fromkeys(path.by.values())
    return "; ".join(f"{rule}: {', '.join(_choices(path, rule))}" for rule in rules)


def _choices(path: Path, rule: str) -> Iterator[str]:
    for name in (name for name, by in path.by.items() if by == rule and name != "group_window"):
        yield f"{name.replace('_', ' ')} {_shown(getattr(path, name))}"


def _shown(value: object) -> str:
    if isinstance(value, Threshold):
        return f"{value.count} in {lasting(value.within)}"
    if isinstance(value, timedelta):
        return lasting(value)
    return ("yes" if value else "no") if isinstance(value, bool) else str(value)


def _try(rule: Rule, labels: Mapping[str, str], facts: Facts, holds: Holds) -> tuple[Tried, str]:
    """Say whether a rule fits and why, and what is to be warned of: an expression without an answer does not hold."""
    for matcher in rule.match:
        if not matcher.fits(labels):
            found = labels.get(matcher.label, "")
            return Tried(rule.name, fits=False, why=f'{matcher}, and {matcher.label} is "{_short(found)}"'), ""
    if not rule.when:
        return Tried(rule.name, fits=True, why=", ".join(map(str, rule.match)) or "it fits every alert"), ""
    try:
        if not holds(rule.when, facts):
            return Tried(rule.name, fits=False, why=f"not so: {_short(rule.when)}"), ""
    except Unclear as error:
        why = f"its expression has no answer here: {_short(str(error))}"
        return Tried(rule.name, fits=False, why=why), f"rule {rule.name}: {why}"
    return Tried(rule.name, fits=True, why=", ".join([*map(str, rule.match), _short(rule.when)])), ""


def _with(path: Path, rule: Rule, labels: Mapping[str, str]) -> Path:
    chosen: dict[str, Any] = {
        name: value
        for name in ("service", "severity", "urgency", "priority", "suppress", "pause", "threshold")
        if (value := getattr(rule, name)) not in {None, ""}
    }
    warnings = list(path.warnings)
    for name in ("dedup_key", "group"):
        template: str = getattr(rule, name)
        if template and (key := _key(rule, name, template, labels, warnings)):
            chosen[name] = key
    if "group" in chosen:
        chosen["group_window"] = rule.group_window
    by = {**path.by, **dict.fromkeys(chosen, rule.name)}
    return replace(path, by=by, warnings=tuple(warnings), **chosen)


def _key(rule: Rule, name: str, template: str, labels: Mapping[str, str], warnings: list[str]) -> str:
    """Fill a template; one of which nothing is known would make one trouble of many, and chooses nothing."""
    text, missing = templates.fill(template, labels)
    what = name.replace("_", " ")
    if missing and set(missing) == set(templates.names(template)):
        warnings.append(f"rule {rule.name}: no {what} is chosen, the alert has no {' and no '.join(missing)}")
        return ""
    if missing:
        warnings.append(f"rule {rule.name}: in its {what} nothing stands for {' and '.join(missing)}")
    digest = sha256(text.encode(errors="replace")).hexdigest()[:32]
    return text if len(text) <= _LONGEST_KEY else f"{text[: _LONGEST_KEY - len(digest) - 1]}#{digest}"


def _short(text: str) -> str:
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}..."
