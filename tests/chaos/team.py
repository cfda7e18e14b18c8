"""Makes the team of the storm: a service and a phone for each of many people, so that no phone is flooded."""

from pathlib import Path

import yaml

PEOPLE = 40
SECONDARIES = 10
MANAGER = "+15550190000"
SERVICES = tuple(f"service{number:02d}" for number in range(PEOPLE))


def write(path: Path) -> Path:
    """Write the configuration: a call after 5 s, the next level after 15 s, the catch-all after another 30 s."""
    primaries = [f"primary{number:02d}" for number in range(PEOPLE)]
    secondaries = [f"secondary{number:02d}" for number in range(SECONDARIES)]
    users = {name: _user(name, f"+155501{10000 + number}") for number, name in enumerate(primaries + secondaries)}
    policies = {
        f"policy{number:02d}": _policy(name, secondaries[number % SECONDARIES]) for number, name in enumerate(primaries)
    }
    services = {name: _service(name, f"policy{number:02d}") for number, name in enumerate(SERVICES)}
    document = {
        "users": {**users, "manager": _user("manager", MANAGER)},
        "policies": policies,
        "services": services,
        "catch_all": {"users": ["manager"], "every": "10m"},
    }
    path.write_text(yaml.safe_dump(document, sort_keys=False), encoding="utf-8")
    return path


def pagerduty_key(service: str) -> str:
    """Give the key of 32 characters that opens a service to PagerDuty's clients."""
    return f"pd{service}".ljust(32, "0")


def alertmanager_key(service: str) -> str:
    """Give the key that opens a service to Alertmanager."""
    return f"am{service}".ljust(32, "0")


def _user(name: str, phone: str) -> dict[str, object]:
    return {"name": name.capitalize(), "phone": phone, "notify": {"high": ["sms", "voice after 5s"], "low": ["sms"]}}


def _policy(first: str, second: str) -> dict[str, object]:
    return {"levels": [{"notify": [f"user {first}"], "delay": "15s"}, {"notify": [f"user {second}"], "delay": "30s"}]}


def _service(name: str, policy: str) -> dict[str, object]:
    integrations = {
        f"{name}-pagerduty": {"source": "pagerduty", "key": pagerduty_key(name)},
        f"{name}-alertmanager": {"source": "alertmanager", "key": alertmanager_key(name)},
    }
    return {"name": name.capitalize(), "policy": policy, "urgency": "high", "integrations": integrations}
