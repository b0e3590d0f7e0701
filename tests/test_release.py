"""Files to releases: what is refused and where, what is published, and what survives a crash."""

import dataclasses
import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import BadFiles, ReleaseUnknown
from kg.namespaces import BASE, expand
from kg.release.history import current, is_current, releases, rollback
from kg.release.manifest import Manifest, hash_dataset
from kg.release.publish import build
from kg.release.sources import read_sources
from kg.settings import Settings

ROOT = Path(__file__).parent.parent

PREFIXES = """\
@prefix dcterms: <http://purl.org/dc/terms/> .
@prefix kg: <https://w3id.org/industry-kg/ont#> .
@prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix pl: <https://w3id.org/industry-kg/id/place/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix st: <https://w3id.org/industry-kg/id/stmt/> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .

"""
FILES = {
    "ontology/core.ttl": "kg:Place a owl:Class .\nkg:locatedIn a owl:ObjectProperty .\nkg:withinArea a owl:ObjectProperty .\n",
    "graph/ref/places.ttl": """\
pl:world a kg:Place ; dcterms:modified "2026-01-02"^^xsd:date .
pl:china a kg:Place ; kg:locatedIn pl:world .
pl:shenzhen a kg:Place ; kg:locatedIn pl:china ; rdfs:label "Shenzhen"@en .
""",
    "graph/src/A.trig": """\
GRAPH <https://w3id.org/industry-kg/graph/src/A> {
  st:A01-1 rdfs:seeAlso pl:shenzhen .
}
""",
}
RULE = """\
#+ summary: A place lies within every larger one.
#+ reads: kg:locatedIn
#+ writes: kg:withinArea
#+ stratum: 1
PREFIX kg: <https://w3id.org/industry-kg/ont#>
CONSTRUCT { ?place kg:withinArea ?larger } WHERE { ?place kg:locatedIn+ ?larger }
"""
SHAPE = """\
@prefix kg: <https://w3id.org/industry-kg/ont#> .
@prefix ksh: <https://w3id.org/industry-kg/shapes#> .
@prefix sh: <http://www.w3.org/ns/shacl#> .
ksh:T01-Place a sh:NodeShape ; sh:targetClass kg:Place ;
  sh:property [ sh:path kg:locatedIn ; sh:maxCount 1 ; sh:message "a place lies in one larger place" ] .
"""
FIRST_LINE = PREFIXES.count("\n") + 1
"""Line of a file at which its own triples begin."""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """A small root with one rule and one shape, and an empty data folder."""
    return small_root(tmp_path)


def small_root(folder: Path) -> Settings:
    for path, text in FILES.items():
        write(folder / "root", path, text)
    for path, text in {
        "queries/rules/R01_within.rq": RULE,
        "ontology/shapes/core.shacl.ttl": SHAPE,
    }.items():
        target = folder / "root" / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_text(text)
    return Settings(root=folder / "root", data=folder / "data")


def write(root: Path, path: str, text: str) -> None:
    """Writes a data file with the prefixes above its text."""
    target = root / path
    target.parent.mkdir(parents=True, exist_ok=True)
    target.write_text(PREFIXES + text)


def append(settings: Settings, path: str, text: str) -> None:
    with (settings.root / path).open("a") as file:
        file.write(text)


def problems(settings: Settings) -> list[str]:
    with pytest.raises(BadFiles) as raised:
        build(settings, check_only=True)
    return [str(problem) for problem in raised.value.problems]


def built(settings: Settings) -> Path:
    build(settings)
    return current(settings.data)


def open_store(release: Path) -> ox.Store:
    return ox.Store.read_only(str(release / "store"))


def folder_names(settings: Settings) -> list[str]:
    return sorted(path.name for path in (settings.data / "releases").iterdir())


# reading


