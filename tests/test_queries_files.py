"""Every query under queries/: it parses on two engines, says what it answers, and answers."""

import json
import re
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
import rdflib
from rdflib.plugins.sparql import prepareQuery

from kg.errors import ParameterInvalid
from kg.namespaces import BASE, PREFIXES
from kg.queries import Parameter, SavedQuery, read_query
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.traditional import to_traditional

QUERIES = Path(__file__).parent.parent / "queries"
SAVED = {path.stem: read_query(path) for path in sorted(QUERIES.glob("*.rq"))}
CHECKS = {path.stem: path for path in sorted((QUERIES / "checks").glob("*.rq"))}
FOLDERS = (".", "cq", "checks", "lists")
FILES = [path for folder in FOLDERS for path in QUERIES.joinpath(folder).glob("*.rq")]
NAMES = sorted(path.relative_to(QUERIES).as_posix() for path in FILES)

PREFIX = re.compile(r"^PREFIX ([\w-]+): <([^>]*)>$", re.MULTILINE)
NOT_NAMES = re.compile(r'"[^"\n]*"|<[^<>\s]*>|#[^\n]*')
PREFIX_USED = re.compile(r"(?<![\w?$:-])([A-Za-z][\w-]*):")
LANGUAGES = ["en", "zh-Hans", "zh-Hant"]
CHINESE = re.compile("[\u4e00-\u9fff]")
HOSTILE = [
    'a" } DROP ALL ; { "',
    "it's } UNION { ?s ?p ?o",
    "first\nsecond\r\t# } DROP SILENT DEFAULT",
    "\\u0022 } \\",
    'VALUES ?lang { "zh-Hans" }',
    "深圳’\U0001f916",
]
NOWHERE = BASE + "id/ent/nobody"


@pytest.fixture(scope="module")
def release(articles: Settings) -> ox.Store:
    """What the two articles give, without the prefixes that the project's own store adds."""
    return ox.Store.read_only(str(articles.data / "current" / "store"))


@pytest.fixture(scope="module")
def dataset(release) -> rdflib.Dataset:
    """The same quads in rdflib."""
    found = rdflib.Dataset()
    found.parse(data=ox.serialize(release, format=ox.RdfFormat.N_QUADS), format="nquads")
    return found


def answer(store: ox.Store, text: str) -> list[str]:
    """Rows in their order, or triples sorted, as text."""
    result = store.query(text)
    if isinstance(result, ox.QueryTriples):
        return sorted({str(triple) for triple in result})
    return [str(row) for row in result]


def parameters() -> list[tuple[str, Parameter]]:
    return [(name, one) for name, query in SAVED.items() for one in query.parameters]


def default_values(parameter: Parameter) -> list[str]:
    """The default as a visitor would give it; empty where it means any."""
    words = [word for word in parameter.default.split() if word != "UNDEF"]
    return [word.removesuffix("^^xsd:date").strip('"') for word in words]


def read(name: str) -> str:
    return (QUERIES / name).read_text(encoding="utf-8")


# every file -----------------------------------------------------------------------------------


@pytest.mark.parametrize("name", NAMES)
def test_a_query_declares_the_pinned_prefixes_that_it_uses_and_no_other(name):
    declared = dict(PREFIX.findall(read(name)))
    body = NOT_NAMES.sub("", PREFIX.sub("", read(name)))
    assert declared == {prefix: PREFIXES[prefix] for prefix in PREFIX_USED.findall(body)}
    assert list(declared) == sorted(declared)


@pytest.mark.parametrize("name", NAMES)
def test_a_second_engine_parses_a_query(name):
    assert prepareQuery(read(name)).algebra.name in ("SelectQuery", "ConstructQuery")


@pytest.mark.parametrize("name", NAMES)
def test_a_query_opens_with_one_line_that_says_what_it_answers(name):
    summary = re.match(r"#\+ summary: (\S.*\S)\n", read(name))
    assert summary
    assert len(summary[1]) <= 160


def test_no_two_queries_have_the_same_summary():
    assert not [
        text for text, n in Counter(read(n).splitlines()[0] for n in NAMES).items() if n > 1
    ]


@pytest.mark.parametrize("name", [name for name in NAMES if "SELECT" in read(name)])
def test_a_table_is_ordered(name):
    assert "\nORDER BY " in read(name)


# saved queries --------------------------------------------------------------------------------


@pytest.mark.parametrize("query", SAVED.values(), ids=SAVED)
def test_a_saved_query_says_how_to_read_its_answer(query):
    assert query.reading.endswith(".")
    assert all(parameter.summary for parameter in query.parameters)


