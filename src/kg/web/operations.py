"""What the routes themselves do not say of an operation: its parameters and what it answers with.

One row a route, by its rule. A route without a row is described by its rule and its docstring alone.
"""

from typing import Final

from kg.formats import FORMATS, formats_for
from kg.search.ways import WAYS
from kg.web.analysis_operations import ANALYSIS_OPERATIONS
from kg.web.frame import THEMES
from kg.web.language import LANGUAGES
from kg.web.lists.listing import LISTS
from kg.web.network_files import WRITERS
from kg.web.parameters import (
    DATASET,
    EXCEL,
    GRAPHS,
    HTML,
    IRI,
    JSON,
    LANG,
    PAGE,
    QUERY,
    TABLES,
    TEXT,
    TIMEOUT,
    UPDATE,
    USING,
    Operation,
    Parameter,
    Schema,
    describe_object,
    format_parameter,
)
from kg.web.picture_parameters import PICTURES, TABLES_PAGE, VIEW
from kg.web.things.page import SUFFIXES
from kg.web.views import VIEWS

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
    Parameter("kind", "Kind of contradiction, such as value or scope", {"enum": ["value", ""]}),
    Parameter("state", "Whether it is decided", {"enum": ["open", "decided", ""]}),
)
_PAGE_SUFFIXES: Final[Schema] = {"enum": list(SUFFIXES)}
_SUFFIXES: Final[Schema] = {"enum": [format.suffix for format in formats_for("graph")]}
_INTEGER: Final[Schema] = {"type": "integer"}
_LIMITS: Final[Schema] = {
    "type": "object",
    "additionalProperties": describe_object(
        "value meaning", value={"type": "number"}, meaning=TEXT
    ),
}
_ERROR_CODE: Final = describe_object(
    "code status meaning", code=TEXT, status=_INTEGER, meaning=TEXT
)
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


_HITS: Final = describe_object(
    "query hits",
    query=TEXT,
    hits={
        "type": "array",
        "items": describe_object(
            "iri path label type where matched how reason",
            how={"enum": list(WAYS)},
            **dict.fromkeys(["iri", "path", "label", "type", "where", "matched", "reason"], TEXT),
        ),
    },
)
_SUGGESTED: Final = describe_object(
    "result", result={"type": "array", "items": describe_object("id name", id=TEXT, name=TEXT)}
)
_CONDITIONS: Final = (
    Parameter("type", "Class, an IRI, prefixed name or last part such as Enterprise", TEXT),
    Parameter("chain", "Chain, an IRI or its last part such as humanoid", TEXT),
    Parameter("stage", "Stage, an IRI or its last part such as upstream", TEXT),
    Parameter("city", "City, an IRI or its last part such as shenzhen", TEXT),
)
_HITS_PAGE: Final = Parameter("page", "Page of 20 hits, from 1", TEXT)
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
    **ANALYSIS_OPERATIONS,
    **{rule: row for name in LISTS for rule, row in _list_operations(name).items()},
    "/": Operation((HTML,), (LANG,)),
    "/overview.<suffix>": Operation(
        (*GRAPHS, JSON, "text/csv"),
        (LANG,),
        schema=describe_object("release as_of language tables", release=TEXT, as_of=TEXT),
        path=(("suffix", _PAGE_SUFFIXES),),
        not_found=True,
    ),
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
    "/network": Operation((HTML,), (*VIEW, TABLES_PAGE), not_found=True),
    "/network.<suffix>": Operation(
        PICTURES, VIEW, path=(("suffix", {"enum": list(WRITERS)}),), not_found=True
    ),
    "/search": Operation((HTML,), (_TYPED, *_CONDITIONS, _HITS_PAGE, LANG)),
    "/search.<suffix>": Operation(
        (*GRAPHS, JSON, "text/csv"),
        (_TYPED, *_CONDITIONS, _HITS_PAGE, LANG),
        schema=describe_object("query total page hits", query=TEXT, total=_INTEGER),
        path=(("suffix", _PAGE_SUFFIXES),),
        not_found=True,
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
        schema=describe_object(
            "thing name total page pages facts", thing=TEXT, name=TEXT, total=_INTEGER
        ),
        not_found=True,
    ),
    "/conflicts": Operation((HTML,), (LANG, PAGE, *_CONFLICTS), not_found=True),
    "/conflicts.<suffix>": Operation(
        (*GRAPHS, JSON, "text/csv"),
        (LANG, PAGE, *_CONFLICTS),
        path=(("suffix", _PAGE_SUFFIXES),),
        schema=describe_object("total page pages conflicts", total=_INTEGER),
        not_found=True,
    ),
    "/ont": Operation((*GRAPHS, HTML), (LANG, _GRAPH_FORMAT), redirects=True),
    "/ont.<suffix>": Operation(
        (*GRAPHS, JSON, "text/csv", HTML),
        (LANG, Parameter("module", "Module to document in full", {"enum": ["core", ""]})),
        path=(("suffix", {"enum": ["html", "csv", "json", *_SUFFIXES["enum"]]}),),
        schema={"type": "object"},
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
                {"type": "string", "pattern": r"^/([^/\\\x00-\x1f\x7f][^\x00-\x1f\x7f]*)?$"},
            ),
        ),
        redirects=True,
    ),
    "/limits": Operation((JSON,), schema=_LIMITS),
    "/problems/<code>": Operation(
        (JSON, HTML), (LANG,), schema=_ERROR_CODE, path=(("code", TEXT),), not_found=True
    ),
    "/healthz": Operation(
        (JSON,), schema=describe_object("status process", status=TEXT, process=_INTEGER)
    ),
    "/readyz": Operation(
        (JSON,), schema=describe_object("status release", status=TEXT, release=TEXT), evaluates=True
    ),
    "/metrics": Operation(("text/plain",)),
    "/openapi.json": Operation((JSON,), schema=describe_object("openapi paths", openapi=TEXT)),
    "/docs": Operation(
        (HTML,),
        (LANG, Parameter("path", "Address to describe in full", {"enum": ["/sparql", ""]})),
        not_found=True,
    ),
    "/help": Operation((HTML,), (LANG,)),
}

LEFT_OUT: Final = {
    "/static/<path:filename>": "style sheets, scripts and pictures of the pages",
    "/sparql/vocabulary.json": "what the query page completes; the graph says it as well",
    "/network/drawing": "what the script of the network page draws; `/network.json` says more, and says it to anybody",
    "/vis/": "script and style sheet of the network page",
}
"""Routes that are no part of the interface, by their beginning, each with the reason."""