def test_the_path_of_a_file_names_its_graph(tmp_path: Path) -> None:
    empty = "pl:x{} a kg:Place ."
    paths = [
        "ontology/core.ttl",
        "ontology/voc/tier.ttl",
        "graph/ref/places.ttl",
        "graph/curation/resolutions.ttl",
    ]
    for number, path in enumerate(paths):
        write(tmp_path, path, "kg:Place a owl:Class ." if not number else empty.format(number))
    write(tmp_path, "graph/src/A.trig", f"GRAPH <{BASE}graph/src/A> {{ pl:y a kg:Place }}")
    graphs = [graph.removeprefix(BASE + "graph/") for graph in read_sources(tmp_path).graphs]
    assert graphs == [
        "curation/resolutions",
        "ref/places",
        "src/A",
        "meta/ont-core",
        "ref/voc-tier",
    ]


def test_alignments_and_shapes_are_not_read_as_data(settings: Settings) -> None:
    write(settings.root, "ontology/align/align-x.ttl", "kg:Nowhere a owl:Class .")
    assert not any(
        "align" in graph or "shapes" in graph for graph in read_sources(settings.root).graphs
    )


BAD = {
    "a syntax error": ("kg:a kg:b 'open .", "does not parse: "),
    "a prefix that nobody declares": (
        "kgg:a rdfs:label 'x' .",
        "prefix 'kgg' is not declared; did you mean 'kg'?",
    ),
    "a prefix that is not pinned": (
        "@prefix kgg: <https://w3id.org/industry-kg/ont#> .",
        "prefix 'kgg' is not declared; did you mean 'kg'?",
    ),
    "a pinned prefix for another namespace": (
        "@prefix dcterms: <http://purl.org/dc/elements/1.1/> .",
        "prefix 'dcterms' is <http://purl.org/dc/terms/>, not <http://purl.org/dc/elements/1.1/>",
    ),
    "an undeclared property": (
        "pl:world kg:locatdIn pl:china .",
        "'kg:locatdIn' is not declared in ontology/; did you mean 'kg:locatedIn'?",
    ),
    "an undeclared class": (
        "pl:x a kg:Plaice .",
        "'kg:Plaice' is not declared in ontology/; did you mean 'kg:Place'?",
    ),
    "a thing that is described nowhere": (
        "pl:y kg:locatedIn pl:shenzen .",
        "'pl:shenzen' is described nowhere; did you mean 'pl:shenzhen'?",
    ),
    "a concept that is described nowhere": (
        "pl:y rdfs:seeAlso <https://w3id.org/industry-kg/voc/tier/giant> .",
        "'tier:giant' is described nowhere",
    ),
    "a triple of another file": (
        "pl:shenzhen a kg:Place .",
        "'pl:shenzhen rdf:type kg:Place' stands in graph/ref/places.ttl too; keep it in one file",
    ),
    "a blank node": (
        "pl:z rdfs:seeAlso [ a kg:Place ] .",
        "a blank node; give the thing an IRI of its own",
    ),
    "a control character": (
        'pl:z rdfs:label "a\\u0001b" .',
        "a text holds the control character U+0001, which XML cannot carry",
    ),
    "a raw control character": (
        'pl:z rdfs:label "a\x1fb" .',
        "a text holds the control character U+001F, which XML cannot carry",
    ),
    "a shape's violation": (
        "pl:shenzhen kg:locatedIn pl:world .",
        "pl:shenzhen: a place lies in one larger place [ksh:T01-Place]",
    ),
}


@pytest.mark.parametrize(("line", "message"), BAD.values(), ids=BAD)
def test_what_is_wrong_is_named_with_its_line_and_the_release_in_use_stays(
    settings: Settings, line: str, message: str
) -> None:
    before = built(settings)
    files = {path: path.read_bytes() for path in before.rglob("*") if path.is_file()}
    write(settings.root, "graph/ref/wrong.ttl", "pl:a rdfs:label 'a' .\n" + line)
    with pytest.raises(BadFiles) as raised:
        build(settings)
    place = f"graph/ref/wrong.ttl:{FIRST_LINE + 1}: "
    if "violation" in message or "T01" in message:
        place = f"graph/ref/places.ttl:{FIRST_LINE + 2}: "  # where the place is described first
    assert [text for text in map(str, raised.value.problems) if text.startswith(place + message)]
    assert current(settings.data) == before
    assert {path: path.read_bytes() for path in before.rglob("*") if path.is_file()} == files
    assert folder_names(settings) == [before.name]


