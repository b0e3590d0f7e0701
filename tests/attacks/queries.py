"""Queries meant to kill, fill or hang what evaluates them, or to make it call somebody."""

import itertools
from collections.abc import Callable, Iterator

SIZES = (100, 1_000, 2_500, 5_000, 20_000, 100_000)


def _around(opening: str, middle: str, closing: str) -> Callable[[int], str]:
    return lambda n: "SELECT * { " + opening * n + middle + closing * n + " }"


def _filter(opening: str, middle: str, closing: str = "") -> Callable[[int], str]:
    return lambda n: f"SELECT * {{ ?s ?p ?o FILTER({opening * n}{middle}{closing * n}) }}"


CONSTRUCTS: dict[str, Callable[[int], str]] = {
    "braces": _around("{", "", "}"),
    "OPTIONAL": _around("OPTIONAL {", "?s ?p ?o", "}"),
    "GRAPH": _around("GRAPH ?g {", "?s ?p ?o", "}"),
    "LATERAL": _around("LATERAL {", "?s ?p ?o", "}"),
    "MINUS": _around("?s ?p ?o MINUS {", "?s ?p ?o", "}"),
    "sub-SELECT": _around("{ SELECT * {", "?s ?p ?o", "}}"),
    "EXISTS": _around("FILTER EXISTS {", "?s ?p ?o", "}"),
    "NOT EXISTS": _around("FILTER(NOT EXISTS {", "?s ?p ?o", "})"),
    "blank nodes": _around("[ <urn:p> ", "1", " ] <urn:q> 2 . "),
    "nested blank nodes": lambda n: "SELECT * { ?s ?p " + "[ <urn:p> " * n + "1" + "]" * n + " }",
    "collections": lambda n: "SELECT * { ?s ?p " + "(" * n + "1" + ")" * n + " }",
    "triple terms": lambda n: (
        "SELECT * { ?s ?p " + "<<( <urn:s> <urn:p> " * n + "1" + " )>>" * n + " }"
    ),
    "reified triples": lambda n: (
        "SELECT * { " + "<< " * n + "?s" + " <urn:p> 1 >>" * n + " <urn:p> 1 }"
    ),
    "parentheses": _filter("(", "1", ")"),
    "not": _filter("!", "true"),
    "minus signs": _filter("- ", "1"),
    "plus signs": _filter("+ ", "1"),
    "mixed signs": _filter("!-+", "1"),
    "functions": _filter("STR(", "?s", ")"),
    "IF": _filter("IF(true,", "true", ",false)"),
    "COALESCE": _filter("COALESCE(", "?s", ")"),
    "IN": _filter("1 IN (", "1", ")"),
    "sum": lambda n: "SELECT * { FILTER(1" + "+1" * n + ") }",
    "product": lambda n: "SELECT * { FILTER(1" + "*1" * n + ") }",
    "comparison": lambda n: "SELECT * { FILTER(1" + " = 1" * n + ") }",
    "or": lambda n: "SELECT * { FILTER(?x" + " || ?x" * n + ") }",
    "and": lambda n: "SELECT * { FILTER(?x" + " && ?x" * n + ") }",
    "list": lambda n: "SELECT * { FILTER(1 IN (1" + ",1" * n + ")) }",
    "arguments": lambda n: "SELECT (CONCAT('a'" + ",'a'" * n + ") AS ?x) {}",
    "UNION": lambda n: "SELECT * { {}" + " UNION {}" * n + " }",
    "path sequence": lambda n: "SELECT * { ?s <urn:p>" + "/<urn:p>" * n + " ?o }",
    "path choice": lambda n: "SELECT * { ?s <urn:p>" + "|<urn:p>" * n + " ?o }",
    "path inverse": lambda n: "SELECT * { ?s " + "^" * n + "<urn:p> ?o }",
    "path brackets": lambda n: "SELECT * { ?s " + "(" * n + "<urn:p>" + ")*" * n + " ?o }",
    "path negation": lambda n: "SELECT * { ?s !(<urn:p>" + "|^<urn:p>" * n + ") ?o }",
    "objects": lambda n: "SELECT * { ?s ?p 1" + ",1" * n + " }",
    "predicates": lambda n: "SELECT * { ?s ?p 1" + ";?p 1" * n + " }",
    "patterns": lambda n: "SELECT * { ?s ?p ?o" + ". ?s ?p ?o" * n + " }",
    "BIND": lambda n: "SELECT * { " + "".join(f"BIND(1 AS ?a{i})" for i in range(n)) + " }",
    "FILTER": lambda n: "SELECT * { ?s ?p ?o " + "FILTER(?s) " * n + " }",
    "VALUES": lambda n: "SELECT * { VALUES ?x {" + " 1" * n + " } }",
    "VALUES blocks": lambda n: "SELECT * { " + "VALUES ?x { 1 2 } " * n + " }",
    "columns": lambda n: "SELECT " + "".join(f"(1 AS ?a{i}) " for i in range(n)) + "{}",
    "ORDER BY": lambda n: "SELECT * { ?s ?p ?o } ORDER BY" + " ?s" * n + " LIMIT 1",
    "GROUP BY": lambda n: "SELECT (COUNT(*) AS ?n) { ?s ?p ?o } GROUP BY" + " ?s" * n + " LIMIT 1",
    "HAVING": lambda n: (
        "SELECT ?s (1 AS ?n) { ?s ?p ?o } GROUP BY ?s HAVING" + " (true)" * n + " LIMIT 1"
    ),
    "FROM": lambda n: "SELECT * " + "FROM <urn:g> " * n + "{ ?s ?p ?o }",
    "PREFIX": lambda n: "".join(f"PREFIX a{i}: <urn:a> " for i in range(n)) + "ASK {}",
    "BASE": lambda n: "BASE <http://a/> " * n + "ASK {}",
    "template": lambda n: "CONSTRUCT { " + "?s ?p ?o . " * n + " } { ?s ?p ?o } LIMIT 1",
    "DESCRIBE": lambda n: "DESCRIBE" + " <urn:a>" * n,
    "aggregates": lambda n: "SELECT " + " ".join(f"(MAX(?o) AS ?a{i})" for i in range(n)) + "{}",
}
"""Everything that the grammar lets one repeat, by the number of repetitions."""


