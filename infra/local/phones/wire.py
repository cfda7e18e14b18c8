"""What goes over Twilio's wire: answers to REST calls, refusals in Twilio's words, and times in Twilio's format."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

# Code: (HTTP status, message). A code that is not here is answered with 400 and its number.
ERRORS: Mapping[int, tuple[int, str]] = {
    20001: (400, "A parameter has a value that is not supported here"),
    20003: (401, "Authenticate"),
    20004: (405, "This method is not allowed here"),
    20404: (404, "The requested resource was not found"),
    20429: (429, "Too Many Requests"),
    20500: (500, "An internal server error has occurred"),
    20503: (503, "The service is unavailable"),
    21201: (400, "No 'To' number is specified"),
    21205: (400, "Url parameter is required"),
    21210: (400, "The 'From' number is not one of this account's numbers"),
    21211: (400, "The 'To' number is not a valid phone number"),
    21213: (400, "No 'From' number is specified"),
    21602: (400, "Message body is required"),
    21603: (400, "A 'From' phone number is required"),
    21604: (400, "A 'To' phone number is required"),
    21606: (400, "The 'From' number is not a message-capable number of this account"),
    21609: (400, "The StatusCallback is not a valid URL"),
    21610: (400, "Attempt to send to unsubscribed recipient"),
    21614: (400, "The 'To' number is not a valid mobile number"),
    21617: (400, "The message body exceeds the 1600 character limit"),
    30003: (400, "Unreachable destination handset"),
    30005: (400, "Unknown destination handset"),
    30006: (400, "Landline or unreachable carrier"),
    30007: (400, "Carrier violation"),
    30008: (400, "Unknown error"),
}


@dataclass(frozen=True)
class Answer:
    """An HTTP answer; a `lost` one never reaches the caller: the connection is cut after `hold` seconds."""

    status: int
    body: Mapping[str, Any]
    headers: Mapping[str, str] = field(default_factory=dict)
    lost: bool = False
    hold: float = 0


LOST = Answer(0, {}, lost=True)


class Refused(Exception):
    """Twilio says no: nothing was made."""

    def __init__(
        self, code: int, detail: str = "", *, status: int = 0, headers: Mapping[str, str] | None = None
    ) -> None:
        """Take status and message from the table, unless they are given."""
        usual, message = ERRORS.get(code, (400, f"Error {code}"))
        super().__init__(f"{message}: {detail}" if detail else message)
        self.code = code
        self.answer = Answer(
            status or usual,
            {
                "code": code,
                "message": str(self),
                "more_info": f"https://www.twilio.com/docs/errors/{code}",
                "status": status or usual,
            },
            headers or {},
        )


def rfc2822(at: datetime | None) -> str | None:
    """Give a time as Twilio writes it: `Thu, 24 Aug 2023 05:01:45 +0000`."""
    return format_datetime(at.astimezone(UTC)) if at else None
