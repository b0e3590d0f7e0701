"""Which format a request asks for: `format=`, then Accept.

Werkzeug's own `best_match` answers None for `text/turtle; charset=utf-8` (3.1.9, measured), so it
splits the header here and `formats.negotiate` matches.
"""

import re

from flask import request
from werkzeug.http import parse_list_header, parse_options_header

from kg.errors import AcceptMalformed
from kg.formats import FORMATS, Format, Kind, find_format, negotiate

_QUALITY = re.compile(r"0(\.\d{0,3})?|1(\.0{0,3})?")


def accept_ranges() -> list[tuple[str, float]]:
    """Media ranges of the Accept header with their quality; empty where there is none.

    Raises AcceptMalformed for a quality that is no number from 0 to 1.
    """
    ranges = []
    for item in parse_list_header(request.headers.get("Accept", "")):
        name, options = parse_options_header(item)
        quality = options.get("q", "1").strip()
        if not _QUALITY.fullmatch(quality):
            raise AcceptMalformed(f"Accept: quality {quality!r} is not a number from 0 to 1")
        if "/" in name:
            ranges.append((name.lower(), float(quality)))
    return ranges


def wanted_format(kind: Kind, name: str | None = None) -> Format | None:
    """The format for an answer of this kind: the one named, else by Accept; None: not acceptable."""
    if name:
        return find_format(name, kind)
    return negotiate(accept_ranges(), kind)


def wants_html() -> bool:
    """Whether a page suits the client better than anything else that it names.

    Only a client that names `text/html` gets pages; `*/*` alone is a program.
    """
    if request.args.get("format"):
        return False
    try:
        named = dict(accept_ranges())
    except AcceptMalformed:
        return False
    html = named.pop("text/html", 0.0)
    rivals = [
        named.get(name, 0.0) for format in FORMATS for name in (format.media_type, *format.aliases)
    ]
    return html > max(rivals)
