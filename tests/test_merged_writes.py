"""Writing where the default graph is the merged view: it follows, and is not written to itself."""

import json
import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.namespaces import BASE, PREFIXES, expand
from kg.release.curation import curated, find_set_aside
from kg.release.files import value_of
from kg.release.history import current
from kg.release.manifest import Manifest
from kg.release.partitions import EXAMPLES_GRAPH, PARTITIONS_GRAPH, describe_partitions
from kg.release.publish import build
from serving import Served, serving
from test_release import small_root

G, H = f"{BASE}graph/ref/g", f"{BASE}graph/src/h"
CURATION = f"{BASE}graph/curation/c"
HIDES, DEPRECATES, EVIDENCE = map(expand, ("kg:inMergedView", "kg:deprecates", "kg:evidence"))
TYPE = expand("rdf:type")


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    """A server over a small release that files made."""
    settings = small_root(tmp_path_factory.mktemp("merged"))
    build(settings)
    with serving(settings.data, root=settings.root, default_graph="merged") as found:
        yield found


def stored(served: Served) -> ox.Store:
    return ox.Store.read_only(str(current(served.data) / "store"))


def merged(store: ox.Store) -> set[ox.Triple]:
    return {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}


def wanted(store: ox.Store) -> set[ox.Triple]:
    """The merged view made from nothing, as the build makes it."""
    quads = [quad for quad in store if isinstance(quad.graph_name, ox.NamedNode)]
    hidden = {
        value_of(quad.subject)
        for quad in quads
        if quad.predicate.value == HIDES
        and value_of(quad.object) == "false"
        and quad.subject == quad.graph_name
    }
    told = [q for q in quads if value_of(q.graph_name) not in hidden or q.subject == q.graph_name]
    return {quad.triple for quad in curated(told, find_set_aside(quads))}


def described(store: ox.Store) -> set[ox.Quad]:
    """What the graph of the partitions says of classes and properties."""
    return {
        quad
        for quad in store.quads_for_pattern(None, None, None, ox.NamedNode(PARTITIONS_GRAPH))
        if quad.subject != quad.graph_name
    }


def counted(store: ox.Store) -> set[ox.Quad]:
    """The same counted from nothing, as the build counts it."""
    data = ox.Store()
    data.extend(
        q for q in store if value_of(q.graph_name) not in (EXAMPLES_GRAPH, PARTITIONS_GRAPH)
    )
    return {
        ox.Quad(subject, ox.NamedNode(expand(predicate)), value, ox.NamedNode(PARTITIONS_GRAPH))
        for subject, predicate, value in describe_partitions(wanted(data))
    }


def triple(subject: str, predicate: str, object_: str) -> ox.Triple:
    return ox.Triple(ox.NamedNode(subject), ox.NamedNode(predicate), ox.NamedNode(object_))


@pytest.mark.parametrize(
    "text",
    [
        "INSERT DATA { <x:a> <x:b> <x:c> }",
        f"INSERT DATA {{ GRAPH <{G}> {{ <x:a> <x:b> <x:c> }} <x:a> <x:b> <x:d> }}",
        "DELETE WHERE { ?s ?p ?o }",
        "INSERT { ?s <x:b> [] } WHERE { ?s ?p ?o }",
        f"WITH <{G}> INSERT {{ ?s <x:b> 1 }} WHERE {{ ?s ?p ?o }} ; DELETE {{ ?s ?p ?o }} WHERE {{ ?s ?p ?o }}",
        "CLEAR DEFAULT",
        "DROP SILENT DEFAULT",
        f"COPY <{G}> TO DEFAULT",
        f"MOVE DEFAULT TO <{G}>",
        f"ADD GRAPH <{G}> TO DEFAULT",
    ],
)
def test_an_update_of_the_default_graph_is_refused_and_says_why(served: Served, text: str) -> None:
    before = current(served.data)
    problem = json.loads(served.update(text).body)
    assert (problem["status"], problem["code"]) == (403, "default_graph_derived")
    assert "named graph" in problem["detail"]
    assert current(served.data) == before


@pytest.mark.parametrize("method", ["PUT", "POST", "DELETE"])
def test_the_graph_store_does_not_write_the_default_graph(served: Served, method: str) -> None:
    answer = served.send(method, "/store?default", b"", {"Content-Type": "text/turtle"})
    assert (answer.status, json.loads(answer.body)["code"]) == (403, "default_graph_derived")


def test_the_view_follows_what_a_graph_says_hides_and_sets_aside(served: Served) -> None:
    a, b = triple("x:a", "x:p", "x:o"), triple("x:b", "x:p", "x:o")
    one, both = f"GRAPH <{G}> {{ {a} . {b} }}", f"GRAPH <{H}> {{ {a} }}"

    def view(text: str) -> set[ox.Triple]:
        assert served.update(text).status == 204
        store = stored(served)
        assert merged(store) == wanted(store)
        manifest = Manifest.read(current(served.data))
        assert manifest.counts["triples"] == len(merged(store))
        return merged(store) & {a, b}

    assert view(f"INSERT DATA {{ {one} {both} }}") == {a, b}
    assert view(f"DELETE DATA {{ GRAPH <{G}> {{ {a} }} }}") == {a, b}  # the other graph says it
    assert view(f"INSERT DATA {{ GRAPH <{H}> {{ <{H}> <{HIDES}> false }} }}") == {b}
    assert triple(H, HIDES, "x:").subject in {t.subject for t in merged(stored(served))}
    assert view(f"DELETE WHERE {{ GRAPH <{H}> {{ <{H}> <{HIDES}> ?v }} }}") == {a, b}
    aside = f"GRAPH <{CURATION}> {{ <x:d> <{DEPRECATES}> <x:b> }}"
    assert view(f"INSERT DATA {{ {aside} }}") == {a}
    assert view(f"DELETE DATA {{ {aside} }}") == {a, b}
    elsewhere = f"GRAPH <{H}> {{ <x:d> <{DEPRECATES}> <x:b> }}"
    assert view(f"INSERT DATA {{ {elsewhere} }}") == {a, b}  # a source sets nothing aside
    assert view(f"DROP GRAPH <{G}> ; DROP GRAPH <{H}>") == set()


