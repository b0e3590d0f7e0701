"""A tally kept with the release is what the engines count, for every way to ask for it and for no other."""

import csv
import io
import itertools
import random
import re
import shutil
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Final

import pyoxigraph as ox
import pytest
import sparq

from kg.engine.evaluate import Cage, answer_query
from kg.engine.evaluators import FAST, Engines
from kg.engine.lanes import fast_query, why_reference
from kg.engine.request import QueryAnswer, QueryRequest
from kg.engine.tallies import TALLIES, TallyQuery
from kg.namespaces import PREFIXES
from kg.release.head import Head
from kg.release.history import current
from kg.release.large import load_here
from kg.release.publish import build
from kg.release.sums import find_damage, seal
from kg.release.tallies import write_tallies
from kg.release.write_request import WriteRequest
from kg.settings import Settings
from test_bulk import settings_for

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from generate import write  # not a package

KG: Final = PREFIXES["kg"]
MANY: Final = 100
ODD: Final = """
@prefix kg: <https://w3id.org/industry-kg/ont#> . @prefix e: <https://w3id.org/industry-kg/id/ent/> . @prefix : <urn:x#> .
e:n1 kg:basedIn :here , :there ; kg:hasTier :one , :two , :three ; a kg:Firm . e:n2 kg:basedIn :here ; kg:mixed "text" .
e:n3 kg:basedIn <urn:é> ; kg:mixed :here . :alone kg:basedIn :here ; kg:hasTier :one . kg:basedIn kg:hasTier kg:hasTier .
e:n4 kg:first :one . e:n5 kg:second :one .
"""
"""Several values for one thing, things of two classes and of none, a property with values of two kinds, two that nothing has both of."""
FORMATS: Final = ("json", "xml", "csv", "tsv")
P: Final = f"PREFIX kg: <{KG}> PREFIX rdf: <{PREFIXES['rdf']}> "
PLAIN: Final = "SELECT ?c ?t (COUNT(*) AS ?n) { ?x a kg:Enterprise ; kg:basedIn ?c ; kg:hasTier ?t } GROUP BY ?c ?t"
BY_CITY: Final = "SELECT ?c (COUNT(*) AS ?n) { ?x a kg:Enterprise ; kg:basedIn ?c } GROUP BY ?c"
TAKEN: Final = [
    PLAIN,
    BY_CITY,
    BY_CITY.replace("a kg", "rdf:type kg"),
    BY_CITY.replace("*", "?x"),
    BY_CITY.replace("*", "?c"),
    BY_CITY.replace("*", "DISTINCT ?x"),
    BY_CITY.replace("?x", "$x").replace("?c", "$c"),
    BY_CITY.replace("{ ?x a kg:Enterprise ; kg:basedIn ?c }", "WHERE{?x kg:basedIn ?c.?x a kg:Enterprise.}"),
    BY_CITY.replace(" ", "\n # } GROUP BY ?x \n"),
    BY_CITY.lower().replace("kg:enterprise", "kg:Enterprise").replace("basedin", "basedIn"),
    BY_CITY + " LIMIT 100000",
    PLAIN.replace("?c ?t", "?t ?c", 1),
    PLAIN.replace("GROUP BY ?c ?t", "GROUP BY ?t ?c"),
    PLAIN.replace("*", "DISTINCT ?x").replace("SELECT ?c ?t (", "SELECT ?t (").replace(") {", ") ?c {"),
]  # fmt: skip
NOT_TAKEN: Final = {
    "a further pattern": BY_CITY.replace("?c }", "?c ; kg:participatesIn ?s }"),
    "a further pattern with a constant": BY_CITY.replace("?c }", "?c ; kg:hasTier <urn:x#one> }"),
    "a constant instead of a variable": PLAIN.replace("kg:hasTier ?t", "kg:hasTier <urn:x#one>").replace("?c ?t", "?c"),
    "a pattern of another thing": PLAIN.replace("; kg:hasTier", ". ?y kg:hasTier"),
    "a pattern turned around": PLAIN.replace("; kg:hasTier ?t", ". ?t kg:hasTier ?x"),
    "a list of values": PLAIN.replace("kg:basedIn ?c ; kg:hasTier ?t", "kg:basedIn ?c , ?t"),
    "a property twice": PLAIN.replace("kg:hasTier", "kg:basedIn"),
    "a property twice, once outside of the groups": BY_CITY.replace("; kg:b", "; kg:basedIn ?z ; kg:b"),
    "a pattern twice": BY_CITY.replace("; kg:b", "; kg:basedIn ?c ; kg:b"),
    "a property twice and no class": BY_CITY.replace("a kg:Enterprise", "kg:basedIn ?z"),
    "a variable twice": BY_CITY.replace("?c }", "?c ; kg:hasTier ?c }"),
    "the thing as a value": BY_CITY.replace("basedIn ?c", "basedIn ?x").replace("?c", "?x"),
    "a variable for the property": BY_CITY.replace("kg:basedIn ?c", "?c ?o"),
    "a variable for the class": BY_CITY.replace("kg:Enterprise ; kg:basedIn ?c", "?c"),
    "a class as a value": BY_CITY.replace("kg:basedIn ?c", "a ?c"),
    "two classes": BY_CITY.replace("kg:Enterprise ;", "kg:Enterprise ; a kg:Firm ;"),
    "no class": BY_CITY.replace("a kg:Enterprise ; ", ""),
    "another class": BY_CITY.replace("kg:Enterprise", "kg:Firm"),
    "a class that is not there": BY_CITY.replace("kg:Enterprise", "kg:Enterprises"),
    "a property that is not there": BY_CITY.replace("kg:basedIn", "kg:basedOn"),
    "subclasses": BY_CITY.replace("a kg:Enterprise", "a/rdf:type* kg:Enterprise"),
    "a path": BY_CITY.replace("kg:basedIn", "kg:basedIn/rdf:value"),
    "a path of one step or more": BY_CITY.replace("kg:basedIn", "kg:basedIn+"),
    "an inverse path": BY_CITY.replace("kg:basedIn", "^kg:basedIn"),
    "alternatives": BY_CITY.replace("kg:basedIn", "kg:basedIn|kg:hasTier"),
    "a negated property": BY_CITY.replace("kg:basedIn", "!kg:basedIn"),
    "FILTER": BY_CITY.replace("?c }", "?c FILTER(ISIRI(?c)) }"),
    "OPTIONAL": PLAIN.replace("; kg:hasTier ?t", "OPTIONAL { ?x kg:hasTier ?t }"),
    "MINUS": BY_CITY.replace("?c }", "?c MINUS { ?x kg:hasTier <urn:x#one> } }"),
    "FILTER NOT EXISTS": BY_CITY.replace("?c }", "?c FILTER NOT EXISTS { ?x kg:hasTier <urn:x#one> } }"),
    "UNION": BY_CITY.replace("{ ?x", "{ { ?x").replace(" }", " } UNION { ?x kg:hasTier ?c } }"),
    "VALUES": BY_CITY.replace("?c }", "?c VALUES ?c { <urn:x#here> } }"),
    "VALUES behind it": BY_CITY + " VALUES ?c { <urn:x#here> }",
    "BIND": BY_CITY.replace("?c }", "?c BIND(1 AS ?one) }"),
    "GRAPH": BY_CITY.replace("{ ?x", "{ GRAPH ?g { ?x").replace(" }", " } }"),
    "FROM": BY_CITY.replace("{ ?x", "FROM <urn:g> { ?x"),
    "a group in the group": BY_CITY.replace("{", "{ {").replace("}", "} }"),
    "a sub-SELECT": BY_CITY.replace("{ ?x", "{ { SELECT * { ?x").replace(" }", " } LIMIT 7 } }"),
    "SELECT DISTINCT": BY_CITY.replace("SELECT", "SELECT DISTINCT"),
    "SELECT REDUCED": BY_CITY.replace("SELECT", "SELECT REDUCED"),
    "SELECT *": "SELECT * { ?x a kg:Enterprise ; kg:basedIn ?c }",
    "no group": "SELECT (COUNT(*) AS ?n) { ?x a kg:Enterprise ; kg:basedIn ?c }",
    "a group by one of two": PLAIN.replace("?c ?t (", "?c (").replace("BY ?c ?t", "BY ?c"),
    "a group by the thing": BY_CITY.replace("?c (", "?x (").replace("BY ?c", "BY ?x"),
    "a group by the thing too": BY_CITY.replace("BY ?c", "BY ?c ?x"),
    "a group by an expression": BY_CITY.replace("BY ?c", "BY (STR(?c) AS ?c2)").replace("?c (", "?c2 ("),
    "a column less": PLAIN.replace("?c ?t (", "?c ("),
    "a column twice": BY_CITY.replace("?c (", "?c ?c ("),
    "HAVING": BY_CITY + " HAVING(COUNT(*) > 1)",
    "ORDER BY": BY_CITY + " ORDER BY ?c",
    "ORDER BY with LIMIT": BY_CITY + " ORDER BY DESC(?n) LIMIT 2",
    "a LIMIT that cuts": BY_CITY + " LIMIT 2",
    "OFFSET": BY_CITY + " OFFSET 1",
    "the count has the thing's name": BY_CITY.replace("AS ?n", "AS ?x"),
    "two counts": BY_CITY.replace("(COUNT(*) AS ?n)", "(COUNT(*) AS ?n) (COUNT(?x) AS ?m)"),
    "a sum": BY_CITY.replace("COUNT(*)", "SUM(1)"),
    "a count of different values": BY_CITY.replace("*", "DISTINCT ?c"),
    "a count of different solutions": BY_CITY.replace("*", "DISTINCT *"),
    "a count of what nothing binds": BY_CITY.replace("*", "?z"),
    "a count of an expression": BY_CITY.replace("*", "STR(?c)"),
    "a count and more": BY_CITY.replace("COUNT(*)", "COUNT(*) + 1"),
    "a string": BY_CITY.replace("?c }", '?c ; kg:basedIn "} GROUP BY ?c" }'),
    "ASK": BY_CITY.replace("SELECT ?c (COUNT(*) AS ?n)", "ASK"),
    "an escape in a name": BY_CITY.replace("kg:basedIn", r"kg:basedI\u006E"),
    "a relative IRI": BY_CITY.replace("kg:basedIn", "<#basedIn>"),
}  # fmt: skip
"""Each means something else, or is written otherwise, than a question for a whole tally."""
WRONG: Final = {
    "the count's name is taken": BY_CITY.replace("AS ?n", "AS ?c"),
    "a prefix is not declared": BY_CITY.replace("kg:basedIn", "kgx:basedIn"),
    "a prefix that is a string": f'PREFIX k: "{KG}" {BY_CITY}'.replace("kg:E", "k:E"),
    "a capital for a": BY_CITY.replace("?x a", "?x A"),
    "a no-break space": BY_CITY.replace("SELECT ", "SELECT\xa0"),
    "a name that is none": BY_CITY.replace("?c", "?c²"),
    "two dots": BY_CITY.replace(" }", " . . }"),
    "no end": BY_CITY.replace(" }", ""),
    "words behind it": BY_CITY + " and more",
    "nothing": "",
}
"""No SPARQL at all."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder of a release: a generated graph with odd statements in both stores, and its tallies."""
    made, lines = tmp_path_factory.mktemp("release"), io.BytesIO()
    write(lines, 400, seed=5)
    store = ox.Store(str(made / "store"))
    store.load(lines.getvalue(), ox.RdfFormat.N_TRIPLES)
    store.load(ODD.encode(), ox.RdfFormat.TURTLE)
    store.flush()
    store.dump(made / "merged.nt", ox.RdfFormat.N_TRIPLES, from_graph=ox.DefaultGraph())
    del store
    graph = sparq.Graph.load(made / "merged.nt", "ntriples")
    graph.save(str(made / FAST))
    write_tallies(graph, made, MANY)
    return made


