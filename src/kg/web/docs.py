"""The interface described for people: `/docs`, made of the OpenAPI document."""

from flask import Blueprint, current_app, render_template, request

from kg.errors import NotFound
from kg.web.language import language
from kg.web.openapi import describe
from kg.words import read_area

blueprint = Blueprint("docs", __name__)


@blueprint.route("/docs")
def docs() -> str:
    """This interface as a page to read; with `path` one address in full."""
    document, texts = describe(current_app), read_area("docs")[language()]
    path = request.args.get("path", "")
    if not path:
        return render_template("docs.html", document=document, t=texts)
    if path not in document["paths"]:
        raise NotFound(f"the interface has no address {path!r}; /docs lists those there are")
    return render_template("docs_path.html", path=path, item=document["paths"][path], t=texts)
