"""Stands where Google keeps its certificates, and signs identity tokens that those prove, or nearly."""

import base64
import json
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

import requests
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.x509.oid import NameOID
from requests.adapters import BaseAdapter

from tocsin.clients.identity import CERTIFICATES, Certificates

BEGAN = datetime(2026, 1, 1, tzinfo=UTC)


@cache
def key(name: str) -> rsa.RSAPrivateKey:
    """Give the key of a name, the same each time."""
    del name
    return rsa.generate_private_key(public_exponent=65537, key_size=2048)


@cache
def certificate(name: str) -> str:
    """Give its certificate in PEM."""
    common = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "federated-signon.system.gserviceaccount.com")])
    built = (
        x509.CertificateBuilder()
        .subject_name(common)
        .issuer_name(common)
        .public_key(key(name).public_key())
        .serial_number(1)
        .not_valid_before(BEGAN)
        .not_valid_after(BEGAN + timedelta(days=36500))
        .sign(key(name), hashes.SHA256())
    )
    return built.public_bytes(serialization.Encoding.PEM).decode()


def segment(value: object) -> str:
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def token(claims: Mapping[str, Any], name: str = "first", **header: Any) -> str:
    """Sign claims with a key; whatever is said of the header is in it besides, or instead."""
    content = f"{segment({'alg': 'RS256', 'kid': name, 'typ': 'JWT', **header})}.{segment(claims)}"
    return f"{content}.{segment(key(name).sign(content.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class Google(BaseAdapter):
    """Answers in place of Google's host: the certificates of `keys`, or a `status`, or nothing while it is `away`."""

    def __init__(self) -> None:
        super().__init__()
        self.keys = ["first"]
        self.lifetime = "public, max-age=3600, must-revalidate, no-transform"
        self.age = ""
        self.status = 200
        self.body = ""
        self.away = False
        self.asked = 0

    def send(self, request: requests.PreparedRequest, **_: Any) -> requests.Response:  # type: ignore[override]
        assert request.url == CERTIFICATES
        self.asked += 1
        if self.away:
            raise requests.ConnectTimeout("nobody answers")
        answer = requests.Response()
        answer.status_code = self.status
        answer.headers.update({"Cache-Control": self.lifetime, "Age": self.age})
        answer._content = (self.body or json.dumps({name: certificate(name) for name in self.keys})).encode()  # noqa: SLF001 - as the library's own adapters do
        return answer

    def close(self) -> None:
        """Hold nothing."""

    def certificates(self) -> Certificates:
        """Give what production code asks, with this behind it."""
        session = requests.Session()
        session.mount("https://", self)
        return Certificates(session=session)
