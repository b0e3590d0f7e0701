"""The rules: how they run, what a bad one is told, and what they find in the two documents."""

import re
from collections import defaultdict
from functools import cache
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import BadFiles
from kg.namespaces import BASE, PREFIXES, compact, expand
from kg.release.checks import declared_terms
from kg.release.rules import RUNS_GRAPH, Rule, derive, describe_runs, read_rules
from kg.release.sources import read_sources
from small_files import copy_files

ROOT = Path(__file__).parent.parent
RULES = sorted(path.name for path in (ROOT / "queries/rules").glob("*.rq"))
TERMS = {
    expand(f"kg:{name}") for name in ("locatedIn", "withinArea", "feeds", "upstreamOf", "residual")
}

Derived = dict[str, list[ox.Quad]]


def rule_text(
    body: str, *, stratum: int = 1, summary: str = "One thing follows from another."
) -> str:
    header = f"#+ summary: {summary}\n#+ reads: kg:feeds\n#+ writes: kg:upstreamOf\n#+ stratum: {stratum}\n"
    return f"{header}PREFIX kg: <{PREFIXES['kg']}>\nPREFIX seg: <{PREFIXES['seg']}>\n{body}\n"


def write_rules(root: Path, texts: dict[str, str]) -> Path:
    (root / "queries/rules").mkdir(parents=True)
    for name, text in texts.items():
        (root / "queries/rules" / name).write_text(text)
    return root


def run(root: Path, texts: dict[str, str], turtle: str) -> Derived:
    """What the given rules derive from a few triples."""
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    asserted = ox.parse(prefixes + turtle, ox.RdfFormat.TURTLE)
    return derive(read_rules(write_rules(root, texts), TERMS), asserted)


def rows(quads: list[ox.Quad]) -> set[str]:
    """Triples as `subject predicate object`, shortened."""
    return {" ".join(compact(term.value) for term in quad.triple) for quad in quads}


# how rules run

STEP = "CONSTRUCT { ?a kg:upstreamOf ?c } WHERE { { ?a kg:feeds ?c } UNION { ?a kg:upstreamOf ?b . ?b kg:upstreamOf ?c } }"
CHAIN = (
    "seg:a kg:feeds seg:b . seg:b kg:feeds seg:c . seg:c kg:feeds seg:d . seg:d kg:feeds seg:e ."
)


def test_the_rules_of_a_stratum_are_repeated_until_nothing_new_comes(tmp_path: Path) -> None:
    derived = run(tmp_path, {"R01_closure.rq": rule_text(STEP)}, CHAIN)
    assert list(derived) == [BASE + "graph/derived/R01"]
    assert len(derived[BASE + "graph/derived/R01"]) == 10


def test_a_rule_that_never_comes_to_rest_is_named(tmp_path: Path) -> None:
    grow = 'CONSTRUCT { ?next kg:feeds ?a } WHERE { ?a kg:feeds ?b BIND(IRI(CONCAT(STR(?a), "x")) AS ?next) }'
    with pytest.raises(BadFiles) as raised:
        run(
            tmp_path,
            {"R01_grow.rq": rule_text(grow), "R02_still.rq": rule_text(STEP, stratum=2)},
            CHAIN,
        )
    assert [problem.path for problem in raised.value.problems] == ["queries/rules/R01_grow.rq"]
    assert "still derives new triples after 10 rounds" in str(raised.value)


def test_a_later_stratum_sees_what_an_earlier_one_derived_and_not_the_other_way_round(
    tmp_path: Path,
) -> None:
    texts = {
        "R01_late.rq": rule_text(
            "CONSTRUCT { ?a kg:withinArea ?b } WHERE { ?a kg:upstreamOf ?b }", stratum=2
        ),
        "R02_early.rq": rule_text(STEP, stratum=1),
        "R03_blind.rq": rule_text(
            "CONSTRUCT { ?a kg:locatedIn ?b } WHERE { ?a kg:withinArea ?b }", stratum=1
        ),
    }
    derived = run(tmp_path, texts, CHAIN)
    assert {graph[-3:]: len(quads) for graph, quads in derived.items()} == {"R01": 10, "R02": 10}


