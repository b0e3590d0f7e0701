"""Errors as RFC 9457 problem documents, or as a page where a browser asks.

https://www.rfc-editor.org/rfc/rfc9457. No path, traceback or engine text of this machine leaves it.
"""

import json

from flask import Flask, Response, current_app, jsonify, render_template, request
from werkzeug.exceptions import HTTPException

from kg.errors import (
    BodyTooLarge,
    Busy,
    KgError,
    MediaTypeUnsupported,
    MethodNotAllowed,
    NotFound,
    list_errors,
)
from kg.web.access import CODE, request_id_of
from kg.web.language import language
from kg.web.negotiation import wants_html
from kg.words import read_area

_OURS: dict[int, type[KgError]] = {
    error.status: error
    for error in (NotFound, MethodNotAllowed, BodyTooLarge, MediaTypeUnsupported)
}
"""Our own error for what Werkzeug raises by itself."""
_HTTP = "http"
"""The code of what has no error of our own."""


def problem_response(
    status: int, code: str, detail: str, extra: dict[str, object] | None = None
) -> Response:
    """The problem as JSON, or as a page for a browser."""
    problem: dict[str, object] = {
        "type": f"/problems/{code}",
        "title": code.replace("_", " "),
        "status": status,
        "detail": detail,
        "instance": request.path,
        "code": code,
        "request_id": request_id_of(request.environ),
        **(extra or {}),
    }
    if wants_html():
        response = Response(render_template("problem.html", problem=problem), status)
    else:
        body = json.dumps(problem, ensure_ascii=False)
        response = Response(body, status, content_type="application/problem+json")
    request.environ[CODE] = code
    response.headers["X-Request-Id"] = str(problem["request_id"])
    response.headers["Cache-Control"] = "no-store"
    return response


def _kind_of_problem(status: int) -> tuple[str, str]:
    """What kind of error it is and what to do, in the reader's language; details stay in English."""
    texts = read_area("problem")[language()]
    known = status if f"title_{status}" in texts else "other"
    return texts[f"title_{known}"], texts[f"do_{known}"]


def _answer_error(error: KgError) -> Response:
    if error.status >= 500 and not isinstance(error, Busy):
        current_app.logger.error("%s: %s", error.code, error.detail)
    response = problem_response(error.status, error.code, error.detail, error.extra)
    if error.status == 401:
        response.headers["WWW-Authenticate"] = 'Bearer realm="writing"'
    if "retry_after" in error.extra:
        response.headers["Retry-After"] = str(error.extra["retry_after"])
    return response


def _answer_http_error(error: HTTPException) -> Response:
    status = error.code or 500
    code = _OURS[status].code if status in _OURS else _HTTP
    response = problem_response(status, code, error.description or error.name)
    for name, value in error.get_headers():
        if name in ("Allow", "Location", "Retry-After"):
            response.headers[name] = value
    if status in (301, 302, 307, 308):
        response.headers["Location"] = error.get_response().headers["Location"]
    return response


def explain(code: str) -> Response:
    """What an error code means: the `type` of every problem document leads here."""
    known = {error.code: (error.status, error.__doc__ or "") for error in list_errors()}
    known[_HTTP] = 400, "HTTP itself does not allow it, as the status says: RFC 9110, section 15.5."
    if code not in known:
        raise NotFound(f"no error has the code {code!r}")
    status, text = known[code]
    meaning = text.partition("\n")[0]
    if wants_html():
        problem = {"title": code, "status": status, "detail": meaning, "code": code}
        return Response(render_template("problem.html", problem=problem))
    return jsonify({"code": code, "status": status, "meaning": meaning})


def init_app(app: Flask) -> None:
    """Registers the handlers, ours and those for what Werkzeug raises, and the words of the pages."""
    app.jinja_env.globals["kind_of_problem"] = _kind_of_problem
    app.add_url_rule("/problems/<code>", view_func=explain)
    app.register_error_handler(KgError, _answer_error)
    app.register_error_handler(HTTPException, _answer_http_error)
