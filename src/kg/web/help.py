"""The help page: what the graph is, how to ask, how to read a figure, how to cite, keys and limits."""

from flask import Blueprint, render_template

from kg.queries import find_part, get_query
from kg.release.manifest import Manifest
from kg.web.citation import write_bibtex, write_gbt7714
from kg.web.language import language
from kg.web.limits import read_limits
from kg.web.services import services

blueprint = Blueprint("help", __name__)

_EXAMPLES = ("suppliers-and-customers", "city-race", "conflicts")
SECTIONS = ("browse", "ask", "read", "trust", "cite", "take", "keys", "limits")
"""Sections in order; `help.<name>` is the heading, `help.<name>_1` and so on its paragraphs."""


@blueprint.route("/help")
def help_page() -> str:
    """How to browse, ask, read, cite and take home, and the limits in force."""
    found, lang = services(), language()
    store = found.store()
    manifest = Manifest.of(store)
    levels = find_part(found.root, "pages", "levels").bind({"lang": [lang]})
    return render_template(
        "help.html",
        sections=SECTIONS,
        examples=[get_query(found.root, name) for name in _EXAMPLES],
        levels=[
            {name: getattr(term, "value", "") for name, term in row.items()}
            for row in store.rows(levels)
        ],
        bibtex=write_bibtex(store.release, manifest.data_date),
        gbt7714=write_gbt7714(store.release, manifest.data_date),
        limits=list(read_limits(found.settings)),
    )
