"""Reads alarms of Amazon CloudWatch, from an SNS topic (whose signature is verified) or from EventBridge.

Settings: in the AWS console, Simple Notification Service, create a topic, and for it a subscription with the protocol
HTTPS and the endpoint `https://YOUR-HOST/ingest/cloudwatch/<integration key>`, raw message delivery off; it confirms
itself within seconds. Then choose the topic in each alarm for "In alarm" and for "OK". Put the topic's ARN into the
integration's options as `topic` (several are separated by commas): nothing but signed messages of that topic is then
taken. Or, in EventBridge, send "CloudWatch Alarm State Change" to an API destination with the same endpoint.

The alarm's ARN is the dedup key, else its account, region and name. OK resolves, ALARM triggers and is critical,
INSUFFICIENT_DATA triggers and is a warning. A message of SNS that is no alarm pages as it is, plain text with its
subject as the title; with `state` in the integration's options it is read as `generic` reads it. SNS's own message id
makes a repeated or replayed message do nothing. That a subscription was removed is a warning: its alarms will not
arrive any more.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace
from urllib.parse import quote

from tocsin import body
from tocsin.domain.alert import Action, Alert, Severity
from tocsin.errors import Forbidden, Malformed
from tocsin.sources import Posted, _plain, _sns, generic
from tocsin.sources._unknown import kept

_ARN = re.compile(r"arn:(?P<partition>aws[a-z-]*):cloudwatch:(?P<region>[a-z0-9-]+):\d+:alarm:(?P<name>.+)", re.DOTALL)
_CONSOLES = {
    "aws": "console.aws.amazon.com",
    "aws-cn": "console.amazonaws.cn",
    "aws-us-gov": "console.amazonaws-us-gov.com",
}
_SEVERITIES = {"alarm": Severity.CRITICAL, "insufficient_data": Severity.WARNING}


def check(posted: Posted) -> str:
    """Raise Forbidden for a message that SNS did not sign, and for everything else if the options name a topic."""
    topics = frozenset(filter(None, (topic.strip() for topic in posted.options.get("topic", "").split(","))))
    if _sns.kind(posted.payload):
        return _sns.check(posted, topics)
    if topics:
        raise Forbidden("Only SNS's signed messages of the topic in the integration's options are taken here.")
    return ""


def message(posted: Posted) -> str:
    """Give SNS's id of the message, the same each time it is sent."""
    return _plain.text(_plain.members(posted.payload).get("MessageId")) if _sns.kind(posted.payload) else ""


def parse(posted: Posted) -> list[Alert]:
    """Give the alarms, each in the state it was last given in; the confirmation of a subscription has none."""
    alerts = [alert for one in _messages(posted.payload) for alert in _alerts(one, posted)]
    return list({alert.dedup_key: alert for alert in alerts}.values())


def _messages(payload: object) -> list[object]:
    """Give the messages that a Lambda function was handed and passed on, or the one there is."""
    records = _plain.members(payload).get("Records")
    if not isinstance(records, list) or not 1 <= len(records) <= generic.ALERTS:
        return [payload]
    found = [_plain.members(record).get("Sns") for record in records]
    return found if all(isinstance(one, dict) for one in found) else [payload]


def _alerts(said: object, posted: Posted) -> list[Alert]:
    envelope = _plain.members(said)
    topic = _plain.one_line(envelope.get("TopicArn"))
    match envelope.get("Type"):
        case _sns.SUBSCRIBED:
            return []
        case _sns.UNSUBSCRIBED:
            title = _plain.one_line(f"No longer subscribed to {topic}: its alarms do not arrive any more")
            return [Alert(Action.TRIGGER, _plain.digest("unsubscribed", topic), title, Severity.WARNING, topic)]
    if "TopicArn" not in envelope or not isinstance(text := envelope.get("Message"), str):
        return _read(said, posted)
    try:
        inner = body.read(text.encode(errors="replace"), "", "", len(text) * 4)
    except Malformed:
        inner = None
    if not isinstance(inner, dict):
        return [_text(text, envelope.get("Subject"), topic, posted)]
    untitled, subject = _plain.untitled(posted.integration), _plain.one_line(envelope.get("Subject"))
    alerts = _read(inner, posted)
    return [replace(one, title=subject) if subject and one.title == untitled else one for one in alerts]


