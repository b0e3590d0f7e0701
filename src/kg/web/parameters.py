"""What the description of the interface is made of: parameters, operations, and those that recur."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kg.formats import Format, formats_for
from kg.web.language import LANGUAGES

Schema = dict[str, Any]  # Any: JSON

TEXT: Final[Schema] = {"type": "string"}
IRI: Final[Schema] = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9]*:[A-Za-z0-9/._-]*(#[A-Za-z0-9/._-]*)?$",
}
"""An absolute IRI, or a prefixed name such as `pl:shenzhen`."""

TYPES: Final[dict[str, Schema]] = {
    "iri": IRI | {"pattern": f"^$|{IRI['pattern']}"},  # empty leaves the default
    "string": TEXT,
    "integer": {"type": "integer"},
    "decimal": {"type": "string", "pattern": "^[+-]?[0-9]+(\\.[0-9]+)?$"},
    "date": {"type": "string", "format": "date"},
}
"""Of the types that a saved query's parameter may have."""

HTML: Final = "text/html"
JSON: Final = "application/json"
TABLES: Final = tuple(format.media_type for format in formats_for("table"))
GRAPHS: Final = tuple(format.media_type for format in formats_for("graph"))


@dataclass(frozen=True)
class Parameter:
    """One parameter of an address."""

    name: str
    summary: str
    schema: Schema
    repeated: bool = False
    """Whether it may stand several times."""


LANG: Final = Parameter(
    "lang",
    "Language of labels, before the Accept-Language header",
    TEXT | {"examples": list(LANGUAGES)},
)
TIMEOUT: Final = Parameter(
    "timeout",
    "Deadline in seconds, where it is lower than the published one",
    {"type": "number", "minimum": 0.1, "maximum": 999_999},
)
EXCEL: Final = Parameter(
    "excel",
    "1: CSV that a spreadsheet may open, no cell of which it takes for a formula",
    {"enum": ["0", "1", ""]},
)
PAGE: Final = Parameter(
    "page", "Which page of the facts, from 1", {"type": "integer", "minimum": 1}
)
QUERY: Final = Parameter("query", "SPARQL 1.1 query; without one, the service description", TEXT)
DATASET: Final = (
    Parameter("default-graph-uri", "Graph that belongs to the default graph", IRI, repeated=True),
    Parameter("named-graph-uri", "Graph that GRAPH can name", IRI, repeated=True),
)
UPDATE: Final = Parameter("update", "SPARQL 1.1 Update", TEXT)
USING: Final = (
    Parameter("using-graph-uri", "Graph of the default graph of WHERE", IRI, repeated=True),
    Parameter("using-named-graph-uri", "Graph that GRAPH in WHERE can name", IRI, repeated=True),
)


def format_parameter(formats: Iterable[Format]) -> Parameter:
    """`format=` with the names that mean something; empty is the same as absent."""
    names = [format.name for format in formats]
    return Parameter("format", "Name of a format, before the Accept header", {"enum": [*names, ""]})


@dataclass(frozen=True)
class Operation:
    """What one route takes and gives."""

    answers: tuple[str, ...] = ("*/*",)
    """Media types of a successful answer."""
    parameters: tuple[Parameter, ...] = ()
    schema: Schema | None = None
    """Of the answer as JSON."""
    path: tuple[tuple[str, Schema], ...] = ()
    """What parts of the path may be."""
    redirects: bool = False
    evaluates: bool = False
    """Whether it runs a query in the workers, with their limits."""
    not_found: bool = False
    facets_of: str = ""
    """The browse list whose facets it takes, each as a parameter."""
    form: tuple[Parameter, ...] = ()
    """Fields of a form that POST takes."""
    writes: bool = False
    """Whether its methods other than GET change the graph, which takes the token."""


def describe_object(required: str, **properties: Schema) -> Schema:
    """An object with these properties; `required` lists names, parted by spaces."""
    return {"type": "object", "required": required.split(), "properties": properties}
