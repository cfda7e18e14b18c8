"""The least that a function can be on the framework's default server."""

import flask


def nothing(_request: flask.Request) -> tuple[str, int]:
    """Answer and do nothing."""
    return "", 202
