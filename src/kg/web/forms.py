"""Parameters of a request, decoded strictly and once.

Werkzeug would turn an undecodable form into an empty one and a bad `%FF` into that text, both
without a word.
"""

from urllib.parse import parse_qsl

from flask import request

from kg.errors import EncodingInvalid, ParameterInvalid

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


def read_address() -> dict[str, list[str]]:
    """The parameters of the address, all values of a name in order."""
    values: dict[str, list[str]] = {}
    for name, value in decode_form(request.query_string):
        values.setdefault(name, []).append(value)
    return values