@pytest.fixture(scope="module")
def engines(folder: Path) -> Engines:
    return Engines.open(folder)


@pytest.fixture
def cage(tmp_path: Path) -> Iterator[Cage]:
    with (tmp_path / "overflow").open("w+b") as overflow:
        yield Cage(Settings.from_environment({}), overflow)


def ask(engines: Engines, cage: Cage, query: str, format: str = "json", **more: object) -> tuple[QueryAnswer, bytes]:  # fmt: skip
    """The answer of a worker."""
    request = QueryRequest(query, "http://localhost/", {"table": format, "boolean": "json"})
    return answer_query(engines, replace(request, **more), cage)  # type: ignore[arg-type]  # fields of it


def rows_of(text: bytes, format: str) -> tuple[list[str], Counter[tuple[str, ...]]]:
    """Columns and rows of a table in any of its formats."""
    if format == "csv":
        head, *rows = csv.reader(io.StringIO(text.decode()))
        return head, Counter(map(tuple, rows))
    kinds = {"json": ox.QueryResultsFormat.JSON, "xml": ox.QueryResultsFormat.XML, "tsv": ox.QueryResultsFormat.TSV}  # fmt: skip
    found = ox.parse_query_results(text, kinds[format])
    assert isinstance(found, ox.QuerySolutions)
    names = [name.value for name in found.variables]
    return names, Counter(tuple(str(row[name]) for name in names) for row in found)


