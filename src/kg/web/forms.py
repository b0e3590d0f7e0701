"""Parameters of a request, decoded strictly and once.

Werkzeug would turn an undecodable form into an empty one and a bad `%FF` into that text, both
without a word.
"""

from urllib.parse import parse_qsl

import pyoxigraph as ox
from flask import request

from kg.errors import BodyTooLarge, EncodingInvalid, MediaTypeUnsupported, ParameterInvalid

Pairs = list[tuple[str, str]]
_MAX_PARAMETERS = 1000


def decode(body: bytes) -> str:
    """UTF-8 text, without the mark that some programs put in front. Raises EncodingInvalid."""
    try:
        return body.decode().removeprefix("\ufeff")
    except UnicodeDecodeError as error:
        raise EncodingInvalid("the request is not valid UTF-8") from error


def decode_form(text: bytes) -> Pairs:
    """The pairs of a query string or form, in order. Raises EncodingInvalid and ParameterInvalid."""
    try:
        pairs = parse_qsl(
            decode(text), keep_blank_values=True, errors="strict", max_num_fields=_MAX_PARAMETERS
        )
    except UnicodeDecodeError as error:
        raise EncodingInvalid("the request is not valid UTF-8 after percent-decoding") from error
    except ValueError as error:
        raise ParameterInvalid(f"more than {_MAX_PARAMETERS:,} parameters") from error
    return [(name, value.removeprefix("\ufeff")) for name, value in pairs]


def read_operation(name: str) -> Pairs:
    """The parameters of a SPARQL operation, in order: those of the URL, and of a form or the direct body.

    `name` is query or update: https://www.w3.org/TR/sparql11-protocol/#protocol. Raises
    MediaTypeUnsupported, BodyTooLarge and EncodingInvalid.
    """
    pairs = decode_form(request.query_string)
    if request.method != "POST":
        return pairs
    refuse_encoded()
    body = request.get_data(cache=False)
    most = request.max_content_length or 0
    if request.content_length is None and len(body) >= most:  # a chunked body is cut there
        raise BodyTooLarge(f"the body is over {most:,} bytes")
    if request.mimetype == "application/x-www-form-urlencoded":
        return pairs + decode_form(body)
    if request.mimetype == f"application/sparql-{name}":
        return [*pairs, (name, decode(body))]
    raise MediaTypeUnsupported(
        f"Content-Type {request.mimetype!r}; taken: application/x-www-form-urlencoded, "
        f"application/sparql-{name}"
    )


def refuse_encoded() -> None:
    """Raises MediaTypeUnsupported for a body that is compressed or not in UTF-8."""
    charset = request.mimetype_params.get("charset", "utf-8").lower()
    if charset not in ("utf-8", "utf8"):
        raise MediaTypeUnsupported(f"charset {charset!r}; only UTF-8 is taken")
    if request.content_encoding:
        raise MediaTypeUnsupported(f"Content-Encoding {request.content_encoding!r}; none is taken")


def check_iris(*texts: str) -> None:
    """Raises ParameterInvalid for a graph that is not an absolute IRI."""
    for text in texts:
        try:
            ox.NamedNode(text)
        except ValueError as error:
            raise ParameterInvalid(f"graph {text!r} is not an absolute IRI") from error


def read_address() -> dict[str, list[str]]:
    """The parameters of the address, all values of a name in order."""
    values: dict[str, list[str]] = {}
    for name, value in decode_form(request.query_string):
        values.setdefault(name, []).append(value)
    return values
