"""Finds and starts Google's own emulators of Firestore and Pub/Sub, or takes those the environment names."""

import contextlib
import http.client
import json
import os
import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from pathlib import Path

HOW_TO_GET_THEM = (
    "install both with `gcloud components install cloud-firestore-emulator pubsub-emulator` (Debian: "
    "google-cloud-cli-firestore-emulator, google-cloud-cli-pubsub-emulator) and Java 17 or newer, "
    "or set FIRESTORE_EMULATOR_HOST and PUBSUB_EMULATOR_HOST to running ones."
)
START_SECONDS = 60.0
STOP_SECONDS = 10.0
FIRESTORE_MAIN = "com.google.cloud.datastore.emulator.firestore.CloudFirestore"
ACK_DEADLINE_SECONDS = 60


class EmulatorMissing(Exception):
    """No emulator can be started here; the message is one sentence that says why, and how to get one."""


@dataclass(frozen=True)
class Emulator:
    """An emulator at `host` (127.0.0.1:8085); without a process it is somebody else's and is left alone."""

    host: str
    process: "subprocess.Popen[bytes] | None" = None

    def stop(self) -> None:
        """End this one process; one that does not listen is killed."""
        if self.process is not None:
            stop(self.process)


@dataclass(frozen=True)
class Emulators:
    """What is installed: the two jars, and the Java that runs them; None where the environment names a running one."""

    java: str
    firestore: Path | None
    pubsub: Path | None

    def start_firestore(self, port: int) -> Emulator:
        """Start Firestore's on 127.0.0.1 and give it once it answers; raises EmulatorMissing if it does not."""
        if self.firestore is None:
            return Emulator(os.environ["FIRESTORE_EMULATOR_HOST"])
        command = ["-Duser.language=en", "-cp", str(self.firestore), FIRESTORE_MAIN, "start"]
        emulator = self._start(port, *command)
        _write_once(port)
        return emulator

    def start_pubsub(self, port: int) -> Emulator:
        """Start Pub/Sub's on 127.0.0.1 and give it once it answers; raises EmulatorMissing if it does not."""
        if self.pubsub is None:
            return Emulator(os.environ["PUBSUB_EMULATOR_HOST"])
        return self._start(port, "-jar", str(self.pubsub))

    def _start(self, port: int, *arguments: str) -> Emulator:
        """Start Java without the script around it: that one stays a parent which does not pass its end on.

        A session of its own, so that Ctrl-C ends us first and the emulator when nobody needs it any more.
        """
        process = subprocess.Popen(
            [self.java, *arguments, "--host=127.0.0.1", f"--port={port}"],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        _wait_until_ready(process, port)
        return Emulator(f"127.0.0.1:{port}", process)


def _write_once(port: int) -> None:
    """Make the first write, which takes Java many seconds on a busy machine: longer than the pager waits for any."""
    database = "projects/warm-up/databases/(default)"
    write = {"update": {"name": f"{database}/documents/first/one", "fields": {}}}
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=START_SECONDS)
    with contextlib.closing(connection), contextlib.suppress(OSError, http.client.HTTPException):
        connection.request("POST", f"/v1/{database}/documents:commit", json.dumps({"writes": [write]}))
        connection.getresponse().read()


def find() -> Emulators:
    """Give what can be started here; raises EmulatorMissing unless both are installed or named by the environment."""
    firestore = _jar("FIRESTORE_EMULATOR_HOST", "cloud-firestore-emulator", "cloud-firestore-emulator.jar")
    pubsub = _jar("PUBSUB_EMULATOR_HOST", "pubsub-emulator", "lib/cloud-pubsub-emulator-*.jar")
    java = shutil.which("java")
    if java is None and (firestore or pubsub):
        raise EmulatorMissing(f"Google's emulators need Java, and there is none: {HOW_TO_GET_THEM}")
    return Emulators(java or "java", firestore, pubsub)


def free_port() -> int:
    """Give a TCP port of 127.0.0.1 on which nobody listens just now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def stop(process: "subprocess.Popen[bytes]") -> None:
    """End this one process; one that does not listen is killed."""
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def prepare_pubsub(project: str, topic: str, subscription: str, push_endpoint: str) -> None:
    """Make the topic and its push subscription on the emulator that PUBSUB_EMULATOR_HOST names, as often as asked.

    A subscription that is there is pointed at `push_endpoint`; what it holds stays. Unlike the one on Google Cloud it
    has no retry policy: with one, whatever it is, the emulator gives a message up for ever that was refused two to five
    times; without one it pushes every second.
    """
    import grpc
    from google.api_core.exceptions import AlreadyExists
    from google.pubsub_v1 import PublisherClient, PushConfig, SubscriberClient, Subscription
    from google.pubsub_v1.services.publisher.transports import PublisherGrpcTransport
    from google.pubsub_v1.services.subscriber.transports import SubscriberGrpcTransport

    topic_path = f"projects/{project}/topics/{topic}"
    wanted = Subscription(
        name=f"projects/{project}/subscriptions/{subscription}",
        topic=topic_path,
        push_config=PushConfig(push_endpoint=push_endpoint),
        ack_deadline_seconds=ACK_DEADLINE_SECONDS,
    )
    with grpc.insecure_channel(os.environ["PUBSUB_EMULATOR_HOST"]) as channel:
        publisher = PublisherClient(transport=PublisherGrpcTransport(channel=channel))
        subscriber = SubscriberClient(transport=SubscriberGrpcTransport(channel=channel))
        with contextlib.suppress(AlreadyExists):
            publisher.create_topic(name=topic_path, timeout=10)
        try:
            subscriber.create_subscription(wanted, timeout=10)
        except AlreadyExists:
            subscriber.modify_push_config(subscription=wanted.name, push_config=wanted.push_config, timeout=10)


def _jar(variable: str, component: str, pattern: str) -> Path | None:
    """Give the emulator's jar beside the `gcloud` on PATH, or None when the variable names a running emulator."""
    if os.environ.get(variable):
        return None
    gcloud = shutil.which("gcloud")
    jars = sorted((Path(gcloud).resolve().parent.parent / "platform" / component).glob(pattern)) if gcloud else []
    if not jars:
        raise EmulatorMissing(f"The {component} is not installed: {HOW_TO_GET_THEM}")
    return jars[-1]


def _wait_until_ready(process: "subprocess.Popen[bytes]", port: int) -> None:
    """Return when the emulator answers a GET: its port is open some time before it is any use."""
    give_up = time.monotonic() + START_SECONDS
    while time.monotonic() < give_up and process.poll() is None:
        if _answers(port):
            return
        time.sleep(0.1)
    stop(process)
    raise EmulatorMissing(f"The emulator did not come up on port {port} (exit code {process.returncode}): is it taken?")


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=2)
    try:
        connection.request("GET", "/")
        return connection.getresponse().status == http.client.OK
    except (OSError, http.client.HTTPException):
        return False
    finally:
        connection.close()