def test_problems_of_all_files_are_named_at_once(settings: Settings) -> None:
    write(settings.root, "graph/ref/one.ttl", "pl:a kg:b")
    write(settings.root, "graph/ref/two.ttl", "@prefix foo: <http://foo/> .\npl:b foo:c 1 .")
    write(settings.root, "graph/ref/three.ttl", "pl:c kg:unheardOf pl:nowhere .")
    text = "\n".join(problems(settings))
    for path in ("one.ttl:", "two.ttl:", "three.ttl:"):
        assert f"graph/ref/{path}" in text
    assert "kg:unheardOf" in text and "pl:nowhere" in text and "'foo'" in text


def test_a_broken_file_does_not_make_what_it_describes_unknown(settings: Settings) -> None:
    append(settings, "ontology/core.ttl", "kg:oops kg:")
    assert [text for text in problems(settings) if "does not parse" not in text] == []


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("pl:a a kg:Place .", "triples outside a graph; this file's graph is <"),
        (
            f"GRAPH <{BASE}graph/src/C> {{ pl:a a kg:Place }}",
            f"graph <{BASE}graph/src/C>; this file's graph is <",
        ),
        ("", "holds no triple; expected some in <"),
    ],
)
def test_a_trig_file_holds_the_graph_of_its_name(
    settings: Settings, text: str, message: str
) -> None:
    write(settings.root, "graph/src/B.trig", text)
    [problem] = problems(settings)
    assert problem.startswith("graph/src/B.trig") and problem.endswith(
        f"{message}{BASE}graph/src/B>"
    )
    assert message in problem


def test_a_data_file_in_a_place_where_none_is_read_is_refused(settings: Settings) -> None:
    write(settings.root, "graph/src/B.ttl", "pl:a a kg:Place .")
    [problem] = problems(settings)
    assert problem.startswith("graph/src/B.ttl: lies where no file is read")


def test_a_root_without_data_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadFiles, match="no data files below"):
        build(Settings(root=tmp_path, data=tmp_path / "data"))


def test_curation_may_name_a_conflict_and_is_warned_when_no_rule_finds_it(
    settings: Settings,
) -> None:
    append(settings, "ontology/core.ttl", "kg:resolves a owl:ObjectProperty .\n")
    write(
        settings.root,
        "graph/curation/r.ttl",
        f"<{BASE}id/resolution/1> kg:resolves <{BASE}id/conflict/abc> .",
    )
    [warning] = build(settings).warnings
    assert (
        warning == f"graph/curation/r.ttl:{FIRST_LINE}: cf:abc is no conflict that the rules find"
    )


# publishing


def test_the_default_graph_holds_each_triple_once_and_the_named_graphs_say_where_from(
    settings: Settings,
) -> None:
    store = open_store(built(settings))
    merged = {quad.triple for quad in store.quads_for_pattern(None, None, None, ox.DefaultGraph())}
    named = [quad for quad in store if quad.graph_name != ox.DefaultGraph()]
    assert {quad.triple for quad in named} == merged
    [count] = store.query("SELECT (COUNT(*) AS ?n) { ?s ?p ?o }")
    assert int(count["n"].value) == len(merged)
    assert Manifest.read(current(settings.data)).counts["triples"] == len(merged)


def test_the_same_files_in_another_folder_give_the_same_release(tmp_path: Path) -> None:
    one, two = (build(small_root(tmp_path / name)) for name in ("one", "two"))
    assert one.id == two.id == f"2026-01-02-{one.sha256[:12]}"
    assert dataclasses.replace(one, seconds={}) == dataclasses.replace(two, seconds={})


def test_the_digest_of_the_store_on_disk_is_the_one_in_the_manifest(settings: Settings) -> None:
    release = built(settings)
    assert hash_dataset(open_store(release)) == Manifest.read(release).sha256


def test_a_manifest_reads_back_as_written(settings: Settings) -> None:
    assert build(settings) == Manifest.read(current(settings.data))


def test_checking_only_writes_nothing_and_answers_the_same_id(settings: Settings) -> None:
    checked = build(settings, check_only=True)
    assert not settings.data.exists()
    assert build(settings).id == checked.id


