"""What the routes themselves do not say of an operation: its parameters and what it answers with.

One row a route, by its rule. A route without a row is described by its rule and its docstring alone.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from kg.formats import FORMATS, Format, formats_for
from kg.search.ways import WAYS
from kg.web.frame import THEMES
from kg.web.language import LANGUAGES
from kg.web.lists.listing import LISTS
from kg.web.views import VIEWS

Schema = dict[str, Any]  # Any: JSON

TEXT: Final[Schema] = {"type": "string"}
IRI: Final[Schema] = {
    "type": "string",
    "pattern": "^[a-z][a-z0-9]*:[A-Za-z0-9/._-]*(#[A-Za-z0-9/._-]*)?$",
}
"""An absolute IRI, or a prefixed name such as `pl:shenzhen`."""

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
_VIEW: Final = (
    Parameter("chain", "Chain to draw, an IRI or its last part; else the first one", TEXT),
    Parameter("focus", "Enterprise to draw, an IRI or its last part", TEXT),
    Parameter("layout", "How to draw it", TEXT | {"examples": ["lanes", "flow"]}),
    LANG,
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


def _object(required: str, **properties: Schema) -> Schema:
    return {"type": "object", "required": required.split(), "properties": properties}


_ANY_FORMAT: Final = format_parameter(FORMATS)
_VIEW_OF_RESULT: Final = Parameter(
    "view",
    "Which view of the result a page shows; one that suits where it does not",
    {"enum": list(VIEWS)},
)
_GRAPH_FORMAT: Final = format_parameter(formats_for("graph"))
_STORED: Final = (
    Parameter("graph", "IRI of the graph", IRI),
    Parameter("default", "The default graph, in place of `graph`", {"enum": [""]}),
    _GRAPH_FORMAT,
)
_CONFLICTS: Final = (
    Parameter("kind", "Kind of contradiction, such as value or scope", TEXT),
    Parameter("state", "Whether it is decided", {"enum": ["open", "decided", ""]}),
)
_SUFFIXES: Final[Schema] = {"enum": [format.suffix for format in formats_for("graph")]}
_INTEGER: Final[Schema] = {"type": "integer"}
_LIMITS: Final[Schema] = {
    "type": "object",
    "additionalProperties": _object("value meaning", value={"type": "number"}, meaning=TEXT),
}
_ERROR_CODE: Final = _object("code status meaning", code=TEXT, status=_INTEGER, meaning=TEXT)
_THING: Final = Operation(
    (*GRAPHS, HTML),
    (LANG, _GRAPH_FORMAT, PAGE),
    path=(("path", TEXT),),
    redirects=True,
    not_found=True,
)

_SORT: Final = Parameter(
    "sort",
    "Column to sort by, `name` or one that this list has; `-` in front: the greatest first",
    {"enum": ["name", "-name", ""]},
)
_PAGE: Final = Parameter(
    "page", "Page of 50 rows, the first is 1", {"type": "integer", "minimum": 1, "maximum": 1}
)


def _list_operations(name: str) -> dict[str, Operation]:
    """The page of a browse list and its file."""
    suffixes: Schema = {"enum": ["csv", "json", *_SUFFIXES["enum"]]}
    return {
        f"/{name}": Operation((HTML,), (_SORT, _PAGE, LANG), facets_of=name),
        f"/{name}.<suffix>": Operation(
            ("text/csv", JSON, *GRAPHS),
            (_SORT, EXCEL, LANG),
            path=(("suffix", suffixes),),
            facets_of=name,
        ),
    }


_HITS: Final = _object(
    "query hits",
    query=TEXT,
    hits={
        "type": "array",
        "items": _object(
            "iri path label type where matched how reason",
            how={"enum": list(WAYS)},
            **dict.fromkeys(["iri", "path", "label", "type", "where", "matched", "reason"], TEXT),
        ),
    },
)
_SUGGESTED: Final = _object(
    "result", result={"type": "array", "items": _object("id name", id=TEXT, name=TEXT)}
)
_CONDITIONS: Final = (
    Parameter("type", "Class, an IRI, prefixed name or last part such as Enterprise", TEXT),
    Parameter("chain", "Chain, an IRI or its last part such as humanoid", TEXT),
    Parameter("stage", "Stage, an IRI or its last part such as upstream", TEXT),
    Parameter("city", "City, an IRI or its last part such as shenzhen", TEXT),
)
_TYPED: Final = Parameter("q", "What is typed: any name, pinyin, initials, code", TEXT)
_PREFIX: Final = Operation(
    (JSON,), (Parameter("prefix", "What is typed so far", TEXT), LANG), schema=_SUGGESTED
)
_QUERIES: Final = Parameter(
    "queries",
    "A batch of queries by key as JSON, as the Reconciliation API 0.2 writes it; without one, the manifest",
    {
        "type": "string",
        "contentMediaType": JSON,
        # The simplest of what is taken, which a text can be checked against.
        "pattern": r'^\{"q0": ?\{"query": ?"[A-Za-z0-9 ]{0,40}"(, ?"limit": ?[1-9])?\}\}$',
    },
)

OPERATIONS: Final[dict[str, Operation]] = {
    **{rule: row for name in LISTS for rule, row in _list_operations(name).items()},
    "/": Operation((HTML,), (LANG,)),
    "/sparql": Operation(
        TABLES + GRAPHS + (HTML,),
        (QUERY, *DATASET, TIMEOUT, _ANY_FORMAT, EXCEL, LANG, _VIEW_OF_RESULT),
        evaluates=True,
    ),
    "/sparql/update": Operation((), (UPDATE, *USING), writes=True),
    "/store": Operation((*GRAPHS,), _STORED, not_found=True, writes=True),
    "/store/<path:path>": Operation(
        (*GRAPHS,), (_GRAPH_FORMAT,), path=(("path", TEXT),), not_found=True, writes=True
    ),
    "/chains/<slug>": Operation((HTML,), (LANG,), path=(("slug", TEXT),), not_found=True),
    "/queries": Operation((HTML,), (LANG,)),
    "/queries/<name>": Operation(
        TABLES + GRAPHS + (HTML,), (TIMEOUT, _ANY_FORMAT, EXCEL), evaluates=True, not_found=True
    ),
    "/network": Operation((HTML,), _VIEW, not_found=True),
    "/network.html": Operation((HTML,), _VIEW, not_found=True),
    "/search": Operation(
        (HTML,), (_TYPED, *_CONDITIONS, Parameter("page", "Page of 20 hits, from 1", TEXT), LANG)
    ),
    "/suggest": Operation(
        (JSON,),
        (_TYPED, *_CONDITIONS, Parameter("limit", "Hits, at most 10", _INTEGER), LANG),
        schema=_HITS,
    ),
    "/reconcile": Operation((JSON,), (_QUERIES, LANG), schema={"type": "object"}, form=(_QUERIES,)),
    "/reconcile/suggest/entity": _PREFIX,
    "/reconcile/suggest/type": _PREFIX,
    "/reconcile/suggest/property": _PREFIX,
    "/export": Operation(
        (HTML,),
        (LANG, Parameter("graph", "Graph to tell more of, or `all`", {"enum": ["all", ""]})),
        not_found=True,
    ),
    "/export/SHA256SUMS": Operation(("text/plain",)),
    "/export/<path:name>": Operation(
        (*GRAPHS, "application/gzip"),
        path=(("name", {"type": "string", "examples": ["all.ttl", "src/A.trig"]}),),
        not_found=True,
    ),
    "/.well-known/void": Operation(GRAPHS, (_GRAPH_FORMAT,)),
    "/id/<path:path>": _THING,
    "/voc/<path:path>": _THING,
    "/graph/<path:path>": _THING,
    "/ont/<path:path>": _THING,
    "/facts/<path:path>": Operation(
        (*GRAPHS, JSON, "text/csv"),
        (LANG, PAGE),
        path=(("path", {"type": "string", "examples": ["id/ent/byd.csv", "id/doc/A.ttl"]}),),
        schema=_object("thing name total page pages facts", thing=TEXT, name=TEXT, total=_INTEGER),
        not_found=True,
    ),
    "/conflicts": Operation((HTML,), (LANG, PAGE, *_CONFLICTS)),
    "/conflicts.<suffix>": Operation(
        (*GRAPHS, JSON, "text/csv"),
        (LANG, PAGE, *_CONFLICTS),
        path=(("suffix", {"enum": ["ttl", "jsonld", "nt", "rdf", "json", "csv"]}),),
        schema=_object("total page pages conflicts", total=_INTEGER),
        not_found=True,
    ),
    "/ont": Operation((*GRAPHS, HTML), (LANG, _GRAPH_FORMAT), redirects=True),
    "/ont.<suffix>": Operation(
        (*GRAPHS, HTML),
        (LANG,),
        path=(("suffix", {"enum": ["html", *_SUFFIXES["enum"]]}),),
        not_found=True,
    ),
    "/preferences": Operation(
        (HTML,),
        (
            Parameter("lang", "Language to remember", {"enum": list(LANGUAGES)}),
            Parameter("theme", "Theme to remember", {"enum": list(THEMES)}),
            Parameter(
                "next",
                "Address of this site to go on to",
                {"type": "string", "pattern": "^/([^/\\\\].*)?$"},
            ),
        ),
        redirects=True,
    ),
    "/limits": Operation((JSON,), schema=_LIMITS),
    "/problems/<code>": Operation(
        (JSON, HTML), (LANG,), schema=_ERROR_CODE, path=(("code", TEXT),), not_found=True
    ),
    "/healthz": Operation((JSON,), schema=_object("status process", status=TEXT, process=_INTEGER)),
    "/readyz": Operation(
        (JSON,), schema=_object("status release", status=TEXT, release=TEXT), evaluates=True
    ),
    "/metrics": Operation(("text/plain",)),
    "/openapi.json": Operation((JSON,), schema=_object("openapi paths", openapi=TEXT)),
    "/docs": Operation((HTML,), (LANG,)),
    "/help": Operation((HTML,), (LANG,)),
}

LEFT_OUT: Final = {
    "/static/<path:filename>": "style sheets, scripts and pictures of the pages",
    "/sparql/vocabulary.json": "what the query page completes; the graph says it as well",
    "/vis/": "script and style sheet of the network page",
}
"""Routes that are no part of the interface, by their beginning, each with the reason."""
