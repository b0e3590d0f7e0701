"""The hits of a search as a file: `/search.json` and others, with the parameters of the page."""

from typing import Final

from flask import Blueprint, Response

from kg.formats import find_format
from kg.search.lines import describe
from kg.web.language import language
from kg.web.search import PAGE_SIZE, read_asked
from kg.web.services import services
from kg.web.things.files import check_suffix, send_csv, send_json
from kg.web.things.subject import bind
from kg.web.triples import send_triples

blueprint = Blueprint("search_files", __name__)

COLUMNS: Final = ("rank", "iri", "label", "type", "where", "matched", "how")


@blueprint.get("/search.<suffix>")
def search_file(suffix: str) -> Response:
    """The hits of one page as rows, or what the graph calls these things. Raises NotFound for an unknown suffix."""
    check_suffix(suffix)
    index, lang = services().labels(), language()
    asked = read_asked(index, lang)
    found, first = asked.found, (asked.page - 1) * PAGE_SIZE + 1
    if suffix not in ("csv", "json"):
        iris = [hit.iri for hit in found.hits]
        triples = services().store().triples(bind("hits", iris)) if iris else []
        return send_triples(triples, find_format(suffix, "graph"))
    rows = [
        dict(zip(COLUMNS, (str(rank), line.iri, line.label, line.type, line.where, line.matched, line.way), strict=True))
        for rank, line in enumerate(describe(index, found.hits, lang), start=first)
    ]  # fmt: skip
    if suffix == "csv":
        return send_csv(COLUMNS, rows)
    said = {"query": asked.text, "where": asked.where, "total": found.total, "more": found.is_more}
    return send_json(said | {"page": asked.page, "notices": asked.notices, "hits": rows})