def test_a_known_triple_is_not_derived_again_so_it_stands_in_one_graph(tmp_path: Path) -> None:
    texts = {"R01_first.rq": rule_text(STEP), "R02_second.rq": rule_text(STEP)}
    derived = run(tmp_path, texts, CHAIN + " seg:a kg:upstreamOf seg:b .")
    known = [triple for quads in derived.values() for triple in rows(quads)]
    assert len(known) == len(set(known)) == 9 and "seg:a kg:upstreamOf seg:b" not in known


def test_rules_count_a_triple_once_although_two_graphs_hold_it(tmp_path: Path) -> None:
    count = "CONSTRUCT { ?a kg:residual ?n } WHERE { SELECT ?a (COUNT(*) AS ?n) { ?a kg:feeds ?b } GROUP BY ?a }"
    rules = read_rules(write_rules(tmp_path, {"R01_count.rq": rule_text(count)}), TERMS)
    triple = [ox.NamedNode(expand(name)) for name in ("seg:a", "kg:feeds", "seg:b")]
    asserted = [ox.Quad(*triple, ox.NamedNode(f"{BASE}graph/src/{name}")) for name in "AB"]
    assert rows(derive(rules, asserted)[BASE + "graph/derived/R01"]) == {"seg:a kg:residual 1"}


def test_letters_follow_the_number_they_belong_to(tmp_path: Path) -> None:
    names = ["R21_a.rq", "R3_a.rq", "R21d_a.rq", "R21b_a.rq", "R100_a.rq"]
    rules = read_rules(write_rules(tmp_path, {name: rule_text(STEP) for name in names}), TERMS)
    assert [rule.number for rule in rules] == ["R3", "R21", "R21b", "R21d", "R100"]


def test_a_derived_graph_leads_back_to_its_rule_file_without_a_time_of_day(tmp_path: Path) -> None:
    rules = read_rules(
        write_rules(tmp_path, {"R01_a.rq": rule_text(STEP, summary="Steps follow.")}), TERMS
    )
    source, elsewhere, result = (
        ox.NamedNode(f"{BASE}graph/{name}") for name in ("src/A", "src/B", "derived/R01")
    )
    feeds, located, upstream = (
        ox.NamedNode(expand(name)) for name in ("kg:feeds", "kg:locatedIn", "kg:upstreamOf")
    )
    thing = ox.NamedNode(expand("seg:a"))
    graphs = {
        source.value: [ox.Quad(thing, feeds, thing, source)],
        elsewhere.value: [ox.Quad(thing, located, thing, elsewhere)],
        result.value: [ox.Quad(thing, upstream, thing, result)],
    }
    quads = describe_runs(rules, graphs)
    said = rows(quads)
    assert {quad.graph_name.value for quad in quads} == {RUNS_GRAPH}
    assert f"{BASE}graph/derived/R01 prov:wasGeneratedBy run:R01" in said
    assert "run:R01-rule dcterms:description Steps follow." in said
    assert "run:R01-rule dcterms:identifier queries/rules/R01_a.rq" in said
    assert sum(line.startswith("run:R01-rule kg:sha256 ") for line in said) == 1
    assert {line for line in said if line.startswith("run:R01 prov:used ")} == {
        "run:R01 prov:used run:R01-rule",
        f"run:R01 prov:used {BASE}graph/src/A",
    }
    assert describe_runs(rules, graphs) == quads


