"""A query as code that runs: what people paste into a terminal, a notebook or a script."""

import shlex
from dataclasses import dataclass
from urllib.parse import urlencode

_R_DASHES = 8
"""How many dashes fence an R raw string at most; a query that holds that fence gets no R code."""


@dataclass(frozen=True)
class Snippet:
    """Code in one language; `name` is what its heading says."""

    name: str
    code: str


def write_snippets(query: str, endpoint: str, *, kind: str) -> list[Snippet]:
    """The query as curl, Python and R; `kind` is `table`, `boolean` or `graph`, as the answer was.

    Each is complete: it asks this endpoint by a form POST, or by GET where a function takes only an
    address, and prints what it gets.
    """
    accept = {"table": "text/csv", "boolean": "application/sparql-results+json"}.get(
        kind, "text/turtle"
    )
    found = [
        Snippet("curl", _curl(query, endpoint, accept)),
        Snippet("Python: SPARQLWrapper", _wrapper(query, endpoint, kind)),
    ]
    if kind == "table":
        found.append(Snippet("Python: pandas", _pandas(query, endpoint)))
    found += _r(query, endpoint, kind)
    return found


def _curl(query: str, endpoint: str, accept: str) -> str:
    return f"curl -sS -H 'Accept: {accept}' --data-urlencode {shlex.quote('query=' + query)} {shlex.quote(endpoint)}"


def _wrapper(query: str, endpoint: str, kind: str) -> str:
    format, show = (
        ("TURTLE", "print(answer.decode())") if kind == "graph" else ("JSON", "print(answer)")
    )
    return f"""from SPARQLWrapper import {format}, POST, SPARQLWrapper

query = {_python(query)}
client = SPARQLWrapper({endpoint!r})
client.setQuery(query)
client.setMethod(POST)
client.setReturnFormat({format})
answer = client.query().convert()
{show}"""


def _pandas(query: str, endpoint: str) -> str:
    return f"""from urllib.parse import urlencode

import pandas

query = {_python(query)}
table = pandas.read_csv({endpoint!r} + "?" + urlencode({{"query": query, "format": "csv"}}))
print(table)"""


def _r(query: str, endpoint: str, kind: str) -> list[Snippet]:
    """With base R only, 4.0 or newer for its raw strings."""
    fence = next(("-" * n for n in range(_R_DASHES + 1) if f'){"-" * n}"' not in query), None)
    if fence is None:
        return []
    format = {"table": "csv", "boolean": "json"}.get(kind, "ttl")
    show = "print(read.csv(address))" if kind == "table" else "writeLines(readLines(address))"
    text = query.replace("\r\n", "\n")
    code = f"""query <- r"{fence}({text}){fence}"
address <- paste0({_r_text(endpoint)}, "?format={format}&query=", URLencode(query, reserved = TRUE))
{show}"""
    return [Snippet("R", code)]


def _r_text(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _python(text: str) -> str:
    """A Python literal: lines stay lines where nothing in the text would end or change them."""
    plain = text.isprintable() or all(char.isprintable() or char == "\n" for char in text)
    if plain and "\\" not in text and '"""' not in text and not text.endswith('"'):
        return f'"""{text}"""'
    return repr(text)


def address_of(endpoint: str, query: str, **more: str) -> str:
    """The query as an address."""
    return f"{endpoint}?{urlencode({'query': query, **more})}"
