"""What the routes of the analyses take and answer with; a part of `operations`."""

from typing import Final

from kg.analysis.registry import ANALYSES, MAX_DIGITS, Analysis
from kg.analysis.registry import Parameter as AnalysisParameter
from kg.formats import formats_for
from kg.web.parameters import (
    EXCEL,
    GRAPHS,
    HTML,
    JSON,
    LANG,
    TEXT,
    TYPES,
    Operation,
    Parameter,
    Schema,
    describe_object,
)
from kg.words import words

_BELOW: Final = 10 ** (MAX_DIGITS - 1)
"""Leaves room for a sign."""
_SUFFIXES: Final[Schema] = {
    "enum": ["json", "csv", *(format.suffix for format in formats_for("graph"))]
}


def _analysis_operations(analysis: Analysis) -> dict[str, Operation]:
    """The page of an analysis and its files."""
    parameters = tuple(
        Parameter(
            p.name, words("en", f"analysis.param_{p.name}"), _schema_of(p), repeated=p.several
        )
        for p in analysis.parameters
    )
    schema = describe_object("analysis release as_of rows", analysis=TEXT, release=TEXT, as_of=TEXT)
    return {
        f"/analyses/{analysis.name}": Operation((HTML,), (*parameters, LANG), not_found=True),
        f"/analyses/{analysis.name}.<suffix>": Operation(
            (*GRAPHS, JSON, "text/csv"),
            (*parameters, EXCEL, LANG),
            schema=schema,
            path=(("suffix", _SUFFIXES),),
            not_found=True,
        ),
    }


def _schema_of(parameter: AnalysisParameter) -> Schema:
    if parameter.choices:
        return {"enum": [*parameter.choices, ""]}
    if parameter.long:  # a table with heads: what is right cannot be said by a pattern
        return {"enum": [parameter.default, ""]}
    if parameter.type == "integer":
        return {"type": "integer", "minimum": 1 - _BELOW, "maximum": _BELOW - 1}
    return TYPES[parameter.type]


ANALYSIS_OPERATIONS: Final[dict[str, Operation]] = {
    "/analyses": Operation((HTML,), (LANG,)),
    **{rule: row for one in ANALYSES.values() for rule, row in _analysis_operations(one).items()},
}