def test_the_counts_of_classes_and_properties_follow_the_writes(served: Served) -> None:
    """Asked as an editor asks, and held against counts made by hand and by a query."""

    def count(kind: str, relation: str = "", value: str = "") -> list[int]:
        text = (
            f"PREFIX void: <{PREFIXES['void']}> PREFIX ext: <{PREFIXES['void-ext']}> SELECT ?n {{ "
        )
        text += f"<{BASE}id/dataset/release> void:classPartition ?c . ?c void:class <{kind}> "
        if relation:
            text += f". ?c void:propertyPartition ?p . ?p void:property <{relation}> "
        if value:
            text += f". ?p ext:datatypePartition ?v . ?v ext:datatype <{value}> "
        ends = "?v void:triples" if value else "?p void:triples" if relation else "?c void:entities"
        found = served.ask(f"{text}. {ends} ?n }}", "text/csv").body.decode().split()[1:]
        return list(map(int, found))

    integer = expand("xsd:integer")
    assert count("x:C") == []
    one = f"GRAPH <{G}> {{ <x:a> a <x:C> ; <x:p> 1, 2 . <x:b> <x:p> 3 }}"
    assert served.update(f"INSERT DATA {{ {one} }}").status == 204
    assert (count("x:C"), count("x:C", "x:p"), count("x:C", "x:p", integer)) == ([1], [2], [2])
    assert count("x:C", TYPE) == [1]
    more = b"<x:b> a <x:C> . <x:a> <x:q> <x:b> , <x:a> ."
    path = f"/store?graph={H}"
    assert served.send("PUT", path, more, {"Content-Type": "text/turtle"}).status == 201
    assert (count("x:C"), count("x:C", "x:p"), count("x:C", "x:q")) == ([2], [3], [2])
    places = served.number(f"SELECT (COUNT(*) AS ?n) {{ ?s a <{expand('kg:Place')}> }}")
    assert count(expand("kg:Place")) == [places] and places > 0
    tag = served.send("GET", f"/store?graph={PARTITIONS_GRAPH}").headers["etag"]
    assert served.update(f"DELETE DATA {{ GRAPH <{G}> {{ <x:a> <x:p> 1 }} }}").status == 204
    assert (count("x:C", "x:p"), count("x:C", "x:p", integer)) == ([2], [2])
    assert served.send("GET", f"/store?graph={PARTITIONS_GRAPH}").headers["etag"] != tag
    assert served.send("DELETE", path).status == 204
    assert (count("x:C"), count("x:C", "x:p"), count("x:C", "x:q")) == ([1], [1], [])
    assert served.update(f"DROP GRAPH <{G}>").status == 204
    assert count("x:C") == count("x:C", "x:p") == []
    assert described(stored(served)) == counted(stored(served))


def test_the_view_is_right_after_any_writes(served: Served) -> None:
    """Random graphs of few names, so that they meet; compared with the view made from nothing."""
    dice = random.Random(20261125)
    things = ["x:a", "x:b", "x:c", G, H]
    predicates = ["x:p", TYPE, TYPE, HIDES, DEPRECATES, EVIDENCE]
    for _ in range(60):
        lines = []
        for _ in range(dice.randint(1, 5)):
            subject, predicate = dice.choice(things), dice.choice(predicates)
            value = "false" if predicate == HIDES else f"<{dice.choice(things)}>"
            graph = dice.choice([G, H, CURATION])
            lines.append(f"GRAPH <{graph}> {{ <{subject}> <{predicate}> {value} }}")
        word = dice.choice(["INSERT", "INSERT", "DELETE"])
        answer = served.update(f"{word} DATA {{ {' '.join(lines)} }}")
        assert answer.status == 204
        store = stored(served)
        assert merged(store) == wanted(store), lines
        assert described(store) == counted(store), lines
    assert served.update("DROP ALL").status == 204
    assert list(stored(served)) == []


def test_files_that_change_do_not_take_writes_away(served: Served) -> None:
    """Last here: what is served stays until someone builds."""
    from kg.release.start import prepare
    from kg.settings import Settings

    assert served.update(f"INSERT DATA {{ GRAPH <{G}> {{ <x:a> <x:b> 1 }} }}").status == 204
    settings = Settings(root=served.root, data=served.data)
    with (settings.root / "graph/ref/places.ttl").open("a") as file:
        file.write("# a comment\n")
    said: list[str] = []
    prepare(settings, report=said.append)
    assert "holds writes" in said[0] and Manifest.read(current(served.data)).provenance
    build(settings)
    assert not Manifest.read(current(served.data)).provenance
    assert served.update(f"INSERT DATA {{ GRAPH <{G}> {{ <x:a> <x:b> 1 }} }}").status == 204
    assert len(list(stored(served))) > 10  # on top of the build, not of what the head held