def stored(folder: Path) -> dict[str, list[str]]:
    """Properties of each tally by its name, which begins with the class."""
    lines = (folder / TALLIES).read_text(encoding="utf-8").splitlines()
    return {line.partition("\t")[0]: line.partition("\t")[0].split(" ")[1:] for line in lines}


def variants(chance: random.Random, of_class: str, properties: list[str]) -> Iterator[str]:
    """Ways to ask for a tally."""
    while True:
        thing, number, *names = chance.sample(["?x", "?y", "$n", "?firm", "?v0", "?a", "?b", "?GROUP", "?tier2"], 2 + len(properties))  # fmt: skip
        prefix = chance.choice(["", "kg", "k-1", "GROUP"])

        def spell(iri: str, prefix: str = prefix) -> str:
            local = iri.removeprefix(KG)
            return f"{prefix}:{local}" if local != iri and chance.random() < 0.7 else f"<{iri}>"

        type_ = chance.choice(["a", f"<{PREFIXES['rdf']}type>"])
        lines = [f"{type_} {spell(of_class)}"]
        lines += [f"{spell(iri)} {name}" for iri, name in zip(properties, names, strict=True)]
        chance.shuffle(lines)
        star = lines[0] + "".join(chance.choice([f" ; {line}", f" . {thing} {line}", f".\n{thing}\t{line}"]) for line in lines[1:])  # fmt: skip
        counted = chance.choice(["*", thing, f"DISTINCT {thing}", *names])
        columns = [f"(COUNT({counted}) AS {number})", *names]
        chance.shuffle(columns)
        grouped = chance.sample(names, len(names))
        where, end = chance.choice([" WHERE ", " where", " ", "# { ?x\n"]), chance.choice(["", ".", " ."])  # fmt: skip
        yield (
            f"PREFIX {prefix}: <{KG}>\nPREFIX unused: <urn:x#>\nSELECT {' '.join(columns)}{where}{{ {thing} {star}{end} }}"
            f" GROUP BY {' '.join(grouped)}{chance.choice(['', ' # LIMIT 1', ' LIMIT 99999'])}"
        )


