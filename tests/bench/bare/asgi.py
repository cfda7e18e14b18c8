"""The least that a function can be on the framework's ASGI mode."""

import functions_framework.aio
from starlette.requests import Request
from starlette.responses import Response


@functions_framework.aio.http
async def nothing(_request: Request) -> Response:
    """Answer and do nothing."""
    return Response(status_code=202)
