"""Tells a watcher outside this cloud that the pager lives; when it hears nothing for a while, it is the one to bark."""

import requests

from tocsin.errors import Unavailable

CONNECT, READ = 3.0, 5.0
"""Seconds; the sweep has better things to do than to wait for its watcher."""

_TAKEN, _ELSEWHERE = range(200, 300), range(300, 400)


class Watcher:
    """The URL of a dead man's switch: Healthchecks, Better Stack, another pager."""

    def __init__(self, url: str, read: float = READ) -> None:
        """Keep the URL; whoever has it can beat in our place, so no message here names it."""
        self._url = url
        self._timeouts = (CONNECT, read)

    def beat(self) -> None:
        """Send one heartbeat; raises Unavailable unless the answer is 2xx."""
        try:
            # The body is left unread: an answer that never ends would hold up the sweep for ever.
            with requests.get(self._url, timeout=self._timeouts, allow_redirects=False, stream=True) as answer:
                status = answer.status_code
        except (requests.RequestException, ValueError) as error:
            raise Unavailable(f"the watcher could not be reached ({type(error).__name__})") from error
        if status not in _TAKEN:
            why = ", which leads elsewhere: set the URL to where it leads" if status in _ELSEWHERE else ""
            raise Unavailable(f"the watcher answered {status}{why}")