def nests() -> Iterator[tuple[str, str]]:
    """Every construct in every size, with its name."""
    for (name, write), size in itertools.product(CONSTRUCTS.items(), SIZES):
        yield f"{name} x {size:,}", write(size)


_CROSS = "?a ?b ?c . ?d ?e ?f . ?g ?h ?i"
_ALL = "CONCAT(STR(?a), STR(?d), STR(?g))"
"""Of every row: no planner can look at one pattern alone."""
_DOUBLING = " ".join(f"BIND(CONCAT(?a{n},?a{n}) AS ?a{n + 1})" for n in range(29))

MEMORY_BOMBS = {
    "CONCAT doubled 29 times": f'SELECT * {{ BIND("0123456789abcdef" AS ?a0) {_DOUBLING} }}',
    "ORDER BY over a product": f"SELECT * {{ {_CROSS} }} ORDER BY ?a ?f",
    "GROUP_CONCAT over a product": f"SELECT (GROUP_CONCAT(CONCAT(STR(?a), STR(?f))) AS ?x) {{ {_CROSS} }}",
    "nested REPLACE": "SELECT ("
    + "REPLACE(" * 30
    + '"xxxxxxxxxx"'
    + ', "x", "xxxxxxxxxx")' * 30
    + " AS ?y) {}",
    "DISTINCT over a product": f"SELECT DISTINCT * {{ {_CROSS} }}",
    "COUNT DISTINCT over a product": f"SELECT (COUNT(DISTINCT CONCAT(STR(?a), STR(?d), STR(?g))) AS ?n) {{ {_CROSS} }}",
    "GROUP BY over a product": f"SELECT ?a ?d ?g (COUNT(*) AS ?n) {{ {_CROSS} }} GROUP BY ?a ?d ?g",
    "ENCODE_FOR_URI of itself": "SELECT (" + "ENCODE_FOR_URI(" * 40 + '"%"' + ")" * 40 + " AS ?x) {"
    ' BIND("x" AS ?y) }',
    "ENCODE_FOR_URI doubled": 'SELECT * { BIND("%%%%%%%%" AS ?a0) '
    + " ".join(
        f"BIND(ENCODE_FOR_URI(CONCAT(?a{n}, ENCODE_FOR_URI(?a{n}))) AS ?a{n + 1})"
        for n in range(20)
    )
    + "}",
    "MINUS over products": f"SELECT * {{ {_CROSS} MINUS {{ ?a ?b ?c . ?d ?e ?f }} }} ORDER BY ?c",
    "all pairs of a path": "SELECT DISTINCT * { ?s (<urn:p>|!<urn:p>)* ?o } ORDER BY ?o",
    "STRDT doubled": 'SELECT * { BIND("0123456789abcdef" AS ?a0) '
    + " ".join(
        f"BIND(STRDT(CONCAT(STR(?a{n}),STR(?a{n})), <urn:t>) AS ?a{n + 1})" for n in range(29)
    )
    + "}",
    "IRI doubled": 'SELECT * { BIND(IRI("http://a/0123456789abcdef") AS ?a0) '
    + " ".join(f"BIND(IRI(CONCAT(STR(?a{n}),STR(?a{n}))) AS ?a{n + 1})" for n in range(29))
    + "}",
}

