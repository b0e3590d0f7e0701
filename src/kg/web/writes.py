"""Who may write, and SPARQL Update: https://www.w3.org/TR/sparql11-protocol/#update-operation.

Writes carry a bearer token in a header, which no form of another site can set, and cookies play no
part. The token itself is nowhere kept: its digest is compared in constant time.
"""

import hmac
import uuid
from dataclasses import replace
from typing import Final
from urllib.parse import urlsplit

from flask import Blueprint, Response, request

from kg.errors import (
    OriginForbidden,
    QueryAndUpdate,
    QueryMissing,
    QueryRepeated,
    TokenInvalid,
    TokenMissing,
    UpdatesOff,
)
from kg.release.write_request import Kind, WriteAnswer, WriteRequest
from kg.settings import hash_token
from kg.web.forms import check_iris, read_operation
from kg.web.services import services

blueprint = Blueprint("writes", __name__)

_AGENT: Final = "X-KG-Agent"
_COMMENT: Final = "X-KG-Comment"
_MAX_NOTE: Final = 200


def check_writer() -> None:
    """Lets a request write, or raises UpdatesOff, OriginForbidden, TokenMissing or TokenInvalid."""
    settings = services().settings
    known = settings.write_token
    if not known or settings.store:  # another server's graph is written there
        raise UpdatesOff("updates are off; this graph changes with its files")
    origin = request.headers.get("Origin")
    if origin is not None and urlsplit(origin).netloc != request.host:
        raise OriginForbidden(
            f"a write from {origin[:100]!r}; only this site's own pages may send one"
        )
    kind, _, token = request.headers.get("Authorization", "").partition(" ")
    if kind.lower() != "bearer" or not token.strip():
        raise TokenMissing("writing needs the header 'Authorization: Bearer <token>'")
    if not hmac.compare_digest(hash_token(_sent(token.strip())), known):
        raise TokenInvalid("the bearer token is not the one that may write here")


def _sent(text: str) -> str:
    """The header's bytes as UTF-8; WSGI hands them over as Latin-1."""
    return text.encode("latin-1", "replace").decode("utf-8", "replace")


def make_request(kind: Kind, **values: str) -> WriteRequest:
    """The write of this HTTP request, with who sent it and why where the client says so."""
    return WriteRequest(
        kind=kind,
        base_iri=request.base_url,
        id=uuid.uuid4().hex,
        content_type=request.content_type or "",
        agent=_note(_AGENT),
        comment=_note(_COMMENT),
        **values,  # type: ignore[arg-type]  # the lists have defaults
    )


def _note(header: str) -> str:
    text = _sent(request.headers.get(header, ""))
    return "".join(character for character in text if character.isprintable())[:_MAX_NOTE]


def answer_write(answer: WriteAnswer, status: int) -> Response:
    """An empty response that names the release which holds the write."""
    response = Response(status=status)
    response.headers["X-KG-Release"] = answer.release
    response.headers["Cache-Control"] = "no-store"
    return response


@blueprint.route("/sparql/update", methods=["POST"])
def update() -> Response:
    """Applies an update, 204; each one that changes anything is a release."""
    check_writer()
    pairs = read_operation("update")
    names = [name for name, _ in pairs]
    if "query" in names:
        raise QueryAndUpdate("'query' is not taken here; this address takes updates only")
    if names.count("update") > 1:
        raise QueryRepeated(f"{names.count('update')} values of 'update'; exactly one is taken")
    text = dict(pairs).get("update", "")
    if not text.strip():
        raise QueryMissing(
            "no update; send it as 'update' or as a body of application/sparql-update"
        )
    using = [value for name, value in pairs if name == "using-graph-uri"]
    using_named = [value for name, value in pairs if name == "using-named-graph-uri"]
    check_iris(*using, *using_named)
    wanted = make_request("update", update=text)
    wanted = replace(wanted, using=using, using_named=using_named)
    return answer_write(services().writer.write(wanted), 204)
