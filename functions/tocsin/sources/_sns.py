"""Reads the envelope of Amazon's SNS and proves that SNS signed it; what must be fetched for that is named, not got."""

import base64
import json
import re
from collections.abc import Mapping
from urllib.parse import parse_qs, urlsplit

from tocsin.errors import Forbidden
from tocsin.sources import Posted, _plain

NOTIFICATION, SUBSCRIBED, UNSUBSCRIBED = "Notification", "SubscriptionConfirmation", "UnsubscribeConfirmation"

_SIGNED = {
    NOTIFICATION: ("Message", "MessageId", "Subject", "Timestamp", "TopicArn", "Type"),
    SUBSCRIBED: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
    UNSUBSCRIBED: ("Message", "MessageId", "SubscribeURL", "Timestamp", "Token", "TopicArn", "Type"),
}
_CERTIFICATE = re.compile(r"https://[^/?#]+/[A-Za-z0-9_-]+\.pem")


def kind(payload: object) -> str:
    """Give which of SNS's three messages this is, or nothing."""
    said = _plain.members(payload).get("Type")
    return said if isinstance(said, str) and said in _SIGNED else ""


def check(posted: Posted, topics: frozenset[str]) -> str:
    """Raise Forbidden unless SNS signed the message for one of the topics (none: for any); give what is to be fetched.

    That is the certificate and then, for a new subscription, its confirmation. Who is asked is up to whoever fetches:
    it must be SNS.
    """
    # To the byte: the payload has had characters replaced that the signature covers.
    message = _plain.members(json.loads(posted.raw.decode("utf-8-sig"), strict=False))
    topic = _plain.text(message.get("TopicArn"))
    if topics and topic not in topics:
        raise Forbidden("The message is from another SNS topic than the integration's options name.")
    certificate = _plain.text(message.get("SigningCertURL"))
    if not _CERTIFICATE.fullmatch(certificate):
        raise Forbidden("The message names no certificate of SNS (SigningCertURL).")
    if certificate not in posted.fetched:
        return certificate
    _verify(message, posted.fetched[certificate])
    if kind(message) != SUBSCRIBED:
        return ""
    url = _plain.text(message.get("SubscribeURL"))
    asked = parse_qs(urlsplit(url).query)
    if asked.get("Action") != ["ConfirmSubscription"] or asked.get("TopicArn") != [topic]:
        raise Forbidden("The message names no confirmation of its own subscription (SubscribeURL).")
    return "" if url in posted.fetched else url


def _verify(message: Mapping[str, object], certificate: bytes) -> None:
    from cryptography import x509
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives import hashes
    from cryptography.hazmat.primitives.asymmetric import padding, rsa

    # Version 1 is what SNS signs with unless a topic's attribute says otherwise; forging it takes a second preimage.
    algorithms = {"1": hashes.SHA1(), "2": hashes.SHA256()}  # noqa: S303
    try:
        key = x509.load_pem_x509_certificate(certificate).public_key()
        algorithm = algorithms[_plain.text(message.get("SignatureVersion"))]
        signature = base64.b64decode(_plain.text(message.get("Signature")), validate=True)
        if not isinstance(key, rsa.RSAPublicKey):
            raise Forbidden("The certificate of the message is not one of SNS's.")
        key.verify(signature, _signed(message), padding.PKCS1v15(), algorithm)
    except (InvalidSignature, LookupError, ValueError) as error:
        raise Forbidden("The message is not signed by SNS.") from error


def _signed(message: Mapping[str, object]) -> bytes:
    """Give what SNS signed: each field's name and value on a line of its own, without a subject that is not there."""
    fields = ((name, message.get(name)) for name in _SIGNED[kind(message)])
    lines = (f"{name}\n{_plain.text(value)}\n" for name, value in fields if value is not None)
    return "".join(lines).encode("utf-8", "surrogatepass")
