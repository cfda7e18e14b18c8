"""What an id looks like: ours are safe in a path, a URL and a log line, and nothing else is looked up."""

import re

_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,299}")


def is_id(text: object) -> bool:
    """Say whether this can be the id of a notification or an incident."""
    return isinstance(text, str) and _ID.fullmatch(text) is not None