BAD = {
    "a syntax error": (
        "R01_x.rq",
        rule_text("CONSTRUCT { ?a kg:feeds ?b } WHERE {\n ?a kg:feeds }"),
        ":8: does not parse: ",
    ),
    "an undeclared prefix": (
        "R01_x.rq",
        rule_text("CONSTRUCT { ?a kg:feeds ?b } WHERE { ?a kgg:feeds ?b }"),
        ":7: prefix 'kgg' is not declared; did you mean 'kg'?",
    ),
    "a prefix for another namespace": (
        "R01_x.rq",
        rule_text(
            "PREFIX skos: <http://skos/>\nCONSTRUCT { ?a kg:feeds ?b } WHERE { ?a kg:feeds ?b }"
        ),
        ":7: prefix 'skos' is <http://www.w3.org/2004/02/skos/core#>, not <http://skos/>",
    ),
    "an undeclared term": (
        "R01_x.rq",
        rule_text("CONSTRUCT { ?a kg:upstreamOf ?b } WHERE { ?a kg:fedes ?b }"),
        ":7: 'kg:fedes' is not declared in ontology/; did you mean 'kg:feeds'?",
    ),
    "a blank node in the template": (
        "R01_x.rq",
        rule_text("CONSTRUCT {\n  _:b kg:feeds ?b } WHERE { ?a kg:feeds ?b }"),
        ":8: a blank node in the template",
    ),
    "brackets in the template": (
        "R01_x.rq",
        rule_text("CONSTRUCT {\n\n ?a kg:feeds [] } WHERE { ?a kg:feeds ?b }"),
        ":9: a blank node in the template",
    ),
    "another kind of query": (
        "R01_x.rq",
        rule_text("SELECT * { ?a kg:feeds ?b }"),
        ": a rule is a CONSTRUCT query",
    ),
    "another kind of name": (
        "x.rq",
        rule_text(STEP),
        ": a rule file is named like R01_within_area.rq",
    ),
    "no summary": (
        "R01_x.rq",
        rule_text(STEP).split("\n", 1)[1],
        ":1: a header line '#+ summary: …' is missing",
    ),
    "an unknown header field": (
        "R01_x.rq",
        "#+ sumary: x\n" + rule_text(STEP),
        ":1: no header field 'sumary'; known: ",
    ),
    "a view that does not exist": (
        "R01_x.rq",
        "#+ view: whole\n" + rule_text(STEP),
        ":1: no view 'whole'; known: curated, all",
    ),
    "reads a prefix that does not exist": (
        "R01_x.rq",
        rule_text(STEP).replace("reads: kg:feeds", "reads: kgg:feeds"),
        ":2: prefix 'kgg' is not declared; did you mean 'kg'?",
    ),
    "a stratum that is no number": (
        "R01_x.rq",
        rule_text(STEP).replace("stratum: 1", "stratum: one"),
        ":4: stratum 'one' is not a number from 1 to 9",
    ),
}


@pytest.mark.parametrize(("name", "text", "message"), BAD.values(), ids=BAD)
def test_a_bad_rule_file_is_named_with_the_line(
    tmp_path: Path, name: str, text: str, message: str
) -> None:
    write_rules(tmp_path, {name: text, "R02_good.rq": rule_text(STEP)})
    with pytest.raises(BadFiles) as raised:
        read_rules(tmp_path, TERMS)
    assert any(
        str(problem).startswith(f"queries/rules/{name}{message}")
        for problem in raised.value.problems
    )
    assert {problem.path for problem in raised.value.problems} == {f"queries/rules/{name}"}


READ_ELSEWHERE = {
    "dcterms:issued",
    "prov:wasDerivedFrom",
    "qb:dataSet",
    "rdfs:subClassOf",
    "skos:broader",
}
"""Properties of other vocabularies that rules read or write."""


@pytest.mark.parametrize("name", RULES)
def test_a_rule_names_in_its_head_every_term_it_reads_and_writes(name: str) -> None:
    text = (ROOT / "queries/rules" / name).read_text()
    template, _, where = text.partition("PREFIX")[2].partition("WHERE")
    for field, part in (("reads", where), ("writes", template)):
        [named] = re.findall(rf"#\+ {field}: (.*)", text)
        found = set(re.findall(r"(?<![\w:])kg:\w+", part))
        assert {term for term in named.split() if term.startswith("kg:")} == found
        assert set(named.split()) - found <= READ_ELSEWHERE


