"""The scanner refuses what would kill the process that parses it, and nothing else."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kg.engine.limits import check_query, find_undeclared_prefix, read_shape
from kg.errors import KgError, QueryAndUpdate, ServiceForbidden, TooComplex, TooDeep
from kg.settings import Settings

LIMITS = Settings()

REFUSED = [
    ("SELECT * {" + "{" * 2500 + "}" * 2500, TooDeep),
    ("SELECT * { FILTER(" + "(" * 5000 + "1" + ")" * 5000 + ")}", TooDeep),
    ("SELECT * { FILTER(" + "!" * 20000 + "true)}", TooDeep),
    ("SELECT * { FILTER(" + "- " * 200 + "1 > 0)}", TooDeep),
    ("SELECT * { ?s ?p [" + "?p [" * 200 + "]" * 201 + "}", TooDeep),
    ("SELECT * { ?s ?p " + "(" * 300 + ")" * 300 + "}", TooDeep),
    ("SELECT * { FILTER(" + "+".join("1" * 10000) + ")}", TooComplex),
    ("SELECT * { FILTER(1" + "+1" * 10000 + ")}", TooComplex),
    ("SELECT * { FILTER(" + " || ".join(["?x = 1"] * 3000) + ")}", TooComplex),
    ("SELECT * { ?s " + "/".join(["<p>"] * 5000) + " ?o }", TooComplex),
    ("SELECT * { " + " UNION ".join(["{}"] * 5000) + "}", TooComplex),
    ("SELECT * { " + " UNION ".join(["{?s ?p ?o}"] * 20000) + "}", TooComplex),
    ("SELECT * {" + "".join(f"?s <p{n}> ?o{n} ." for n in range(200)) + "}", TooComplex),
    ("SELECT * { VALUES ?x {" + " 1" * 20000 + "} }", TooComplex),
    ("SELECT * { VALUES (?x ?y) {" + " (1 2)" * 10001 + "} }", TooComplex),
    ("SELECT * { " + "#" * 70000 + "\n}", TooComplex),
    ("SELECT * { SERVICE <http://127.0.0.1/> {} }", ServiceForbidden),
    ("SELECT * { service#c\n<http://127.0.0.1/> {} }", ServiceForbidden),
    ("SELECT * { SERVICESILENT<http://127.0.0.1/> {} }", ServiceForbidden),
    ("PREFIX : <http://x/> SELECT * { SERVICE:x {} }", ServiceForbidden),
    ("SELECT * { { SELECT * { SERVICE ?s {} } } }", ServiceForbidden),
    ("INSERT DATA { <a> <b> <c> }", QueryAndUpdate),
    ("PREFIX a: <a> DELETE WHERE { ?s ?p ?o }", QueryAndUpdate),
    ("LOAD <http://127.0.0.1/>", QueryAndUpdate),
]

ACCEPTED = [
    'SELECT * { ?s ?p "SERVICE <x> {{{{ INSERT" } # SERVICE {{{{',
    "SELECT ?service { ?service a <http://service/SERVICE> ; <http://x/LOAD> 1 }",
    "SELECT * {" + "{" * 99 + "}" * 99 + "}",
    "SELECT * { VALUES (?x ?y) {" + " (1 -2)" * 5000 + "} }",
    "SELECT * {" + "".join(f"?s <p{n}> ?o{n} ." for n in range(100)) + "}",
    "SELECT * { ?s <p>/<q>*|^<r> ?o FILTER(?o IN (1, 2, 3) && ?o < 3) }",
    "SELECT * { ?s ?p '''it's (((((''' , \"a\\\"(\" }",
    "SELECT * { ?名字 <http://例/位于> '深圳'@zh }",
]


@pytest.mark.parametrize(("query", "error"), REFUSED, ids=range(len(REFUSED)))
def test_a_dangerous_query_is_refused_before_evaluation(query: str, error: type[KgError]) -> None:
    with pytest.raises(error):
        check_query(query, LIMITS)


@pytest.mark.parametrize("query", ACCEPTED, ids=range(len(ACCEPTED)))
def test_an_ordinary_query_is_let_through(query: str) -> None:
    assert check_query(query, LIMITS).form == "SELECT"


def test_a_refusal_names_what_was_counted_and_the_limit() -> None:
    with pytest.raises(TooDeep, match=r"2,501 levels of brackets in the query; the limit is 100"):
        check_query(REFUSED[0][0], LIMITS)


@pytest.mark.parametrize(
    ("query", "form"),
    [
        ("ASK {}", "ASK"),
        ("prefix select: <x> construct { ?s ?p ?o } where {}", "CONSTRUCT"),
        ("# SELECT\nDESCRIBE <x>", "DESCRIBE"),
        ("BASE <http://SELECT/> SELECT * { { ASK } }", "SELECT"),
        ("nothing", ""),
    ],
)
def test_the_form_of_a_query_is_the_first_such_word_outside_brackets(query: str, form: str) -> None:
    assert read_shape(query).form == form


def test_every_separator_and_group_end_counts_a_pattern_once() -> None:
    shape = read_shape(
        "SELECT * { ?a ?b ?c ; ?d ?e , ?f . ?g ?h ?i . { ?j ?k [ ?l ?m ] } FILTER(?a > 1) }"
    )
    assert shape.patterns == 6


def test_the_first_undeclared_prefix_is_found_with_its_place() -> None:
    assert find_undeclared_prefix("PREFIX a: <x> SELECT * { a:b _:c kg:d }") == ("kg", 33)
    assert find_undeclared_prefix('PREFIX : <x> SELECT * { :a ?b "c:d" } # e:f') is None


@given(st.text(alphabet="{}()[]<>\"'\\#?$:.;,+-*/!|&=^ \nabSERVICEéЖ深", max_size=3000))
def test_the_scanner_never_raises_and_is_fast_on_any_text(text: str) -> None:
    started = time.perf_counter()
    read_shape(text)
    assert time.perf_counter() - started < 0.5
