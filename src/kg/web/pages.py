"""What programs that run the server ask it: published limits, liveness, readiness, measurements."""

import json
import os

from flask import Blueprint, Response, jsonify

from kg.web import metrics
from kg.web.answers import evaluate
from kg.web.limits import read_limits
from kg.web.services import services

blueprint = Blueprint("pages", __name__)


@blueprint.route("/limits")
def limits() -> Response:
    """The limits in force, from the settings that enforce them."""
    found = read_limits(services().settings)
    return jsonify(
        {limit.name: {"value": limit.value, "meaning": limit.meaning} for limit in found}
    )


@blueprint.route("/healthz")
def healthz() -> Response:
    """Alive: this process answers."""
    return jsonify({"status": "ok", "process": os.getpid()})


@blueprint.route("/metrics")
def measured() -> Response:
    """Everything measured so far, in the format of Prometheus."""
    found = services()
    text = metrics.exposition(found.pool.count(), found.store().release, len(found.budget.seconds))
    response = Response(text, content_type=metrics.CONTENT_TYPE)
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/readyz")
def readyz() -> Response:
    """Ready: a query worker answers from the release."""
    with evaluate("ASK { ?s ?p ?o }", {"boolean": "json"}).file as file:
        ready = json.load(file)["boolean"]
    return jsonify({"status": "ready" if ready else "empty", "release": services().store().release})