def test_each_step_is_reported(settings: Settings) -> None:
    said: list[str] = []
    manifest = build(settings, report=said.append)
    assert said == list(manifest.seconds)


def test_current_is_a_relative_link_so_the_data_folder_can_move(
    settings: Settings, tmp_path: Path
) -> None:
    name = built(settings).name
    settings.data.rename(tmp_path / "moved")
    assert current(tmp_path / "moved") == tmp_path / "moved" / "releases" / name


def test_without_a_release_the_error_says_what_makes_one(tmp_path: Path) -> None:
    with pytest.raises(ReleaseUnknown, match="'kg build' makes one"):
        current(tmp_path)
    assert releases(tmp_path) == []


def test_a_release_is_current_until_a_file_changes(settings: Settings) -> None:
    assert not is_current(settings)
    build(settings)
    assert is_current(settings)
    for path in (
        "graph/ref/places.ttl",
        "queries/rules/R01_within.rq",
        "ontology/shapes/core.shacl.ttl",
    ):
        append(settings, path, "# a comment\n")
        assert not is_current(settings)
        build(settings)
        assert is_current(settings)
    assert (
        len(releases(settings.data)) == 2
    )  # the rule's digest is data, a comment elsewhere is not


def test_a_file_that_is_gone_is_a_change(settings: Settings) -> None:
    build(settings)
    (settings.root / "graph/src/A.trig").unlink()
    assert not is_current(settings)


def build_numbered(settings: Settings, numbers: range) -> list[str]:
    """Ids of releases of different data, in the order in which they were built."""
    ids = []
    for number in numbers:
        write(settings.root, "graph/ref/more.ttl", f'pl:more rdfs:label "{number}" .')
        ids.append(build(settings).id)
    return ids


def test_the_newest_release_is_listed_first_and_the_one_in_use_is_marked(
    settings: Settings,
) -> None:
    ids = build_numbered(settings, range(3))
    rollback(settings.data, ids[0])
    assert [(info.id, info.is_current) for info in releases(settings.data)] == [
        (ids[2], False),
        (ids[1], False),
        (ids[0], True),
    ]


def test_the_last_releases_stay_and_older_ones_go(settings: Settings) -> None:
    ids = build_numbered(dataclasses.replace(settings, keep_releases=2), range(4))
    assert folder_names(settings) == sorted(ids[2:])


def test_the_release_in_use_is_never_removed(settings: Settings) -> None:
    [kept] = build_numbered(dataclasses.replace(settings, keep_releases=0), range(1))
    assert folder_names(settings) == [kept] and current(settings.data).name == kept


def test_rolling_back_goes_to_the_release_before_or_to_the_named_one(settings: Settings) -> None:
    ids = build_numbered(settings, range(3))
    assert rollback(settings.data).name == ids[1]
    assert rollback(settings.data).name == ids[0]
    assert rollback(settings.data, ids[2]).name == ids[2] == current(settings.data).name


def test_rolling_back_too_far_names_the_releases_there_are(settings: Settings) -> None:
    [only] = build_numbered(settings, range(1))
    with pytest.raises(ReleaseUnknown, match=f"no earlier release; known: {only}"):
        rollback(settings.data)
    with pytest.raises(ReleaseUnknown, match=r"no release '\.\./\.\./etc'"):
        rollback(settings.data, "../../etc")
    assert current(settings.data).name == only


def test_building_data_of_an_earlier_release_switches_to_it(settings: Settings) -> None:
    first, second, again = build_numbered(settings, range(2)) + build_numbered(settings, range(1))
    assert first == again == current(settings.data).name
    assert [info.id for info in releases(settings.data)] == [first, second]


# crashes and company

BUILDER = """\
import itertools, sys
from pathlib import Path
from kg.release.publish import build
from kg.settings import Settings
root, data, endless = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3] == "endless"
for number in itertools.count() if endless else range(3):
    if endless:
        more = root / "graph/ref/more.ttl"
        more.write_text(f'<https://w3id.org/industry-kg/id/place/more> <http://www.w3.org/2000/01/rdf-schema#label> "{number}" .')
    build(Settings(root=root, data=data, keep_releases=2))
    print(number, flush=True)
"""


