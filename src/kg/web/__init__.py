"""The web application: `create_app`."""

from flask import Flask, request
from flask.json.provider import DefaultJSONProvider

from kg.errors import BadRequest
from kg.settings import Settings
from kg.web import (
    access,
    admission,
    analyses,
    docs,
    downloads,
    explorer,
    export,
    frame,
    graph_store,
    headers,
    help,
    hints,
    network_files,
    ontology,
    openapi,
    overview,
    overview_files,
    pages,
    problems,
    questions,
    reconcile,
    resources,
    search,
    search_files,
    sparql,
    writes,
)
from kg.web.lists import pages as lists
from kg.web.services import Services
from kg.web.things import conflicts, files
from kg.web.wsgi import REFUSAL


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
    app.before_request(_refuse)
    for module in (
        overview,
        overview_files,
        questions,
        pages,
        sparql,
        writes,
        graph_store,
        downloads,
        export,
        resources,
        files,
        conflicts,
        ontology,
        explorer,
        network_files,
        analyses,
        search,
        search_files,
        reconcile,
        openapi,
        docs,
        help,
        lists,
    ):
        app.register_blueprint(module.blueprint)
    app.before_request(_check_host)
    frame.init_app(app)
    headers.init_app(app)
    hints.init_app(app)
    return app


def _refuse() -> None:
    """Answers for the front, which knows no formats: a body too long or too slow, no free thread."""
    if error := request.environ.get(REFUSAL):
        raise error


def _check_host() -> None:
    """The host stands in the service description and is the base of relative IRIs."""
    if not request.host:
        raise BadRequest("the Host header names no host")