LAYERS = {
    "awards-on-day": 18,
    "chain-figures": 16,
    "eligibility-conditions": 25,
    "eligibility-editions": 18,
    "industry-codes": 1,
    "listed-firms": 424,
    "listed-industries": 1,
    "listings-by-year": 30,
    "named-listed-firms": 96,
}
"""Queries of the reference layers, which the release of the articles lacks, and the rows there must be."""


@pytest.mark.parametrize("query", sorted(SAVED.keys() - LAYERS))
def test_a_saved_query_answers_with_its_defaults(release, query):
    assert answer(release, SAVED[query].text)


@pytest.mark.parametrize("name", LAYERS)
def test_a_saved_query_of_a_layer_answers_in_the_whole_release(store: EmbeddedStore, name):
    lengths = set()
    for language in LANGUAGES:
        text = SAVED[name].bind({"lang": [language]})
        lengths.add(len(store.rows(text)))
    assert len(lengths) == 1
    assert lengths.pop() >= LAYERS[name]


@pytest.mark.parametrize(("name", "parameter"), parameters())
def test_a_default_given_as_a_value_changes_nothing(release, name, parameter):
    query = SAVED[name]
    given = {parameter.name: default_values(parameter)}
    assert answer(release, query.bind(given)) == answer(release, query.text)


@pytest.mark.parametrize(("name", "parameter"), parameters())
def test_only_a_parameter_that_means_any_says_that_it_may_be_empty(name, parameter):
    assert ("empty means" in parameter.summary) == (parameter.default == "UNDEF")
    for tag in ("zh-Hans", "zh-Hant"):
        assert ("留空表示" in parameter.summary_in(tag)) == (parameter.default == "UNDEF")


@pytest.mark.parametrize(
    ("name", "parameter"),
    [(name, one) for name, one in parameters() if one.type in ("iri", "integer")],
)
def test_a_value_that_nothing_has_leaves_no_answer(release, name, parameter):
    value = NOWHERE if parameter.type == "iri" else "1066"
    assert answer(release, SAVED[name].bind({parameter.name: [value]})) == []


@pytest.mark.parametrize("tag", LANGUAGES)
@pytest.mark.parametrize("query", SAVED.values(), ids=SAVED)
def test_a_saved_query_says_what_it_answers_in_every_language(query: SavedQuery, tag: str) -> None:
    texts = [(query.summary, query.summary_in(tag)), (query.reading, query.reading_in(tag))]
    texts += [(one.summary, one.summary_in(tag)) for one in query.parameters]
    for english, text in texts:
        assert text.strip()
        if tag == "en":
            assert text == english and not CHINESE.search(text)
        else:
            assert text != english and CHINESE.search(text), text


def test_the_traditional_texts_hold_no_simplified_character() -> None:
    for query in SAVED.values():
        for one in (query.summary_in, query.reading_in, *(p.summary_in for p in query.parameters)):
            text = one("zh-Hant")
            assert to_traditional(text).replace("佈", "布") == text  # both are right


def test_the_language_needs_no_line_in_the_head() -> None:
    assert not [p.name for p in QUERIES.rglob("*.rq") if "#+ param lang" in p.read_text("utf-8")]
    [lang] = [one for one in SAVED["city-counts"].parameters if one.name == "lang"]
    assert (lang.type, lang.default) == ("string", '"en"')


@pytest.mark.parametrize("query", [q for q in SAVED.values() if "SELECT" in q.text], ids=str)
def test_the_language_changes_names_and_neither_adds_nor_drops_rows(release, query):
    lengths = {len(answer(release, query.bind({"lang": [tag]}))) for tag in [*LANGUAGES, "fr"]}
    assert len(lengths) == 1


def test_names_come_in_the_language_asked_for(release):
    chinese = answer(release, SAVED["city-counts"].bind({"lang": ["zh-Hans"]}))
    assert "深圳" in chinese[0]


@pytest.mark.parametrize("value", HOSTILE)
@pytest.mark.parametrize(
    ("name", "parameter"), [(name, one) for name, one in parameters() if one.type == "string"]
)
def test_a_hostile_text_becomes_one_literal_and_changes_nothing_else(
    release, name, parameter, value
):
    query = SAVED[name]
    bound = query.bind({parameter.name: [value]})
    literal = str(ox.Literal(value))
    assert bound.replace(literal, parameter.default) == query.text
    (row,) = release.query(f"SELECT ?x {{ VALUES ?x {{ {literal} }} }}")
    assert row["x"] == ox.Literal(value)
    release.query(bound)


