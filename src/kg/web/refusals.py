"""What the HTTP layer answers by itself: whole responses to what never becomes a request."""

from typing import Final

from kg.web.headers import ALWAYS, DATA_POLICY

MAX_HEAD_BYTES: Final = 1 << 18
"""A query of the longest length fits, percent-encoded."""
_REFUSALS: Final = {
    400: ("Bad Request", "http", "this is not an HTTP request"),
    408: ("Request Timeout", "request_timeout", "the head of the request did not come in time"),
    414: ("URI Too Long", "http", "the address is too long; send the query by POST"),
    431: ("Request Header Fields Too Large", "http", f"the head is over {MAX_HEAD_BYTES:,} bytes"),
    503: ("Service Unavailable", "busy", "too many connections; try again in a moment"),
}


def make_refusal(status: int) -> bytes:
    """A whole response with a problem document."""
    reason, code, detail = _REFUSALS[status]
    body = (
        f'{{"type": "/problems/{code}", "title": "{reason}", "status": {status}, '
        f'"detail": "{detail}", "code": "{code}"}}'
    )
    headers = {
        "Content-Type": "application/problem+json",
        "Content-Length": str(len(body)),
        "Cache-Control": "no-store",
        "Connection": "close",
        **ALWAYS,
        "Content-Security-Policy": DATA_POLICY,
        "Cross-Origin-Resource-Policy": "same-origin",
        **({"Retry-After": "1"} if status == 503 else {}),
    }
    lines = "".join(f"{name}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} {reason}\r\n{lines}\r\n{body}".encode()