ENDLESS = {
    "product": f"SELECT (COUNT(*) AS ?n) {{ {_CROSS} }}",
    "path over everything": "SELECT (COUNT(*) AS ?n) { ?s (<urn:p>|!<urn:p>)* ?o }",
    "inverse path": "SELECT (COUNT(*) AS ?n) { ?s (!<urn:p>|!^<urn:p>)+ ?o }",
    "ASK that is false": f"ASK {{ {_CROSS} FILTER({_ALL} = 'x') }}",
    "DESCRIBE of a product": f"DESCRIBE ?a ?d ?g {{ {_CROSS} FILTER({_ALL} = 'x') }}",
    "NOT EXISTS over a product": "SELECT * { ?a ?b ?c FILTER NOT EXISTS { ?d ?e ?f . ?g ?h ?i FILTER(?c = ?i && ?a = ?f) } }",
    "REGEX over a product": f"SELECT * {{ {_CROSS} FILTER(REGEX({_ALL}, '^(a+)+$')) }}",
    "sorted product": f"SELECT * {{ {_CROSS} }} ORDER BY STR(?a) LIMIT 1",
}

PLANNER = {
    "star of 200 patterns": "SELECT * {" + "".join(f"?s ?p{n} ?o{n} ." for n in range(200)) + "}",
    "star of 1,000 patterns": "SELECT * {"
    + "".join(f"?s ?p{n} ?o{n} ." for n in range(1000))
    + "}",
    "1,000 branches": "SELECT * { {?s ?p ?o}" + "UNION{?s ?p ?o}" * 1000 + "}",
    "20,000 rows of VALUES": "SELECT * { VALUES ?x {" + " 1" * 20000 + "} }",
    "1 MB of text": "SELECT * { #" + "x" * (1 << 20) + "\n}",
    "200 patterns in groups": "SELECT * {" + "{?s ?p ?o}" * 200 + "}",
    "200 patterns in OPTIONAL": "SELECT * {" + "OPTIONAL {?s ?p ?o}" * 200 + "}",
    "200 patterns in blank nodes": "SELECT * { ?s ?p " + "[ ?p 1 ]," * 200 + " 1 }",
}