def start_builder(settings: Settings, mode: str) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", BUILDER, str(settings.root), str(settings.data), mode]
    environment = {**os.environ, "PYTHONPATH": str(ROOT / "src")}
    return subprocess.Popen(command, env=environment, stdout=subprocess.PIPE)


def test_a_kill_at_any_moment_leaves_a_whole_release_in_use(settings: Settings) -> None:
    build(settings)
    dice = random.Random(20261122)
    for _ in range(6):
        builder = start_builder(settings, "endless")
        assert builder.stdout and builder.stdout.readline()  # it has begun to build in a loop
        time.sleep(dice.uniform(0, 0.3))
        builder.send_signal(signal.SIGKILL)
        builder.communicate()
        release = current(settings.data)
        assert hash_dataset(open_store(release)) == Manifest.read(release).sha256
    build(settings)
    assert not [name for name in folder_names(settings) if name.startswith(".")]


def test_what_a_dead_build_left_is_removed_by_the_next(settings: Settings) -> None:
    left = settings.data / "releases" / ".building-dead"
    (left / "store").mkdir(parents=True)
    (settings.data / ".current").symlink_to("nowhere")
    build(settings)
    assert not left.exists() and not (settings.data / ".current").is_symlink()


def test_builds_started_together_all_end_well(settings: Settings) -> None:
    builders = [start_builder(settings, "few") for _ in range(3)]
    assert [builder.communicate() and builder.returncode for builder in builders] == [0, 0, 0]
    release = current(settings.data)
    assert hash_dataset(open_store(release)) == Manifest.read(release).sha256
    assert folder_names(settings) == [release.name]


# graphs outside the merged view

HEARD = """\
GRAPH <https://w3id.org/industry-kg/graph/src/heard> {
  <https://w3id.org/industry-kg/graph/src/heard> rdfs:label "Heard"@en ; kg:inMergedView %s .
  pl:atlantis a kg:Place ; kg:locatedIn pl:world .
}
"""


def rumours(settings: Settings, value: str) -> ox.Store:
    append(settings, "ontology/core.ttl", "kg:inMergedView a owl:DatatypeProperty .")
    write(settings.root, "graph/src/heard.trig", HEARD % value)
    return open_store(built(settings))


def test_a_graph_can_stay_out_of_the_merged_view_and_is_asked_for_by_name(
    settings: Settings,
) -> None:
    store, place = rumours(settings, "false"), ox.NamedNode(expand("pl:atlantis"))
    graph = ox.NamedNode(f"{BASE}graph/src/heard")
    assert list(store.quads_for_pattern(place, None, None, ox.DefaultGraph())) == []
    assert len(list(store.quads_for_pattern(place, None, None, graph))) == 2


def test_rules_do_not_read_a_graph_outside_the_merged_view(settings: Settings) -> None:
    store = rumours(settings, "false")
    within = ox.NamedNode(expand("kg:withinArea"))
    assert list(store.quads_for_pattern(ox.NamedNode(expand("pl:atlantis")), within, None)) == []


def test_a_graph_outside_the_merged_view_is_described_in_it(settings: Settings) -> None:
    store, graph = rumours(settings, "false"), ox.NamedNode(f"{BASE}graph/src/heard")
    assert len(list(store.quads_for_pattern(graph, None, None, ox.DefaultGraph()))) == 2


def test_a_graph_is_in_the_merged_view_unless_it_says_otherwise(settings: Settings) -> None:
    store, place = rumours(settings, "true"), ox.NamedNode(expand("pl:atlantis"))
    assert len(list(store.quads_for_pattern(place, None, None, ox.DefaultGraph()))) == 3


def test_shapes_check_a_graph_outside_the_merged_view_too(settings: Settings) -> None:
    append(settings, "ontology/core.ttl", "kg:inMergedView a owl:DatatypeProperty .")
    write(settings.root, "graph/src/heard.trig", HEARD % "false")
    more = f"GRAPH <{BASE}graph/src/heard> {{ pl:atlantis kg:locatedIn pl:china }}"
    append(settings, "graph/src/heard.trig", more)
    assert any("a place lies in one larger place" in problem for problem in problems(settings))