def test_every_tally_is_what_both_engines_count_however_it_is_asked_for(
    folder: Path, engines: Engines, cage: Cage
) -> None:
    chance, counting = random.Random(1), replace(engines, tallies=None)
    tallies = stored(folder)
    assert len(tallies) > 12
    for name, properties in tallies.items():
        for query in itertools.islice(variants(chance, name.split(" ")[0], properties), 30):
            fast = fast_query(query, 1_000_000)
            assert fast and engines.tallies and engines.tallies.answer(fast.text), query
            format = chance.choice(FORMATS)
            answer, text = ask(engines, cage, query, format)
            wanted, counted = ask(counting, cage, query, format)
            assert (answer, answer.engine) == (wanted, "sparq")
            assert rows_of(text, format) == rows_of(counted, format), query
            reference = engines.store.query(query).serialize(format=ox.QueryResultsFormat.JSON)  # type: ignore[union-attr]
            _, text = ask(engines, cage, query)
            assert rows_of(text, "json") == rows_of(reference or b"", "json"), query


@pytest.mark.parametrize("query", TAKEN)
def test_a_question_for_a_whole_tally_is_taken(engines: Engines, cage: Cage, query: str) -> None:
    fast = fast_query(P + query, 1_000_000)
    assert fast and engines.tallies and engines.tallies.answer(fast.text)
    (_, text), (_, counted) = ask(engines, cage, P + query), ask(replace(engines, tallies=None), cage, P + query)  # fmt: skip
    assert len(text) == len(counted) and rows_of(text, "json") == rows_of(counted, "json")


