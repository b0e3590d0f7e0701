"""The interface described for people: `/docs`, one page made of the OpenAPI document."""

from flask import Blueprint, current_app, render_template

from kg.web.language import language
from kg.web.openapi import describe
from kg.words import read_area

blueprint = Blueprint("docs", __name__)


@blueprint.route("/docs")
def docs() -> str:
    """This interface as a page to read."""
    return render_template(
        "docs.html", document=describe(current_app), t=read_area("docs")[language()]
    )