# what the project's rules find


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Derived, ox.Store]:
    """What follows from documents A and B alone, and a store with the merged view."""
    root = tmp_path_factory.mktemp("documents")
    copy_files(root)
    sources = read_sources(root)
    derived = derive(read_rules(root, declared_terms(sources.graphs)), sources.quads)
    store = ox.Store()
    store.extend(ox.Quad(*quad.triple) for quad in sources.quads)
    store.extend(ox.Quad(*quad.triple) for quads in derived.values() for quad in quads)
    return derived, store


def ask(store: ox.Store, query: str) -> list[tuple[str, ...]]:
    """Rows of a SELECT, shortened and sorted."""
    solutions = store.query(query, prefixes=PREFIXES)
    return sorted(tuple(compact(term.value) for term in row) for row in solutions)


NOTHING_YET = {
    "R10_portfolio.rq", "R11_portfolio_of_group.rq",  # totals of investments, and no single one
    "R22b_value_of_basis.rq", "R24c_scope_period.rq",  # they take a rival outside the two
}  # fmt: skip
"""What the two documents give no case for."""


@pytest.mark.parametrize("name", [name for name in RULES if name not in NOTHING_YET])
def test_every_rule_derives_something_from_the_two_documents(
    documents: tuple[Derived, ox.Store], name: str
) -> None:
    assert f"{BASE}graph/derived/{name.partition('_')[0]}" in documents[0]


CONFLICTS = {
    "value announcement-year|id/batch/lg-7": "A01-1 B08-1 B18-1",
    "value batch-new|id/place/shenzhen|voc/population/lg-batch-7": "A02-1 B08-2 B18-2",
    "value launch-year|id/programme/lg": "A11-1 B14-1 B17-1",
    "classification tier-vs-group|id/ent/dji": "A34-3 B16-3",
    "scope scope|id/place/shenzhen|voc/indicator/avg-patent-applications|id/period/unstated|152": "A31-1 B49-1",
    "scope scope|id/place/shenzhen|voc/indicator/avg-pct-applications|id/period/unstated|6.5": "A32-1 B50-1",
    "scope scope|id/place/shenzhen|voc/indicator/stock-count|id/period/2025|1333": "A04-1 B04-1",
    "scope scope-indicator|id/place/shenzhen|voc/indicator/share-in-standards|id/period/unstated|30": "A33-1 B52-1",
    "arithmetic stock-flow|id/place/shenzhen|id/period/2025": "A02-1 A04-1 B04-1 B08-2 B22-1",
    "anachronism anachronism|id/batch/lg-7": "A01-1 B08-1",
}


def test_the_two_documents_hold_exactly_ten_conflicts(documents: tuple[Derived, ox.Store]) -> None:
    found = defaultdict(set)
    query = "SELECT ?kind ?key ?record { ?c kg:conflictKind ?kind ; kg:slotKey ?key ; kg:involves ?record }"
    for kind, key, record in ask(documents[1], query):
        found[f"{kind.removeprefix('conflict:')} {key}"].add(record.removeprefix("st:"))
    assert {key: " ".join(sorted(records)) for key, records in found.items()} == CONFLICTS


@pytest.mark.parametrize(
    ("key", "conflict"),
    [
        ("announcement-year|id/batch/lg-7", "cf:84495e5c864ebd4a834e15d2c3baf8ab"),
        ("tier-vs-group|id/ent/dji", "cf:dba9e6ade40e920cb68f51cbaa74f0e1"),
        (
            "batch-new|id/place/shenzhen|voc/population/lg-batch-7",
            "cf:c38e967dd1635c9158cd43c603a1e528",
        ),
    ],
)
def test_a_conflict_is_named_by_the_digest_of_its_key(
    documents: tuple[Derived, ox.Store], key: str, conflict: str
) -> None:
    assert ask(documents[1], f"SELECT ?c {{ ?c a kg:Conflict ; kg:slotKey '{key}' }}") == [
        (conflict,)
    ]


