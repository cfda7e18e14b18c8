"""Asks Amazon's SNS for what its messages name, a certificate or a subscription to confirm, and asks nobody else."""

import re
from functools import lru_cache

import requests

from tocsin.errors import Forbidden, Unavailable

CONNECT, READ = 2.0, 3.0
"""Seconds; SNS itself waits 15 for the answer to its message."""
LIMIT = 64 * 1024  # bytes of an answer; a certificate has two thousand
KEPT = 16  # answers: the certificate changes once a year

# A region has a digit at its end and nowhere else: sns.s3-eu-west-1.amazonaws.com is a bucket, and could be anybody's.
# No port, no user, and no sign behind which parsers disagree about what the host is.
_URL = re.compile(
    r"https://sns\.[a-z]{2}(?:-[a-z]+){1,2}-[0-9]{1,2}\.amazonaws\.com(?:\.cn)?/[A-Za-z0-9/?&=%:._~+-]{1,2048}"
)
_OK, _BUSY = 200, 429
_REFUSED = range(400, 500)


class Sns:
    """SNS's own hosts in every region; whatever else is asked for is Forbidden before anything is looked up."""

    def __init__(self, session: requests.Session | None = None) -> None:
        """Use `session`, or a new one; each answer is kept, and its URL not asked for again."""
        self._session = session or requests.Session()
        self.get = lru_cache(maxsize=KEPT)(self._get)

    def _get(self, url: str) -> bytes:
        """Give what lies there; raises Forbidden where nothing may be asked or is found, else Unavailable.

        Redirects are not followed: they could lead anywhere.
        """
        if not _URL.fullmatch(url):
            raise Forbidden("Certificates and subscriptions are asked for at SNS's own hosts only.")
        try:
            with self._session.get(url, timeout=(CONNECT, READ), allow_redirects=False, stream=True) as answer:
                if answer.status_code == _OK:
                    return _content(answer)
                status = answer.status_code
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(f"SNS could not be asked ({type(error).__name__})") from error
        if status in _REFUSED and status != _BUSY:
            raise Forbidden(f"SNS does not have what its message names (it answered {status}).")
        raise Unavailable(f"SNS answered {status}")


def _content(answer: requests.Response) -> bytes:
    content = b""
    for chunk in answer.iter_content(8192):
        content += chunk
        if len(content) > LIMIT:
            raise Forbidden(f"What SNS's message names has more than {LIMIT} bytes.")
    return content