@pytest.mark.parametrize("query", [*NOT_TAKEN.values(), *WRONG.values()], ids=[*NOT_TAKEN, *WRONG])
def test_any_other_question_is_not(engines: Engines, cage: Cage, query: str) -> None:
    assert query not in TAKEN and engines.tallies
    assert not engines.tallies.answer(P + query)
    for forced in (False, True):
        fast = fast_query(P + query, 1_000_000, forced=forced)
        assert not fast or not engines.tallies.answer(fast.text)
    assert ask(engines, cage, P + query) == ask(replace(engines, tallies=None), cage, P + query)


@pytest.mark.parametrize("query", WRONG.values(), ids=WRONG)
def test_what_is_no_sparql_is_still_an_error(engines: Engines, cage: Cage, query: str) -> None:
    assert ask(engines, cage, P + query)[0].error == "syntax"


def test_a_prefix_declared_twice_is_left_to_the_engine(engines: Engines, cage: Cage) -> None:
    query = f"PREFIX kg: <urn:x#> {P}{BY_CITY}"
    assert not TallyQuery.read(query) and not why_reference(query)
    assert TallyQuery.read(P + BY_CITY)


def test_the_caps_hold(engines: Engines, cage: Cage) -> None:
    for format, most in itertools.product(FORMATS, (1, 3)):
        answer, text = ask(engines, cage, P + PLAIN, format, max_rows=most)
        assert (answer.rows, answer.truncated, answer.engine) == (most, "rows", "sparq")
        assert rows_of(text, format)[1].total() == most
    answer, text = ask(engines, cage, P + PLAIN, max_result_bytes=2_000)
    assert answer.truncated == "bytes" and 0 < rows_of(text, "json")[1].total() == answer.rows
    assert answer.size == len(text) < 2_300


def test_tallies_are_of_large_classes_and_of_properties_with_few_iris(folder: Path) -> None:
    tallies = stored(folder)
    assert {name.split(" ")[0] for name in tallies} == {KG + "Enterprise", KG + "Recognition"}
    used = {iri for properties in tallies.values() for iri in properties}
    assert {KG + "basedIn", KG + "hasTier", KG + "tier"} <= used
    assert not used & {KG + "mixed", PREFIXES["rdf"] + "type", PREFIXES["skos"] + "prefLabel", KG + "validFrom"}  # fmt: skip