def test_seven_conflicts_stay_open_after_the_resolutions(
    documents: tuple[Derived, ox.Store],
) -> None:
    query = "SELECT ?c { ?c a kg:Conflict MINUS { ?resolution kg:resolves ?c } }"
    assert len(ask(documents[1], query)) == 7


def test_thirteen_slots_are_filled_identically_by_both_documents(
    documents: tuple[Derived, ox.Store],
) -> None:
    sides = " ".join(
        f"?{doc} kg:slotKey ?key ; kg:slotValue ?value ; kg:evidence/kg:fromDocument doc:{doc} ."
        for doc in "AB"
    )
    assert len(ask(documents[1], f"SELECT DISTINCT ?key {{ {sides} }}")) == 13


def test_the_residual_of_the_stock_of_2025_is_39_firms(documents: tuple[Derived, ox.Store]) -> None:
    assert ask(documents[1], "SELECT ?r { ?c kg:residual ?r }") == [("39",)]


def test_a_tier_follows_from_a_record_that_is_neither_hearsay_nor_set_aside(
    documents: tuple[Derived, ox.Store],
) -> None:
    firms = ask(documents[1], "SELECT ?e { ?e kg:hasTier tier:little-giant }")
    assert firms == [("e:bambu",), ("e:deepseek",), ("e:inovance",), ("e:rayneo",), ("e:ubtech",)]


def test_an_implied_tier_makes_possibly_eligible_only(documents: tuple[Derived, ox.Store]) -> None:
    assert ask(documents[1], "SELECT ?e { ?e kg:eligibleFor st:B79-1 }") == [
        ("e:rayneo",),
        ("e:ubtech",),
    ]
    assert ask(documents[1], "SELECT ?e { ?e kg:possiblyEligibleFor st:B79-1 }") == [
        ("e:bambu",),
        ("e:inovance",),
    ]


def ranks(store: ox.Store, population: str) -> list[tuple[str, ...]]:
    return ask(
        store,
        f"""SELECT ?city ?period ?rank {{ ?o kg:modality mod:derived ; kg:indicator ind:rank-stock-count ;
          kg:population {population} ; kg:feature ?city ; kg:period ?period ; kg:value ?rank }}""",
    )


def test_cities_are_ranked_where_two_or_more_have_counts(
    documents: tuple[Derived, ox.Store],
) -> None:
    assert ranks(documents[1], "pop:lg-stock") == [
        ("pl:beijing", "per:2025", "2"),
        ("pl:shanghai", "per:2025", "3"),
        ("pl:shenzhen", "per:2025", "1"),
    ]


def test_a_rank_is_carried_forward_from_one_move_to_the_next(
    documents: tuple[Derived, ox.Store],
) -> None:
    path = [(period, rank) for _, period, rank in ranks(documents[1], "pop:lg-unspecified")]
    years = ["per:2021", "per:2022", "per:2023", "per:2024", "per:2025"]
    assert path == list(zip(years, "43221", strict=True))


def test_derived_figures_have_neither_fact_nor_passage_and_name_what_they_rest_on(
    documents: tuple[Derived, ox.Store],
) -> None:
    derived = "?o kg:modality mod:derived"
    assert (
        ask(
            documents[1],
            f"SELECT ?o {{ {derived} {{ ?o kg:factId ?x }} UNION {{ ?o kg:evidence ?x }} }}",
        )
        == []
    )
    assert (
        ask(documents[1], f"SELECT ?o {{ {derived} MINUS {{ ?o prov:wasDerivedFrom ?x }} }}") == []
    )


def test_a_step_without_firms_is_not_critical(documents: tuple[Derived, ox.Store]) -> None:
    found = dict(ask(documents[1], "SELECT ?s ?c { ?s kg:criticality ?c }"))
    assert (
        found["seg:lidar"] == "2"
        and found["seg:whole-machine"] == "0.25"
        and found["seg:smart-factory"] == "0"
    )