@pytest.mark.parametrize("value", ["http://x/> } DROP ALL #", "no such prefix", "pl:a b"])
def test_a_text_that_is_no_iri_is_refused(value):
    with pytest.raises(ParameterInvalid):
        SAVED["city-counts"].bind({"city": [value]})


@pytest.mark.parametrize("query", SAVED.values(), ids=SAVED)
def test_a_second_engine_gives_the_same_rows_in_the_same_order(release, dataset, query):
    assert told(dataset.query(query.text)) == told(release.query(query.text))


def told(result: object) -> list[tuple[str, ...]]:
    """Rows or triples of either engine; numbers as numbers, a set of words as a set."""
    if isinstance(result, ox.QueryTriples) or getattr(result, "type", "") == "CONSTRUCT":
        return sorted({tuple(plain(term) for term in triple) for triple in result})
    names = [name.removeprefix("?") for name in columns(result)]
    return [tuple(plain(row[name]) for name in names) for row in result]


def columns(result: object) -> list[str]:
    if isinstance(result, ox.QuerySolutions):
        return [variable.value for variable in result.variables]
    return [str(variable) for variable in result.vars]


def plain(term: object) -> str:
    if term is None:
        return ""
    text = str(term.value) if isinstance(term, ox.NamedNode | ox.Literal) else str(term)
    if re.fullmatch(r"-?\d+(\.\d+)?", text):
        return str(float(text))
    return " ".join(sorted(text.removesuffix("Z").removesuffix("+00:00").split()))


# statements of the catalogue that would otherwise go unnoticed --------------------------------


def row_of(release: ox.Store, query: SavedQuery, **wanted: str) -> dict[str, str]:
    """The one row whose columns have these values."""
    document = release.query(query.text).serialize(format=ox.QueryResultsFormat.JSON)
    rows = [
        {name: term["value"] for name, term in row.items()}
        for row in json.loads(document)["results"]["bindings"]
    ]
    (found,) = [row for row in rows if wanted.items() <= row.items()]
    return found


def test_a_record_that_was_set_aside_is_shown_with_the_decision_and_counts_nowhere(release):
    record = row_of(release, SAVED["evidence-of-record"], fact="B18")
    assert record["setAsideBy"] and record["conflict"]
    with pytest.raises(ValueError, match="not enough values"):
        row_of(release, SAVED["city-counts"], fact="B18")


def test_an_implied_title_is_listed_as_implied(release):
    assert row_of(release, SAVED["firms-by-tier"], fact="A55")["modality"] == "implied"


def test_a_segment_shows_the_firms_recorded_beside_those_claimed(release):
    row = row_of(release, SAVED["segment-gaps"], fact="A21")
    assert (row["recordedFirms"], row["claimedFirms"], row["qualifier"]) == ("4", "9", "at least")


def test_an_excess_over_mixed_counting_bases_says_so(release):
    row = row_of(release, SAVED["targets-and-counts"], countFact="A04")
    assert (row["excess"], row["sameBasis"]) == ("733", "false")


def test_a_claimed_portfolio_shows_that_no_firm_of_it_is_named(release):
    row = row_of(release, SAVED["investors-claimed-portfolio"], fact="A49")
    assert (row["value"], row["recordedFirms"]) == ("198", "0")


def test_a_change_between_years_says_whether_both_count_the_same_firms(release):
    alike = row_of(release, SAVED["count-changes"], fact="B20", nextFact="B22")
    assert (alike["change"], alike["sameBasis"]) == ("273", "true")  # 1,025 - 752
    mixed = row_of(release, SAVED["count-changes"], fact="B22", nextFact="A04")
    assert (mixed["change"], mixed["sameBasis"]) == ("308", "false")  # 1,333 - 1,025


def test_a_gap_between_cities_compares_figures_of_one_document(release):
    row = row_of(release, SAVED["city-gaps"], fact="B04", otherFact="B06")
    assert (row["gap"], row["sameBasis"]) == ("301", "true")  # 1,333 - 1,032
    with pytest.raises(ValueError, match="not enough values"):
        row_of(release, SAVED["city-gaps"], fact="A04", otherFact="B06")


def test_a_contradiction_between_amounts_shows_them(store: EmbeddedStore):
    rows = store.rows(SAVED["conflicts"].text)
    claims = {row["fact"].value: row["claim"].value for row in rows if "claim" in row}
    assert {claims[fact] for fact in ("B79", "AW03")} == {"500000", "3000000"}


