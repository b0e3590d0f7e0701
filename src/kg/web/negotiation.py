"""Which format a request asks for: `format=`, then Accept.

Werkzeug's own `best_match` answers None for `text/turtle; charset=utf-8` (3.1.9, measured), so it
splits the header here and `formats.negotiate` matches.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import get_args

from flask import request
from werkzeug.http import parse_list_header, parse_options_header

from kg.errors import AcceptMalformed
from kg.formats import FORMATS, Format, Kind, find_format, negotiate

_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")

_KEPT_LENGTH = 1000
"""Longer headers are read anew each time, so that what is kept stays small."""


@dataclass(frozen=True)
class Accepted:
    """What an Accept header accepts."""

    formats: Mapping[Kind, Format | None]
    """The format for an answer of each kind; None: not acceptable."""
    html: bool
    """Whether a page suits the client better than anything else that it names."""


def accepted() -> Accepted:
    """What the request accepts. Raises AcceptMalformed."""
    header = request.headers.get("Accept", "")
    return read_accept(header) if len(header) <= _KEPT_LENGTH else read_accept.__wrapped__(header)


@lru_cache(maxsize=1000)
def read_accept(header: str) -> Accepted:
    """What the header accepts. Raises AcceptMalformed for a quality that is no number from 0 to 1."""
    ranges = []
    for item in parse_list_header(header):
        name, options = parse_options_header(item)
        quality = options.get("q", "1").strip()
        if not _QUALITY.fullmatch(quality):
            raise AcceptMalformed(f"Accept: quality {quality!r} is not a number from 0 to 1")
        if "/" in name:
            ranges.append((name.lower(), float(quality)))
    named = dict(ranges)
    html = named.get("text/html", 0.0)
    rivals = [
        named.get(name, 0.0) for format in FORMATS for name in (format.media_type, *format.aliases)
    ]
    formats = {kind: negotiate(ranges, kind) for kind in get_args(Kind)}
    return Accepted(formats, html > max(rivals))


def wanted_format(kind: Kind, name: str | None = None) -> Format | None:
    """The format for an answer of this kind: the one named, else by Accept; None: not acceptable."""
    return find_format(name, kind) if name else accepted().formats[kind]


def wants_html() -> bool:
    """Whether a page suits the client better than anything else that it names.

    Only a client that names `text/html` gets pages; `*/*` alone is a program.
    """
    if request.args.get("format"):
        return False
    try:
        return accepted().html
    except AcceptMalformed:
        return False