def call_elsewhere(web: str, file: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Queries, with further parameters, that would fetch from a web server or read a file.

    Spelling by spelling of SERVICE and LOAD, and every place where a query or a request names
    something that a careless engine fetches.
    """
    targets = (f"<{web}>", f"<{file}>", f"<{web}#x>", "x:y")
    head = f"PREFIX x: <{web}> "
    words = (
        "SERVICE", "service", "SeRvIcE", "SERVICE SILENT", "SERVICE\tSILENT", "SERVICE\nSILENT",
        "SERVICE#c\n", "SERVICE #c\r", "SERVICESILENT", "SERVICE SILENT#\n", "\nSERVICE\n",
        "FILTER(1<2)SERVICE", "BIND(true AS ?b)SERVICE", "?s ?p true.SERVICE", "?s ?p 1 .SERVICE",
        "\\u0053ERVICE", "S\\u0045RVICE", "SERVICE\u00a0", "SERVICE\u200b", "\ufeffSERVICE",
    )  # fmt: skip
    for word, target in itertools.product(words, targets):
        yield f"{head}SELECT * {{ {word} {target} {{ ?s ?p ?o }} }}", {}
    for word, target in itertools.product(words[:6], targets):
        yield f"{head}SELECT * {{ ?s ?p ?o OPTIONAL {{ {word}{target}{{?a ?b ?c}} }} }} LIMIT 1", {}
        yield f"{head}SELECT * {{ {{ SELECT * {{ {{}} UNION {{ {word} {target} {{}} }} }} }} }}", {}
        yield f"{head}ASK {{ FILTER EXISTS {{ {word} {target} {{ ?s ?p ?o }} }} }}", {}
        yield f"{head}CONSTRUCT {{ ?s ?p ?o }} {{ {word} {target} {{ ?s ?p ?o }} }}", {}
        yield f"{head}DESCRIBE ?s {{ {word} {target} {{ ?s ?p ?o }} }}", {}
    for target in targets:
        yield f"{head}SELECT * {{ VALUES ?v {{ {target} }} SERVICE ?v {{ ?s ?p ?o }} }}", {}
        yield f"{head}SELECT * {{ BIND(IRI(STR({target})) AS ?v) SERVICE SILENT ?v {{ }} }}", {}
        yield f'{head}SELECT * {{ ?s ?p """\\"""" SERVICE {target} {{}} }}', {}
        yield f"{head}SELECT * {{ ?s ?p '#' SERVICE {target} {{}} }}", {}
        yield f"{head}SELECT * {{ ?s <a#b> 'x' SERVICE {target} {{}} }}", {}
        yield f"{head}SELECT * {{ GRAPH ?g {{ SERVICE {target} {{}} }} }}", {}
        yield f"{head}SELECT * {{ MINUS {{ SERVICE {target} {{}} }} }}", {}
        yield f"{head}SELECT * {{ LATERAL {{ SERVICE {target} {{}} }} }}", {}
        yield f"{head}SELECT * FROM {target} {{ ?s ?p ?o }}", {}
        yield f"{head}SELECT * FROM NAMED {target} {{ GRAPH ?g {{ ?s ?p ?o }} }}", {}
        yield f"{head}SELECT * {{ GRAPH {target} {{ ?s ?p ?o }} }}", {}
        yield f"{head}DESCRIBE {target}", {}
        yield f"{head}LOAD {target}", {}
        yield f"{head}LOAD SILENT {target} INTO GRAPH <urn:g>", {}
        yield f"{head}ASK {{}} ; LOAD {target}", {}
        yield f"{head}SELECT ({target}(1) AS ?x) {{}}", {}
        yield f"{head}SELECT * {{ ?s {target}* ?o }} LIMIT 1", {}
        yield f"BASE {target} ASK {{ <a> <b> <c> }}", {}
    for parameter, address in itertools.product(
        ("default-graph-uri", "named-graph-uri", "using-graph-uri", "graph", "base", "callback"),
        (web, file, web.replace("http://", "HTTP://"), file + "#x"),
    ):
        yield "SELECT * { ?s ?p ?o } LIMIT 1", {parameter: address}


UPDATES = (
    "INSERT DATA { <urn:s> <urn:p> 1 }", "DELETE DATA { <urn:s> <urn:p> 1 }",
    "DELETE WHERE { ?s ?p ?o }", "DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "INSERT { ?s <urn:p> 1 } WHERE { ?s ?p ?o }", "WITH <urn:g> DELETE { ?s ?p ?o } WHERE { ?s ?p ?o }",
    "CLEAR ALL", "CLEAR DEFAULT", "CLEAR SILENT GRAPH <urn:g>", "DROP ALL", "DROP NAMED",
    "CREATE GRAPH <urn:g>", "COPY DEFAULT TO <urn:g>", "MOVE <urn:a> TO <urn:b>",
    "ADD <urn:a> TO DEFAULT", "PREFIX x: <urn:x> INSERT DATA { x:s x:p 1 }",
    "BASE <urn:b> DELETE WHERE { ?s ?p ?o }", "# c\nINSERT DATA { <urn:s> <urn:p> 1 }",
    "ASK {} ; INSERT DATA { <urn:s> <urn:p> 1 }", "INSERT DATA { GRAPH <urn:g> { <urn:s> <urn:p> 1 } }",
    "insert data { <urn:s> <urn:p> 1 }", "SELECT * {} INSERT DATA { <urn:s> <urn:p> 1 }",
    "\ufeffDROP ALL", "DELETE { ?s ?p ?o } USING <urn:g> WHERE { ?s ?p ?o }",
)  # fmt: skip
"""Every form of SPARQL 1.1 Update but LOAD, which is among the calls."""

REGULAR_EXPRESSIONS = tuple(
    f"SELECT ?r {{ VALUES ?t {{ {text!r} }} BIND({call} AS ?r) }}".replace('"', "'")
    for text in ("a" * 50_000 + "!",)
    for call in (
        "REGEX(?t, '^(a+)+$')", "REGEX(?t, '^(a|a)*$')", "REGEX(?t, '(.*)*b')", "REGEX(?t, '^(a|aa)+$')",
        "REGEX(?t, '([a-zA-Z]+)*$')", "REPLACE(?t, '(a*)*b', 'x')", "REGEX(?t, '(a?){50}a{50}b')",
        "REPLACE(?t, '(.+)+!$', '')",
    )
)  # fmt: skip
