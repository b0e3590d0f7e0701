"""What every response carries: how browsers must treat it, which other sites may read it, and
whether it may be kept.

Following OWASP ASVS 5.0, 3.4 and 4.1.1, and https://fetch.spec.whatwg.org/#http-cors-protocol.
"""

from typing import Final

from flask import Flask, Response, g, request

_PAGE_POLICY: Final = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'self'"
)
DATA_POLICY: Final = "default-src 'none'; sandbox"
ALWAYS: Final = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=(), payment=(), usb=()",
}
EXPOSED: Final = (
    "ETag, Link, Location, Retry-After, X-KG-Engine, X-KG-Release, X-KG-Truncated, X-Request-Id"
)
"""Headers that a script of another site may read."""

_LIVE: Final = frozenset(("/healthz", "/readyz", "/metrics"))
"""What tells of this moment and not of a release."""

_READS: Final = frozenset(("GET", "HEAD"))
_READ_BY_POST: Final = frozenset(("/sparql", "/reconcile"))
"""Where POST only asks; everywhere else it writes."""


def init_app(app: Flask) -> None:
    """Registers the hook that finishes every response."""
    app.after_request(_finish)


def _finish(response: Response) -> Response:
    _name_charset(response)
    is_page = response.mimetype == "text/html"
    has = {name.lower() for name in response.headers.keys()}  # noqa: SIM118  # pairs, no mapping
    wanted = {
        **ALWAYS,
        "Content-Security-Policy": _PAGE_POLICY if is_page else DATA_POLICY,
        "Cache-Control": _cache_control(response),
    }
    vary = (
        "Accept",
        "Accept-Encoding",
        *(("Accept-Language", "Cookie") * bool(g.get("by_language"))),
    )
    if "vary" in has:
        response.vary.update(vary)
    else:
        wanted["Vary"] = ", ".join(vary)
    response.headers.extend([pair for pair in wanted.items() if pair[0].lower() not in has])
    _share(response, is_page=is_page)
    return response


def _cache_control(response: Response) -> str:
    """What follows from the release and the request alone may be kept and is asked for every time.

    Not: errors, what writes, what a token opened, queries that call a clock or a random number, and
    what tells of this moment.
    """
    follows = (
        response.status_code < 400
        and _is_read(request.method)
        and not g.get("volatile")
        and "Authorization" not in request.headers
        and request.path not in _LIVE
    )
    return "public, no-cache" if follows else "no-store"


def _name_charset(response: Response) -> None:
    """Every text and every XML says that it is UTF-8; JSON is by definition."""
    whole = response.content_type or ""
    if "charset" not in whole and (
        whole.startswith("text/") or (response.mimetype or "").endswith("xml")
    ):
        response.content_type = f"{whole}; charset=utf-8"


def _share(response: Response, *, is_page: bool) -> None:
    """Lets other sites read what anyone may read, and nothing that was asked with credentials."""
    wanted = request.headers.get("Access-Control-Request-Method", "GET")
    method = wanted if request.method == "OPTIONS" else request.method
    allowed = [name for name in _allowed_methods() if _is_read(name)]
    readable = _is_read(method) and bool(allowed) and "Authorization" not in request.headers
    embeddable = readable and not is_page and request.endpoint != "static"
    response.headers["Cross-Origin-Resource-Policy"] = (
        "cross-origin" if embeddable else "same-origin"
    )
    if not readable:
        return
    response.headers["Access-Control-Allow-Origin"] = "*"
    response.headers["Access-Control-Expose-Headers"] = EXPOSED
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = ", ".join(allowed)
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
        response.headers["Access-Control-Max-Age"] = "86400"


def _allowed_methods() -> list[str]:
    """What this address answers to; of one that does not exist, its errors can be read."""
    found = request.url_rule.methods if request.url_rule else None
    return sorted((found or {"GET", "HEAD"}) - {"OPTIONS"})


def _is_read(method: str) -> bool:
    return method in _READS or (method == "POST" and request.path in _READ_BY_POST)
