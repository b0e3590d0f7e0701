"""What the page of a thing shows, as files: `/facts/…`."""

import csv
import io
import json

from flask import Blueprint, Response, request

from kg.errors import NotFound
from kg.formats import find_format
from kg.namespaces import BASE
from kg.web.resources import send_triples
from kg.web.spreadsheet import defuse
from kg.web.things.facts import COLUMNS, fact_row
from kg.web.things.kinds import find_kind
from kg.web.things.page import SUFFIXES
from kg.web.things.subject import Subject, read_subject

blueprint = Blueprint("things", __name__)


@blueprint.get("/facts/<path:path>")
def facts(path: str) -> Response:
    """What the page of a thing shows, as a file. Raises NotFound for an unknown suffix."""
    stem, _, suffix = path.rpartition(".")
    if not stem or suffix not in SUFFIXES:
        raise NotFound(f"{request.path!r} ends in none of: {', '.join(SUFFIXES)}")
    iri = BASE + stem
    subject = read_subject(iri, find_kind(iri))
    if suffix == "csv":
        return _send_csv(subject)
    if suffix == "json":
        return _send_json(subject)
    return send_triples(subject.triples, find_format(suffix, "graph"))


def _send_csv(subject: Subject) -> Response:
    """Opens in a spreadsheet without running anything."""
    text = io.StringIO()
    writer = csv.DictWriter(text, COLUMNS)
    writer.writeheader()
    writer.writerows(fact_row(fact) for fact in subject.facts)
    body = b"".join(defuse(io.BytesIO(text.getvalue().encode())))
    return Response(body, content_type="text/csv; charset=utf-8")


def _send_json(subject: Subject) -> Response:
    said = {
        "thing": subject.iri,
        "name": subject.statements.label(subject.iri),
        "total": subject.total,
        "page": subject.page,
        "pages": subject.pages,
        "facts": [fact_row(fact) for fact in subject.facts],
    }
    return Response(json.dumps(said, ensure_ascii=False, indent=1), mimetype="application/json")