def test_an_award_counts_from_its_first_day_and_no_longer_on_its_last(store: EmbeddedStore):
    def awards(day: str) -> set[str]:
        return {
            row["fact"].value for row in store.rows(SAVED["awards-on-day"].bind({"day": [day]}))
        }

    before, after = awards("2025-05-31"), awards("2025-06-01")
    assert {"B79", "AW06"} <= before & after  # the city's and a district's, without a first day
    assert "AW07" in before - after  # ends where AW09 begins: half-open
    assert "AW09" in after - before


# checks ---------------------------------------------------------------------------------------

MODULE = "kg:x rdfs:isDefinedBy <http://m> . <http://m> a owl:Ontology ."
FAULTS = {
    "H01_three_labels": MODULE + 'kg:x rdfs:label "x"@en , "y"@zh-Hans .',
    "H02_definition": MODULE + 'kg:x skos:definition "X."@en , "甲。"@zh-Hans .',
    "H03_unique_label": MODULE
    + 'kg:x rdfs:label "x"@en . kg:y rdfs:isDefinedBy <http://m> ; rdfs:label "x"@en .',
    "H04_class_cycle": "kg:X rdfs:subClassOf kg:Y . kg:Y rdfs:subClassOf kg:X .",
    "H05_property_cycle": "kg:x rdfs:subPropertyOf kg:y . kg:y rdfs:subPropertyOf kg:x .",
    "H06_several_domains": MODULE + "kg:x rdfs:domain kg:X , kg:Y .",
    "H07_is_defined_by": "kg:X a owl:Class ; rdfs:isDefinedBy <http://not-a-module> .",
    "H08_naming": "kg:two_words a owl:ObjectProperty .",
    "H09_and_or_in_name": "kg:supplierAndCustomer rdfs:isDefinedBy <http://m> .",
    "H10_module_header": '<http://m> a owl:Ontology ; dcterms:title "no licence"@en .',
    "H11_punning": "kg:x a owl:Class , owl:ObjectProperty .",
    "H12_domain_present": MODULE + "kg:x a owl:ObjectProperty .",
    "H13_undeclared_terms": "e:a kg:suppliedBy e:b .",
    "H14_circular_definition": MODULE
    + 'kg:x rdfs:label "in force"@en ; skos:definition "That is in force."@en .',
    "H29_untranslated_definition": 'pop:x skos:definition "X."@en , "甲。"@zh-Hans .',
    "H30_domain_of_use": MODULE
    + "kg:x rdfs:domain kg:City . pl:a a kg:Place ; kg:x pl:b . kg:City rdfs:subClassOf kg:Place .",
    "H31_range_of_use": MODULE
    + "kg:x rdfs:range kg:City . pl:a kg:x pl:b . pl:b a kg:Place . kg:City rdfs:subClassOf kg:Place .",
    "H32_individual_labels": 'e:a skos:prefLabel "A"@en , "甲"@zh-Hans .',
    "H33_deprecated_term": "kg:x owl:deprecated true ; dcterms:isReplacedBy kg:y .",
    "H15_label_blanks": 'e:a skos:prefLabel "A  firm"@en .',
    "H16_deprecated_used": "kg:x owl:deprecated true . e:a kg:x e:b .",
    "H17_import_cycle": "<http://m> owl:imports <http://n> . <http://n> owl:imports <http://m> .",
    "H18_concept_labels": 'pop:x skos:inScheme <http://s> ; skos:prefLabel "x"@en .',
    "H19_broader_cycle": "pop:x skos:broader pop:y . pop:y skos:broader pop:x .",
    "H20_unsupported_record": 'st:X01-1 kg:factId "X01" ; kg:modality mod:explicit .',
    "H21_derived_asserted": "kg:x kg:derivedOnly true . e:a kg:x e:b .",
    "H22_bare_figure": "st:X01-1 kg:value 5.0 ; kg:unit u:enterprise .",
    "H23_dangling_reference": "e:a kg:suppliesTo e:nobody .",
    "H24_triple_in_two_graphs": "e:a a kg:Enterprise .",
    "H25_merged_view": "e:a a kg:Enterprise .",
    "H26_resolution_of_nothing": "res:x kg:resolves cf:x .",
    "H27_derived_figure_without_origin": "drv:x kg:modality mod:derived ; kg:value 5.0 .",
    "H28_year_and_period": "st:X01-1 kg:year 2024 ; kg:period per:2025 . per:2025 kg:yearNumber 2025 .",
}
"""For each check the smallest data that it must find fault with."""


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_nothing_in_the_release(release, name):
    assert answer(release, CHECKS[name].read_text(encoding="utf-8")) == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_nothing_in_the_reference_layers(store, name):
    """Over the whole release, with every layer that the checkout holds."""
    text = CHECKS[name].read_text(encoding="utf-8")
    assert [str(row) for row in store.rows(PREFIX.sub("", text))] == []


