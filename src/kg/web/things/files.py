"""What the page of a thing shows, as files: `/facts/…`."""

import csv
import io
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from flask import Blueprint, Response, request

from kg.errors import NotFound
from kg.formats import find_format
from kg.namespaces import BASE
from kg.web.spreadsheet import defuse
from kg.web.things.kinds import find_kind
from kg.web.things.page import SUFFIXES
from kg.web.things.rows import COLUMNS, fact_row
from kg.web.things.subject import read_subject
from kg.web.triples import send_triples

blueprint = Blueprint("things", __name__)

_PART: Final = "part"
"""The column of CSV that says whether a row is a fact of the thing or of a record beside these."""


@blueprint.get("/facts/<path:path>")
def facts(path: str) -> Response:
    """What the page of a thing shows, as a file. Raises NotFound for an unknown suffix."""
    stem, _, suffix = path.rpartition(".")
    check_suffix(suffix if stem else "")
    iri = BASE + stem
    subject = read_subject(iri, find_kind(iri))
    rows, related = (list(map(fact_row, found)) for found in (subject.facts, subject.related()))
    if suffix == "csv":
        parts = [
            row | {_PART: name}
            for name, found in (("fact", rows), ("related", related))
            for row in found
        ]
        return send_csv((*COLUMNS, _PART), parts)
    if suffix == "json":
        name = subject.statements.label(iri)
        said = {"thing": iri, "name": name, "total": subject.total, "page": subject.page}
        return send_json(said | {"pages": subject.pages, "facts": rows, "related": related})
    return send_triples(subject.triples, find_format(suffix, "graph"))


def check_suffix(suffix: str) -> None:
    """Raises NotFound for a suffix that pages have no file of."""
    if suffix not in SUFFIXES:
        raise NotFound(f"{request.path!r} ends in none of: {', '.join(SUFFIXES)}")


def send_csv(columns: Sequence[str], rows: Iterable[Mapping[str, str]]) -> Response:
    """Rows as CSV that a spreadsheet opens without running anything."""
    text = io.StringIO()
    writer = csv.DictWriter(text, columns)
    writer.writeheader()
    writer.writerows(rows)
    body = b"".join(defuse(io.BytesIO(text.getvalue().encode())))
    return Response(body, content_type="text/csv; charset=utf-8")


def send_json(said: Mapping[str, object]) -> Response:
    """An object as JSON to read."""
    return Response(json.dumps(said, ensure_ascii=False, indent=1), mimetype="application/json")
