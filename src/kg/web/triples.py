"""Triples as a response."""

import io

import pyoxigraph as ox
from flask import Response

from kg.formats import Format, namespaces_in, write_triples
from kg.namespaces import PREFIXES


def send_triples(triples: list[ox.Triple], format: Format) -> Response:
    """The triples as a response, with the pinned prefixes they use."""
    lines = "\n".join(f"{triple.subject} {triple.predicate} {triple.object}" for triple in triples)
    namespaces = namespaces_in(lines.encode())
    output = io.BytesIO()
    used = {prefix: iri for prefix, iri in PREFIXES.items() if iri in namespaces}
    write_triples(triples, output, format, used)
    return Response(output.getvalue(), content_type=format.content_type)
