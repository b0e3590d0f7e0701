"""The web application: `create_app` and what every response carries."""

from flask import Flask, Response, request
from flask.json.provider import DefaultJSONProvider

from kg.errors import BadRequest
from kg.settings import Settings
from kg.web import access, admission, explorer, export, ontology, pages, problems, resources, sparql
from kg.web.services import Services

_PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; frame-src 'self'; frame-ancestors 'self'; "
    "base-uri 'none'; form-action 'self'"
)
_DATA_POLICY = "default-src 'none'; sandbox"
_HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "ETag, Link, Location, Retry-After, X-KG-Release, X-KG-Truncated",
}


def create_app(settings: Settings | None = None) -> Flask:
    """The application over the current release. Raises ReleaseUnknown where there is none."""
    settings = settings or Settings.from_environment()
    app = Flask(__name__)
    app.config["MAX_CONTENT_LENGTH"] = settings.max_body_bytes
    assert isinstance(app.json, DefaultJSONProvider)
    app.json.ensure_ascii = False  # a Chinese character is 3 bytes, not 6
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True}
    access.open_log(settings)
    app.extensions["kg"] = Services(settings)
    problems.init_app(app)
    admission.init_app(app)
    for module in (pages, sparql, export, resources, ontology, explorer):
        app.register_blueprint(module.blueprint)
    app.before_request(_check_host)
    app.after_request(_finish)
    return app


def _check_host() -> None:
    """The host stands in the service description and is the base of relative IRIs."""
    if not request.host:
        raise BadRequest("the Host header names no host")


def _finish(response: Response) -> Response:
    """The headers that every response carries; pages get the policy that lets own scripts run."""
    for name, value in _HEADERS.items():
        response.headers.setdefault(name, value)
    is_page = response.mimetype == "text/html"
    response.headers.setdefault(
        "Content-Security-Policy", _PAGE_POLICY if is_page else _DATA_POLICY
    )
    response.vary.add("Accept")
    if request.method == "OPTIONS":
        response.headers["Access-Control-Allow-Methods"] = response.headers.get("Allow", "GET")
        response.headers["Access-Control-Allow-Headers"] = "Accept, Content-Type, If-None-Match"
    return response
