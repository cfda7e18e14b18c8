"""What the environment says: where we run, who calls us, and which accounts are ours."""

import os
from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class Settings:
    """The settings, one field each; a missing one that is needed is named when it is needed.

    `caller` is the service account that alone may call this function, `platform_checks` says that Cloud Run has seen to
    the signature of its token, and `deployed` that this is no laptop.
    """

    project: str
    public_url: str
    functions_url: str
    topic: str
    queue: str
    urgent_queue: str
    tasks_account: str
    tasks_host: str
    embedded: str
    twilio_account: str
    twilio_tokens: tuple[str, ...]
    twilio_number: str
    twilio_api_url: str
    heartbeat_url: str
    link_secrets: tuple[str, ...]
    caller: str
    platform_checks: bool
    deployed: bool


def from_environment(environment: Mapping[str, str] = os.environ) -> Settings:
    """Read the settings; raises KeyError with the variable's name for one that everything needs."""
    project = environment.get("GOOGLE_CLOUD_PROJECT", "")
    location = environment.get("TOCSIN_LOCATION", "europe-west1")
    queues = f"projects/{project}/locations/{location}/queues"
    public_url = environment.get("PUBLIC_URL", "").rstrip("/")
    tokens = (environment.get("TWILIO_AUTH_TOKEN", ""), environment.get("TWILIO_AUTH_TOKEN_SECONDARY", ""))
    links = (environment.get("TOCSIN_LINK_SECRET", ""), environment.get("TOCSIN_LINK_SECRET_SECONDARY", ""))
    return Settings(
        project=project,
        public_url=public_url,
        functions_url=environment.get("FUNCTIONS_URL", public_url).rstrip("/"),
        topic=f"projects/{project}/topics/{environment.get('TOCSIN_TOPIC', 'tocsin-events')}",
        queue=f"{queues}/{environment.get('TOCSIN_QUEUE', 'tocsin')}",
        urgent_queue=f"{queues}/{environment.get('TOCSIN_URGENT_QUEUE', 'tocsin-urgent')}",
        tasks_account=environment.get("TOCSIN_TASKS_ACCOUNT", ""),
        tasks_host=environment.get("TOCSIN_TASKS_HOST", ""),
        embedded=environment.get("TOCSIN_EMBEDDED", ""),
        twilio_account=environment.get("TWILIO_ACCOUNT_SID", ""),
        twilio_tokens=tuple(token for token in tokens if token),
        twilio_number=environment.get("TWILIO_FROM_NUMBER", ""),
        twilio_api_url=environment.get("TWILIO_API_URL", ""),
        heartbeat_url=environment.get("TOCSIN_HEARTBEAT_URL", ""),
        link_secrets=tuple(secret for secret in links if secret),
        caller=environment.get("TOCSIN_CALLER", ""),
        platform_checks=environment.get("TOCSIN_CALLER_CHECKED_BY", "") == "cloud-run",
        deployed="K_SERVICE" in environment,
    )