def _text(text: str, subject: object, topic: str, posted: Posted) -> Alert:
    title = _plain.first(subject, text) or _plain.untitled(posted.integration)
    labels = _plain.labels({"topic": topic})
    identity = _plain.digest(topic, subject, text)
    return Alert(Action.TRIGGER, identity, title, labels=labels, details=_plain.lines([("", text)]))


def _read(said: object, posted: Posted) -> list[Alert]:
    whole = _plain.members(said)
    detail = _plain.members(whole.get("detail"))
    for alarm in (_of_sns(whole), _of_event(whole, _plain.members(whole.get("alarmData"))), _of_event(whole, detail)):
        if alarm["state"] and (alarm["name"] or alarm["arn"]):
            return [_alarm(alarm)]
    if detail:  # another event of EventBridge
        title = _plain.first(detail.get("title"), whole.get("detail-type"))
        said = {**detail, "title": title} if title else detail
    return kept(replace(posted, payload=said))


def _of_sns(whole: Mapping[str, object]) -> dict[str, str]:
    trigger = _plain.members(whole.get("Trigger"))
    return {
        "name": _plain.one_line(whole.get("AlarmName")),
        "arn": _plain.one_line(whole.get("AlarmArn")),
        "account": _plain.one_line(whole.get("AWSAccountId")),
        "region": _plain.one_line(whole.get("Region")),
        "state": _plain.word(whole.get("NewStateValue")),
        "description": _plain.text(whole.get("AlarmDescription")),
        "reason": _plain.text(whole.get("NewStateReason")),
        "metric": _plain.one_line(trigger.get("MetricName")),
        "namespace": _plain.one_line(trigger.get("Namespace")),
        "affected": ", ".join(_dimensions(trigger.get("Dimensions"))),
    }


def _of_event(whole: Mapping[str, object], data: Mapping[str, object]) -> dict[str, str]:
    state, resources = _plain.members(data.get("state")), whole.get("resources")
    listed = resources if isinstance(resources, list) else []
    return {
        "name": _plain.one_line(data.get("alarmName")),
        "arn": _plain.first(whole.get("alarmArn"), *listed) if data.get("alarmName") else "",
        "account": _plain.first(whole.get("accountId"), whole.get("account")),
        "region": _plain.one_line(whole.get("region")),
        "state": _plain.word(state.get("value")),
        "description": _plain.text(_plain.members(data.get("configuration")).get("description")),
        "reason": _plain.text(state.get("reason")),
    }


def _dimensions(values: object) -> Iterator[str]:
    for one in map(_plain.members, values if isinstance(values, list) else ()):
        if said := _plain.first(one.get("value"), one.get("Value")):
            yield said


def _alarm(alarm: Mapping[str, str]) -> Alert:
    named = alarm["name"] or alarm["arn"]
    description = _plain.one_line(alarm["description"])
    return Alert(
        action=Action.RESOLVE if alarm["state"] == "ok" else Action.TRIGGER,
        dedup_key=_plain.key(alarm["arn"]) or _plain.digest(alarm["account"], alarm["region"], alarm["name"]),
        title=_plain.one_line(f"{named}: {description}" if description else named),
        severity=_SEVERITIES.get(alarm["state"], Severity.UNKNOWN),
        affected=_plain.one_line(alarm.get("affected", "")),
        link=_console(alarm["arn"]),
        labels=_plain.labels({name: alarm.get(name) for name in ("account", "region", "namespace", "metric", "state")}),
        details=_plain.lines([("", alarm["description"]), ("", alarm["reason"]), ("alarm", alarm["arn"])]),
    )


def _console(arn: str) -> str:
    found = _ARN.fullmatch(arn)
    if not found or found["partition"] not in _CONSOLES:
        return ""
    region, name = found["region"], quote(found["name"], safe="")
    host = _CONSOLES[found["partition"]]
    return _plain.link(f"https://{region}.{host}/cloudwatch/home?region={region}#alarmsV2:alarm/{name}")