@pytest.mark.parametrize("name", CHECKS)
def test_a_check_finds_the_fault_that_it_is_for(name):
    faulty = ox.Store()
    turtle = "".join(f"@prefix {key}: <{iri}> .\n" for key, iri in PREFIXES.items()) + FAULTS[name]
    triples = list(ox.parse(turtle, format=ox.RdfFormat.TURTLE))
    graphs = [ox.NamedNode(BASE + "graph/src/X"), ox.NamedNode(BASE + "graph/ref/x")]
    if name == "H32_individual_labels":
        graphs.reverse()
    if name != "H25_merged_view":
        faulty.extend(ox.Quad(one.subject, one.predicate, one.object) for one in triples)
    for graph in graphs if name == "H24_triple_in_two_graphs" else graphs[:1]:
        faulty.extend(ox.Quad(one.subject, one.predicate, one.object, graph) for one in triples)
    assert answer(faulty, CHECKS[name].read_text(encoding="utf-8"))


DEFINED = {"en": "X.", "zh-Hans": "甲。", "zh-Hant": "甲。"}


@pytest.mark.parametrize("missing", DEFINED)
def test_a_definition_is_demanded_in_each_language(missing):
    said = [f'"{text}"@{language}' for language, text in DEFINED.items() if language != missing]
    for check, subject in (
        ("H02_definition", MODULE + "kg:x"),
        ("H29_untranslated_definition", "pop:x"),
    ):
        rows = answer(
            fill(f"{subject} skos:definition {' , '.join(said)} ."), read(f"checks/{check}.rq")
        )
        assert len(rows) == 1 and missing in rows[0]


@pytest.mark.parametrize(
    ("label", "definition", "circular"),
    [
        ('"供应关系"@zh-Hans', '"表示供应关系的记录。"@zh-Hans', True),
        ('"供應關係"@zh-Hant', '"表示供應關係的記錄。"@zh-Hant', True),
        ('"供应关系"@zh-Hans', '"一家企业向另一家企业交付某物的记录。"@zh-Hans', False),
        ('"supply relation"@en', '"Record of a supply relation."@en', True),
        ('"supply"@en', '"Record of supply."@en', False),
        ('"家"@zh-Hans', '"一家一家计数。"@zh-Hans', False),
    ],
)
def test_a_circular_definition_is_found_in_english_and_in_chinese(label, definition, circular):
    for predicate in ("rdfs:label", "skos:prefLabel"):
        store = fill(f"kg:x {predicate} {label} ; skos:definition {definition} .")
        assert bool(answer(store, read("checks/H14_circular_definition.rq"))) == circular


@pytest.mark.parametrize(
    ("range_", "value", "right"),
    [
        ("xsd:positiveInteger", "1", True),
        ("xsd:positiveInteger", "0", False),
        ("xsd:positiveInteger", "1.5", False),
        ("xsd:positiveInteger", '"1"', False),
        ("xsd:nonNegativeInteger", "0", True),
        ("xsd:nonNegativeInteger", "-1", False),
        ("xsd:decimal", "1.5", True),
        ("xsd:decimal", '"1.5"', False),
        ("xsd:date", '"2026"^^xsd:gYear', False),
        ("rdfs:Literal", '"anything"@en', True),
        ("rdf:langString", '"anything"@en', True),
        ("kg:City", "pl:city", True),
        ("kg:City", "pl:place", False),
        ("kg:City", '"Shenzhen"@en', False),
        ("kg:Place", "pl:city", True),
    ],
)
def test_a_value_is_held_against_the_range_of_its_property(range_, value, right):
    places = "kg:City rdfs:subClassOf kg:Place . pl:city a kg:City . pl:place a kg:Place ."
    store = fill(f"{MODULE} kg:x rdfs:range {range_} . e:a kg:x {value} . {places}")
    assert bool(answer(store, read("checks/H31_range_of_use.rq"))) != right


def fill(turtle: str) -> ox.Store:
    """A store whose default graph holds these triples."""
    prefixes = "".join(f"@prefix {key}: <{iri}> .\n" for key, iri in PREFIXES.items())
    store = ox.Store()
    store.load((prefixes + turtle).encode(), format=ox.RdfFormat.TURTLE)
    return store
