"""Writing where the default graph is the merged view: it follows, and is not written to itself."""

import json
import random
from collections.abc import Iterator

import pyoxigraph as ox
import pytest

from kg.namespaces import BASE, expand
from kg.release.curation import curated, find_set_aside
from kg.release.files import value_of
from kg.release.manifest import Manifest
from kg.release.publish import build, current
from serving import Served, serving
from test_release import small_root

G, H = f"{BASE}graph/ref/g", f"{BASE}graph/src/h"
CURATION = f"{BASE}graph/curation/c"
HIDES, DEPRECATES, EVIDENCE = map(expand, ("kg:inMergedView", "kg:deprecates", "kg:evidence"))


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


def test_the_view_is_right_after_any_writes(served: Served) -> None:
    """Random graphs of few names, so that they meet; compared with the view made from nothing."""
    dice = random.Random(20261125)
    things = ["x:a", "x:b", "x:c", G, H]
    predicates = ["x:p", HIDES, DEPRECATES, EVIDENCE]
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
