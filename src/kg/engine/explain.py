"""What an engine's error means, in words a person can act on."""

import difflib
import re
from typing import Final

from kg.engine.limits import find_undeclared_prefix
from kg.engine.request import QueryAnswer
from kg.errors import (
    EvaluationFailed,
    KgError,
    NotAcceptable,
    ResultTooLarge,
    ServiceForbidden,
    StorageFull,
    StoreFailed,
    SyntaxInvalid,
    Unwritable,
    WorkerFailed,
)
from kg.formats import Kind, formats_for
from kg.namespaces import PREFIXES

_PLACE: Final = re.compile(r"error at (\d+):(\d+): ?(?:expected )?(?:one of )?(.*)", re.DOTALL)
_ITEM: Final = re.compile(r"""("(?:[^"\\]|\\.)*"|\[[^\]]*\][^,]*|[^,]+)(?:, |$)""")
_MAX_EXPECTED: Final = 12
"""The engine lists every token it could take, pages of character ranges; more than this is noise."""


def error_of(answer: QueryAnswer, query: str) -> KgError:
    """The error that an answer reports."""
    if answer.error == "syntax":
        return explain_syntax(answer.detail, query)
    if answer.error == "not_acceptable":
        return not_acceptable(answer.kind)
    if answer.error == "unwritable":
        return Unwritable(
            f"this result cannot be written as {answer.detail}; ask for JSON or Turtle"
        )
    if answer.error == "result_too_large":
        return ResultTooLarge(
            "the result is too large in this format; ask for fewer rows or columns"
        )
    if answer.error == "service_forbidden":
        return ServiceForbidden("a SERVICE of this query names no server that may be reached")
    if answer.error == "store_failed":
        return StoreFailed(answer.detail)
    if answer.error == "storage_full":
        return StorageFull("the disk is full: there is no room for a result of this length")
    if answer.error == "worker_failed":
        return WorkerFailed(
            f"the query could not be evaluated for a reason of this server's own: {answer.detail}"
        )
    return EvaluationFailed(f"the query could not be evaluated: {answer.detail}")


def not_acceptable(kind: str) -> NotAcceptable:
    """The 406 for an answer of this kind, listing what is offered."""
    kinds: dict[str, Kind] = {"table": "table", "boolean": "boolean", "graph": "graph"}
    offered = ", ".join(format.media_type for format in formats_for(kinds[kind]))
    return NotAcceptable(f"none of the accepted media types can carry a {kind}; offered: {offered}")


def explain_syntax(message: str, query: str) -> SyntaxInvalid:
    """The engine's message with line, column, the line itself and a caret under the place.

    The engine calls an undeclared prefix "expected OPTIONAL", so prefixes are looked at first.
    """
    undeclared = find_undeclared_prefix(query)
    if undeclared:
        prefix, offset = undeclared
        line = query.count("\n", 0, offset) + 1
        column = offset - (query.rfind("\n", 0, offset) + 1) + 1
        return _at(line, column, _explain_prefix(prefix), query)
    found = _PLACE.search(message)
    if not found:
        return SyntaxInvalid(f"the query does not parse: {message[:200]}")
    return _at(int(found[1]), int(found[2]), _explain_expected(found[3]), query)


def _at(line: int, column: int, reason: str, query: str) -> SyntaxInvalid:
    lines = query.split("\n")
    text = lines[line - 1] if line <= len(lines) else ""
    start = max(0, column - 60)
    excerpt = f"{text[start : start + 100]}\n{' ' * (column - 1 - start)}^"
    detail = f"line {line}, column {column}: {reason}"
    return SyntaxInvalid(detail, line=line, column=column, excerpt=excerpt)


def _explain_prefix(prefix: str) -> str:
    if prefix in PREFIXES:
        return f"prefix {prefix!r} is not declared; add: PREFIX {prefix}: <{PREFIXES[prefix]}>"
    near = difflib.get_close_matches(prefix, PREFIXES, n=1)
    hint = f"; did you mean {near[0]!r}, PREFIX {near[0]}: <{PREFIXES[near[0]]}>" if near else ""
    return f"prefix {prefix!r} is not declared{hint}"


def _explain_expected(listing: str) -> str:
    """The engine's list of expected tokens, without character ranges; its own sentences first."""
    items: list[str] = [item.strip() for item in _ITEM.findall(" ".join(listing.split()))]
    sentences = [item for item in items if item[:1].isupper() and " " in item]
    if sentences:
        return sentences[0]
    tokens = [item.replace('\\"', '"') for item in items if item and not item.startswith("[")]
    if not tokens:
        return "not expected here"
    more = " …" if len(tokens) > _MAX_EXPECTED else ""
    return f"expected one of {' '.join(tokens[:_MAX_EXPECTED])}{more}"
