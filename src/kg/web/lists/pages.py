"""`/enterprises` to `/sources`: each list as a page and, with a suffix, as a file."""

import io
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from kg.errors import NotAcceptable
from kg.formats import find_format
from kg.web.forms import read_address
from kg.web.language import language
from kg.web.lists.files import GRAPH_SUFFIXES, read_triples, write_csv, write_json
from kg.web.lists.listing import LISTS
from kg.web.lists.table import PAGE_ROWS, View, read_page, read_view
from kg.web.services import services
from kg.web.spreadsheet import defuse, read_excel
from kg.web.triples import send_triples

blueprint = Blueprint("lists", __name__)

SUFFIXES = ("csv", "json", *sorted(GRAPH_SUFFIXES))
"""What a list can be taken home as."""
_FIRST_SHOWN = 8
"""Values of a facet that stand open; the others are one click away."""


def _view(name: str) -> View:
    store, root = services().store(), services().root
    return read_view(store, root, LISTS[name], read_address(), language())


def show(name: str) -> str:
    """The list as a page: what is chosen, 50 rows, and what else can be chosen with counts."""
    view = _view(name)
    page = read_page(request.args.get("page", ""), view.pages)
    return render_template(
        "list.html",
        view=view,
        name=name,
        lists=LISTS,
        rows=view.page(page),
        page=page,
        first=(page - 1) * PAGE_ROWS + 1,
        facets=view.facets(),
        first_shown=_FIRST_SHOWN,
        suffixes=SUFFIXES,
        sparql="/sparql?" + urlencode({"query": view.query}),
    )


def send(name: str, suffix: str) -> Response:
    """The whole list as a file, not only a page of it. Raises NotAcceptable naming the known ones."""
    if suffix not in SUFFIXES:
        raise NotAcceptable(f"no list as {suffix!r}; known: {', '.join(SUFFIXES)}")
    view, store = _view(name), services().store()
    if suffix in GRAPH_SUFFIXES:
        return send_triples(read_triples(view, store), find_format(suffix, "graph"))
    if suffix == "json":
        return Response(write_json(view, store.release), content_type="application/json")
    text = write_csv(view)
    if not read_excel(request.args.get("excel")):
        return Response(text, content_type="text/csv; charset=utf-8")
    response = Response(defuse(io.BytesIO(text.encode())), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return response


def _add(name: str) -> None:
    """The two addresses of a list, each a route of its own, so that the interface describes them."""
    page: dict[str, Any] = {"defaults": {"name": name}, "endpoint": name}
    blueprint.add_url_rule(f"/{name}", view_func=show, **page)
    blueprint.add_url_rule(
        f"/{name}.<suffix>",
        view_func=send,
        defaults={"name": name},
        endpoint=f"{name}_file",
    )


for _name in LISTS:
    _add(_name)