def test_every_derived_iri_is_described_and_no_two_graphs_share_a_triple(
    documents: tuple[Derived, ox.Store],
) -> None:
    triples = [quad.triple for quads in documents[0].values() for quad in quads]
    assert len(triples) == len(set(triples))
    minted = {
        t.object.value for t in triples if compact(str(t.object.value)).startswith(("cf:", "drv:"))
    }
    assert minted <= {triple.subject.value for triple in triples}


# traps, each with the real rule on a few triples


@cache
def real_rules() -> list[Rule]:
    """The rules of the project; its files are read once."""
    return read_rules(ROOT, declared_terms(read_sources(ROOT).graphs))


def real(number: str, turtle: str) -> set[str]:
    """What one rule of the project derives from a few triples."""
    rules = [rule for rule in real_rules() if rule.number == number]
    prefixes = "".join(f"PREFIX {prefix}: <{iri}>\n" for prefix, iri in PREFIXES.items())
    derived = derive(rules, ox.parse(prefixes + turtle, ox.RdfFormat.TURTLE))
    return rows([quad for quads in derived.values() for quad in quads])


@pytest.mark.parametrize(
    ("modality", "held"),
    [
        ("explicit", True),
        ("implied", True),
        ("attributed", True),
        ("hearsay", False),
        ("unverified", False),
        ("predicted", False),
        ("derived", False),
    ],
)
def test_only_some_ways_of_stating_give_a_tier(modality: str, held: bool) -> None:
    record = f"st:A01-1 a kg:Recognition ; kg:recognises e:dji ; kg:tier tier:little-giant ; kg:modality mod:{modality} ."
    assert (real("R03", record) == {"e:dji kg:hasTier tier:little-giant"}) is held


@pytest.mark.parametrize(
    ("qualifier", "bounds"),
    [
        ("exact", {"kg:lower 200", "kg:upper 200"}),
        ("approx", {"kg:lower 190", "kg:upper 210"}),
        ("moreThan", {"kg:lower 200"}),
        ("atLeast", {"kg:lower 200"}),
        ("atMost", {"kg:upper 200"}),
    ],
)
def test_a_qualifier_is_an_interval(qualifier: str, bounds: set[str]) -> None:
    record = f"st:A01-1 kg:factId 'A01' ; kg:value 200.0 ; kg:qualifier q:{qualifier} ."
    assert real("R20", record) == {f"st:A01-1 {bound}" for bound in bounds}


def test_the_interval_of_a_negative_figure_is_the_right_way_round() -> None:
    record = "st:A01-1 kg:factId 'A01' ; kg:value -200.0 ; kg:qualifier q:approx ."
    assert real("R20", record) == {"st:A01-1 kg:lower -210", "st:A01-1 kg:upper -190"}


def test_more_than_a_number_does_not_contradict_a_larger_one() -> None:
    records = """st:A01-1 kg:slotKey 'k' ; kg:slotValue 25000.0 ; kg:value 25000.0 ; kg:lower 25000.0 .
    st:B01-1 kg:slotKey 'k' ; kg:slotValue 25400.0 ; kg:value 25400.0 ; kg:lower 25400.0 ; kg:upper 25400.0 ."""
    assert real("R22", records) == set()


def test_a_figure_and_its_bounds_far_apart_are_a_conflict() -> None:
    records = """st:A01-1 kg:slotKey 'k' ; kg:value 100.0 ; kg:lower 100.0 ; kg:upper 100.0 .
    st:B01-1 kg:slotKey 'k' ; kg:value 102.0 ; kg:lower 96.9 ; kg:upper 107.1 .
    st:C01-1 kg:slotKey 'k' ; kg:value 99.0 ; kg:lower 99.0 ; kg:upper 99.0 ."""
    involved = {row.rpartition(" ")[2] for row in real("R22", records) if "kg:involves" in row}
    assert involved == {"st:A01-1", "st:C01-1"}
