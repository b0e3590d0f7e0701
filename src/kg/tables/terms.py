"""Texts, addresses and literals from the values of a row: https://www.w3.org/TR/csv2rdf/.

A template whose variables are not all there gives nothing.
"""

import hashlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyoxigraph as ox
import uritemplate

from kg.namespaces import PREFIXES, expand
from kg.tables.mapping import Column, TableGroup
from kg.traditional import to_traditional

_NAME: Final = re.compile(r"\{([^{}]+)\}")

Values = dict[str, Any]
"""Value of each variable: text, a typed value, or a list of them; None where there is none."""


def describe(group: TableGroup) -> set[ox.Triple]:
    """What the mapping says of the graph or scheme that it makes: its common properties."""
    subject = ox.NamedNode(group.iri)
    return {
        ox.Triple(subject, ox.NamedNode(_address(key)), _json_ld(value))
        for key, given in group.annotations.items()
        for value in (given if isinstance(given, list) else [given])
    }


def emit(column: Column, values: Values) -> Iterator[ox.Triple]:
    """The triples of one cell, none where it is empty or its output is suppressed."""
    described = column.described
    if described.suppressOutput or described.inherit("propertyUrl") is None:
        return
    value = values.get(column.name)
    if value in (None, "", []) and (not column.virtual or column.template):
        return
    subject = _expand(described.inherit("aboutUrl"), values)
    predicate = _expand(described.inherit("propertyUrl"), values)
    for item in value if isinstance(value, list) else [value]:
        object_ = _object(column, item, values)
        if subject and predicate and object_:
            yield ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), object_)


def fill(template: str | None, values: Values) -> str | None:
    """The text of a template, None where one of its names has no value; nothing is encoded."""
    names = _NAME.findall(template or "")
    if template is None or any(values.get(name) in (None, "") for name in names):
        return None
    return _NAME.sub(lambda match: str(values[match[1]]), template)


def apply_step(step: Mapping[str, Any], text: str) -> str:
    """One step of `kg:derive`."""
    if "replace" in step:
        pattern, replacement = step["replace"]
        return re.sub(pattern, replacement, text)
    if "digest" in step:
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()[: step["digest"]]
    if "plain" in step:
        return _plain(text)
    return to_traditional(text)


def _plain(text: str) -> str:
    try:
        return format(Decimal(text), "f")
    except InvalidOperation as error:
        raise ValueError(f"{text!r} is not a number") from error


def _object(column: Column, item: Any, values: Values) -> ox.NamedNode | ox.Literal | None:
    template = column.described.inherit("valueUrl")
    if template is not None:
        iri = _expand(template, values | {column.name: item})
        return ox.NamedNode(iri) if iri else None
    if item is None:
        return None
    base = column.described.inherit("datatype")
    language = column.described.inherit("lang")
    if base is None or base.base == "string":
        if language != "und":
            return ox.Literal(str(item), language=language)
        return ox.Literal(str(item))
    return ox.Literal(_lexical(item, base), datatype=ox.NamedNode(expand(f"xsd:{base.base}")))


def _lexical(value: Any, datatype: Any) -> str:  # Any: what csvw makes of a cell
    """The lexical form of XSD, whatever format the cell had."""
    if isinstance(value, datetime) and datatype.base == "date":
        return value.date().isoformat()
    if isinstance(value, bool):
        return str(value).lower()
    return str(value)


def _expand(template: Any, values: Values) -> str | None:  # Any: csvw.URITemplate
    """The address, None where a variable of the template has no value."""
    names = uritemplate.variables(template.uri)
    if any(values.get(name) in (None, "") for name in names):
        return None
    return _address(template.expand(**{name: str(values[name]) for name in names}))


def _address(text: str) -> str:
    prefix, colon, local = text.partition(":")
    return PREFIXES[prefix] + local if colon and prefix in PREFIXES else text


def _json_ld(value: Any) -> ox.NamedNode | ox.Literal:
    """A value of a common property: https://www.w3.org/TR/tabular-metadata/#common-properties."""
    if not isinstance(value, dict):
        if isinstance(value, bool):
            return ox.Literal(str(value).lower(), datatype=ox.NamedNode(expand("xsd:boolean")))
        return ox.Literal(value)
    if "@id" in value:
        return ox.NamedNode(_address(value["@id"]))
    if "@language" in value:
        return ox.Literal(value["@value"], language=value["@language"])
    return ox.Literal(value["@value"], datatype=ox.NamedNode(_address(value["@type"])))