def test_the_bounds_hold(folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    graph, made = sparq.Graph.open(str(folder / FAST)), "kg.release.tallies."

    def names(**bounds: int) -> set[str]:
        with monkeypatch.context() as patched:
            for bound, value in bounds.items():
                patched.setattr(made + bound, value)
            write_tallies(graph, tmp_path, MANY)
        return set(stored(tmp_path))

    everything, city, tier = names(), KG + "basedIn", KG + "hasTier"
    assert everything == set(stored(folder))
    of_few = names(_MAX_VALUES=40)
    assert of_few and of_few < everything and not any(city in name for name in of_few)
    assert {name for name in everything if name.count(" ") == 1} == names(_MAX_COMBINATIONS=1)
    of_firms = f"{KG}Enterprise {KG}"
    first, second = (names(_MAX_PROPERTIES=most) for most in (1, 3))
    assert {name for name in first if name.startswith(of_firms)} == {of_firms + "first"}
    assert {name.removeprefix(of_firms) for name in second if name.startswith(of_firms)} == {
        "first", "second", "hasTier", f"first {tier}", f"hasTier {KG}second"
    }  # fmt: skip


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A release that files made, with tallies of classes of 100 things or more; open copies of it only."""
    lines = io.BytesIO()
    write(lines, 200, seed=4)
    settings = settings_for(tmp_path_factory.mktemp("built"), **{"firms.nt": lines.getvalue()})
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("kg.release.fast.write_tallies", partial(write_tallies, many_things=MANY))
        patched.setattr("kg.release.publish.load_large", load_here)  # where the other is patched
        build(settings)
    return settings


@pytest.fixture
def false_tallies(built: Settings, tmp_path: Path) -> Path:
    """The release with a million more things in each count, so that one sees who answers."""
    release = shutil.copytree(current(built.data), tmp_path / "copy")
    text = (release / TALLIES).read_text(encoding="utf-8")
    (release / TALLIES).write_text(re.sub(r"(?<=[\[ ])(\d+)(?=[,\]])", r"100\g<1>", text))
    return release


def test_a_build_writes_and_seals_them_the_same_each_time(built: Settings, tmp_path: Path) -> None:
    release = shutil.copytree(current(built.data), tmp_path / "release")
    assert stored(release) and not find_damage(release)
    assert f"  {TALLIES}\n" in (release / "SHA256SUMS").read_text(encoding="utf-8")
    with (release / TALLIES).open("a") as file:
        file.write("x")
    assert find_damage(release) == [f"{TALLIES}: not the bytes that were written"]
    write_tallies(sparq.Graph.open(str(release / FAST)), release, MANY)
    assert (release / TALLIES).read_bytes() == (current(built.data) / TALLIES).read_bytes()


def test_no_tally_answers_for_another_dataset_or_engine(false_tallies: Path, cage: Cage) -> None:
    engines = Engines.open(false_tallies)
    assert b'"100' in ask(engines, cage, P + BY_CITY)[1]
    assert b'"100' in ask(Engines.open(false_tallies, "sparq"), cage, P + BY_CITY)[1]
    reference = Engines.open(false_tallies, "oxigraph")
    for answer, text in (
        ask(reference, cage, P + BY_CITY),
        ask(engines, cage, P + BY_CITY, default_graphs=["https://w3id.org/industry-kg/graph/bulk/firms"]),
        ask(engines, cage, P + BY_CITY, named_graphs=["https://w3id.org/industry-kg/graph/bulk/firms"]),
    ):  # fmt: skip
        assert (answer.engine, b'"100' in text, answer.error) == ("oxigraph", False, "")


@pytest.mark.parametrize("damage", [b"", b"x", None])
def test_without_a_tally_the_engine_counts(
    false_tallies: Path, cage: Cage, damage: bytes | None
) -> None:
    path, engines = false_tallies / TALLIES, Engines.open(false_tallies)
    wanted, counted = ask(replace(engines, tallies=None), cage, P + BY_CITY)
    text = path.read_bytes()
    path.unlink()
    if damage is not None:
        path.write_bytes(damage and text.replace(b"[", damage))
    answer, found = ask(engines, cage, P + BY_CITY)
    assert answer == wanted and answer.engine == "sparq" and answer.rows > 20
    assert rows_of(found, "json") == rows_of(counted, "json")


def test_a_release_of_a_write_has_none(built: Settings, tmp_path: Path, cage: Cage) -> None:
    settings = replace(built, data=tmp_path / "data")
    shutil.copytree(built.data, settings.data, symlinks=True)
    before = ask(Engines.open(current(settings.data)), cage, P + BY_CITY)
    head = Head(settings)
    added = "<urn:x#new> a kg:Enterprise ; kg:basedIn <urn:x#here>"
    head.write(WriteRequest("update", "http://x/", "1", update=f"{P} INSERT DATA {{ GRAPH <urn:x#g> {{ {added} }} }}"))  # fmt: skip
    head.close()
    assert not (current(settings.data) / TALLIES).exists()
    engines = Engines.open(current(settings.data))
    after = ask(engines, cage, P + BY_CITY)
    gained = rows_of(after[1], "json")[1] - rows_of(before[1], "json")[1]
    assert (before[0].engine, after[0].engine) == ("sparq", "oxigraph")
    assert [row[0] for row in gained] == ["<urn:x#here>"]


def test_the_same_files_again_bring_tallies_to_a_release_without(
    built: Settings, tmp_path: Path
) -> None:
    """One that an earlier version made."""
    settings = replace(built, data=tmp_path / "data")
    shutil.copytree(built.data, settings.data, symlinks=True)
    release = current(settings.data)
    (release / TALLIES).unlink()
    seal(release)
    build(settings)
    assert current(settings.data) == release
    assert (release / TALLIES).exists() and not find_damage(release)


def test_a_sub_select_of_a_tally_is_answered_by_it(false_tallies: Path, cage: Cage) -> None:
    query = f"{P} SELECT ?c ?n {{ {{ {BY_CITY} LIMIT 1000 }} FILTER(?n > 1000) }}"
    answer, _ = ask(Engines.open(false_tallies), cage, query)
    assert answer.rows > 20
