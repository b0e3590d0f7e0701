"""Large graphs go into a release by streaming: what is refused, what is counted, what is found."""

import contextlib
import gzip
import hashlib
import io
import itertools
import sys
import time
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from kg.engine.evaluators import Engines
from kg.errors import BadFiles, BuildFailed
from kg.release import large
from kg.release.backup import verify
from kg.release.history import current
from kg.release.large import load_here
from kg.release.lines import Refused, name_graph, read_blocks, read_triples, tidy
from kg.release.manifest import Manifest
from kg.release.publish import build
from kg.settings import Settings

sys.path.insert(0, str(Path(__file__).parent / "benchmarks"))

from generate import write  # not a package

CORE = """@prefix kg: <https://w3id.org/industry-kg/ont#> . @prefix owl: <http://www.w3.org/2002/07/owl#> .
@prefix dcterms: <http://purl.org/dc/terms/> . @prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
kg:Place a owl:Class ; dcterms:modified "2026-01-02"^^xsd:date .
"""
G = "https://w3id.org/industry-kg/graph/bulk/"
BAD = {
    "<http://x/s> <http://x/p> .\n": "does not parse",
    "<http://x/s> <http://x/p> <http://x/a b> .\n": "does not parse",
    "_:b <http://x/p> <http://x/o> .\n": "a blank node",
    "<http://x/s> <http://x/p> _:b .\n": "a blank node",
    '<http://x/s> <http://x/p> "a\\u0001b" .\n': "control character",
    '<http://x/s> <http://x/p> "a\x01b" .\n': "control character",
}


def settings_for(root: Path, **files: bytes) -> Settings:
    """A root with these large graphs and one ordinary file."""
    for folder in ("ontology", "graph/bulk", "queries"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    (root / "ontology" / "core.ttl").write_text(CORE)
    for name, data in files.items():
        (root / "graph" / "bulk" / name).write_bytes(data)
    return Settings.from_environment({}, root=root, data=root / "data")


def count(engines: Engines, pattern: str) -> tuple[str, str]:
    """Rows of a pattern, from the reference and, where that knows no graphs, from the fast engine."""
    query = f"SELECT (COUNT(*) AS ?n) {{ {pattern} }}"
    solutions = engines.store.query(query)
    assert isinstance(solutions, ox.QuerySolutions) and engines.fast is not None
    return next(solutions)["n"].value, engines.fast.query_json(query)  # type: ignore[union-attr]


@pytest.fixture
def lines() -> dict[str, bytes]:
    """A generated graph in both formats."""
    made = {}
    for name, quads in (("all.nt.gz", False), ("parts.nq", True)):
        with io.BytesIO() as text:
            write(text, 300, seed=3, quads=quads)
            made[name] = gzip.compress(text.getvalue()) if name.endswith(".gz") else text.getvalue()
    return made


def test_a_large_graph_is_in_its_graph_and_once_in_the_merged_view(
    tmp_path: Path, lines: dict[str, bytes]
) -> None:
    manifest = build(settings_for(tmp_path, **lines))
    distinct = set(gzip.decompress(lines["all.nt.gz"]).splitlines())
    engines = Engines.open(current(tmp_path / "data"))
    # Beside them those of the ontology, and what the build tells of it.
    beside = sum(n for graph, n in manifest.graphs.items() if not graph.startswith(G))
    assert manifest.counts["triples"] == len(distinct) + beside
    assert int(count(engines, "?s ?p ?o")[0]) == len(distinct) + beside
    assert f'"value":"{len(distinct) + beside}"' in count(engines, "?s ?p ?o")[1]
    assert manifest.graphs[G + "all"] == len(distinct)
    assert sum(manifest.graphs[G + part] for part in ("register", "supply", "capital", "recognitions")) == len(distinct)  # fmt: skip
    assert count(engines, f"GRAPH <{G}supply> {{ ?s ?p ?o }}")[0] == str(manifest.graphs[G + "supply"])  # fmt: skip
    assert sum("not validated" in note for note in manifest.notes) == 5
    catalogue = (current(tmp_path / "data") / "void.ttl").read_text()
    assert "Not validated" in catalogue and f"void:triples {len(distinct)} " in catalogue


@pytest.mark.parametrize("value", ["1.50", "1.5\\u0030"])  # the second is not seen while it passes
def test_values_are_written_alike_in_both_stores(tmp_path: Path, value: str) -> None:
    text = f'<http://x/s> <http://x/p> "{value}"^^<http://www.w3.org/2001/XMLSchema#decimal> .\n'
    build(settings_for(tmp_path, **{"one.nt": text.encode()}))
    engines = Engines.open(current(tmp_path / "data"))
    query = "SELECT ?o { <http://x/s> <http://x/p> ?o }"
    solutions = engines.store.query(query)
    assert isinstance(solutions, ox.QuerySolutions) and engines.fast is not None
    assert engines.fast.query_json(query).encode() == solutions.serialize(format=ox.QueryResultsFormat.JSON)  # fmt: skip


def test_the_same_large_graph_gives_the_same_release(
    tmp_path: Path, lines: dict[str, bytes]
) -> None:
    ids = {build(settings_for(tmp_path / name, **lines)).id for name in ("one", "two")}
    other = build(settings_for(tmp_path / "three", **{"all.nt.gz": lines["all.nt.gz"]}))
    assert len(ids) == 1 and other.id not in ids
    assert Manifest.read(current(tmp_path / "three" / "data")) == other


def test_merging_leaves_fewer_files_and_the_same_release(tmp_path: Path) -> None:
    """Also in the place of the release that was built without, whose name is the same; and it stays."""
    lines = "".join(f"<http://x/s{n}> <http://x/p> <http://x/o> .\n" for n in range(3_000))
    settings = settings_for(tmp_path, **{"all.nt": lines.encode()})
    files, ids = [], set()
    for optimize in (False, True, False):
        ids.add(build(settings, optimize=optimize).id)
        release = current(tmp_path / "data")
        files.append(len(list((release / "store").glob("*.sst"))))
        assert verify(tmp_path / "data").id == release.name
        assert count(Engines.open(release), "?s <http://x/p> ?o")[0] == "3000"
    assert len(ids) == 1 and files[1] == files[2] < files[0]
    assert [path.name for path in (tmp_path / "data" / "releases").iterdir()] == [release.name]


@pytest.mark.parametrize("line", BAD)
@pytest.mark.parametrize("check_only", [False, True])
def test_a_bad_line_is_refused_and_the_release_in_use_stays(
    tmp_path: Path, line: str, check_only: bool
) -> None:
    first = build(settings_for(tmp_path)).id
    good = "<http://x/a> <http://x/p> <http://x/o> .\n"
    settings = settings_for(tmp_path, **{"bad.nt": (good + line).encode()})
    with pytest.raises(BadFiles, match=BAD[line]) as caught:
        build(settings, check_only=check_only)
    assert "graph/bulk/bad.nt" in str(caught.value)
    assert current(tmp_path / "data").name == first
    assert [path.name for path in (tmp_path / "data" / "releases").iterdir()] == [first]


def test_a_loader_that_dies_leaves_the_release_in_use(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(tmp_path, **{"good.nt": b"<http://x/s> <http://x/p> <http://x/o> .\n"})
    first = build(settings).id
    settings_for(tmp_path, **{"more.nt": b"<http://x/s> <http://x/p> <http://x/z> .\n"})
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(BuildFailed, match="ended with 1"):
        build(settings)
    assert current(tmp_path / "data").name == first
    assert [path.name for path in (tmp_path / "data" / "releases").iterdir()] == [first]


def test_a_quad_outside_the_graphs_of_large_files_is_refused(tmp_path: Path) -> None:
    good = f"<http://x/s> <http://x/p> <http://x/o> <{G}g> .\n" * 9_000  # more than one block
    for line, message in (
        ("<http://x/s> <http://x/p> <http://x/o> <http://x/g> .\n", "graphs of this file"),
        ("<http://x/s> <http://x/p> <http://x/o> .\n", "graphs of this file"),
        (f"<http://x/s> <http://x/p> <{G}g> .\n", "does not parse"),
        ('<http://x/s> <http://x/p> "o" .\n', "a line without a graph"),
    ):
        for text in (line, good + line):
            settings = settings_for(tmp_path, **{"bad.nq": text.encode()})
            with pytest.raises(BadFiles, match=message):
                build(settings)


def test_a_line_without_a_graph_is_named_with_its_file_and_place(tmp_path: Path) -> None:
    """What the engine takes for a graph is the object; seen in the merged view, told of the file."""
    good = f"<http://x/s> <http://x/p> <http://x/o> <{G}g> .\n"
    bad = f"<http://x/s> <http://x/p> <{G}g> .\n"
    texts = {"a.nq": good * 20, "b.nq": good * 7 + bad, "c.nq": good}
    settings = settings_for(tmp_path, **{name: text.encode() for name, text in texts.items()})
    with pytest.raises(BadFiles, match="does not parse") as caught:
        build(settings)
    assert "graph/bulk/b.nq:8: " in str(caught.value)


def test_a_triple_without_an_object_is_named_with_its_file_and_place(tmp_path: Path) -> None:
    """With the name of its graph behind it, it would look whole."""
    good = "<http://x/s> <http://x/p> <http://x/o> .\n"
    texts = {"a.nt": good * 20, "b.nt": good * 7 + "<http://x/s> <http://x/p> .\n", "c.nt": good}
    settings = settings_for(tmp_path, **{name: text.encode() for name, text in texts.items()})
    with pytest.raises(BadFiles, match="does not parse") as caught:
        build(settings)
    assert "graph/bulk/b.nt:8: " in str(caught.value)


def test_every_file_that_does_not_parse_is_named_with_its_own_line(tmp_path: Path) -> None:
    """Files are read as one; what the engine says of the second and fourth counts all lines before."""
    good = f"<http://x/s> <http://x/p> <http://x/o> <{G}g> .\n"
    bad = f"<http://x/s> <http://x/a b> <http://x/o> <{G}g> .\n"
    texts = {
        "a.nq": good * 20,
        "b.nq": good * 7 + bad,
        "c.nq": good.rstrip(),
        "d.nq": good * 2 + bad + bad,
        "e.nt": "<http://x/s> <http://x/p> <http://x/o> .\n" * 3 + "<http://x/s> .\n",
    }
    settings = settings_for(tmp_path, **{name: text.encode() for name, text in texts.items()})
    with pytest.raises(BadFiles) as caught:
        build(settings)
    said = str(caught.value)
    for place in ("b.nq:8: ", "d.nq:3: ", "e.nt:4: "):
        assert f"graph/bulk/{place}does not parse: " in said
    assert "a.nq" not in said and "c.nq" not in said and "line" not in said


def test_large_files_without_a_statement_make_a_release(tmp_path: Path) -> None:
    build(settings_for(tmp_path, **{"none.nq": b"# nothing yet\n", "empty.nt": b""}))
    engines = Engines.open(current(tmp_path / "data"))
    assert count(engines, f"GRAPH ?g {{ ?s ?p ?o }} FILTER(STRSTARTS(STR(?g), '{G}'))")[0] == "0"


def test_lines_of_many_graphs_and_comments_are_told_apart(tmp_path: Path) -> None:
    """More graphs than are compared as bytes, other white space, a comment, an empty line."""
    lines = [f"<http://x/s{n}> <http://x/p> <{G}g{n % 40}> <{G}g{n % 40}> ." for n in range(9_000)]
    lines[10:10] = ["# a comment", "", f'<http://x/t> <http://x/p> "<{G}g1> ."<{G}g1>  .']
    build(settings_for(tmp_path, **{"many.nq": "\n".join(lines).encode()}))
    engines = Engines.open(current(tmp_path / "data"))
    assert count(engines, "?s <http://x/p> ?o")[0] == "9001"
    assert '"value":"9001"' in count(engines, "?s <http://x/p> ?o")[1]
    assert count(engines, f"GRAPH <{G}g1> {{ ?s ?p ?o }}")[0] == "226"
    assert count(engines, f"GRAPH <{G}g0> {{ ?s ?p <{G}g0> }}")[0] == "225"


SHAPES = st.lists(
    st.tuples(
        st.sampled_from(["", " ", "\t"]),
        st.one_of(
            st.text(st.sampled_from("a\\'\t#. <>_:é\"^@"), max_size=8).map(lambda text: str(ox.Literal(text))),
            st.sampled_from(['"a"@en', '"1"^^<http://x/d>', "<http://x/a.#b>", "<<( <http://x/s> <http://x/p> \". #\" )>>", f"<{G}r>", '"01" ^^ <http://x/d>']),
        ),
        st.sampled_from([f"<{G}g>", f" <{G}g>", f"\t<{G}r> "]),
        st.sampled_from([" .", ".", "\t. ", " . #a .", ".# <b> .", " .  \t# .", " . #\\ ", f" . # <{G}g> .", ' . # "1"^^<x> _:b']),
        st.sampled_from(["\n", "\r\n", "\r", "\n\n", "\n# c <d> .\n", "\n  # \"c .\n", f"\n# <{G}g> .\n"]),
    )
)  # fmt: skip
ONE = ("", "<http://x/a>", f" <{G}g>")


@given(SHAPES)
@example([(*ONE, " . # .", "\n")])
@example([(*ONE, " .# .", "\n")])
@example([(*ONE, " .\t# .", "\n")])
@example([(*ONE, " .", "\r"), (*ONE, " .", "\n")])
def test_triples_of_any_shape_are_put_in_their_graph(lines: list[tuple[str, ...]]) -> None:
    """What the engine reads of the lines with the graph is what it reads of those without."""
    text = "".join(
        f"{start}<http://x/s{number}>{start}<http://x/p>{start}{value}{dot}{end}"
        for number, (start, value, _, dot, end) in enumerate(lines)
    )
    tidied = list(tidy(iter([text.encode()])))
    named = b"".join(name_graph(iter(tidied), G + "g"))
    plain = b"".join(read_triples(Path("a.nt"), iter(tidied)))
    triples = {quad.triple for quad in ox.parse(text, ox.RdfFormat.N_TRIPLES)}
    assert len(triples) == len(lines)
    expected = {ox.Quad(*triple, ox.NamedNode(G + "g")) for triple in triples}
    assert set(ox.parse(named, ox.RdfFormat.N_QUADS)) == expected
    assert {quad.triple for quad in ox.parse(plain, ox.RdfFormat.N_TRIPLES)} == triples
    assert named.count(b"\n") == plain.count(b"\n") == len(io.StringIO(text, None).readlines())


@given(SHAPES, st.integers(0, 3))
@example([(*ONE, f" . # <{G}g> .", "\n")], 0)
@example([("", f"<{G}r>", f" <{G}g>", " .", f"\n# <{G}r> .\n")], 3)
def test_quads_of_any_shape_lose_only_their_graph(lines: list[tuple[str, ...]], usual: int) -> None:
    """Also behind blocks of usual lines, whose graphs are then known."""
    before = [f"<http://x/s> <http://x/p> <http://x/{g}> <{G}{g}> .\n".encode() for g in "gr"]
    text = "".join(
        f"{start}<http://x/s{number}>{start}<http://x/p>{start}{value}{graph}{dot}{end}"
        for number, (start, value, graph, dot, end) in enumerate(lines)
    ).encode()
    tidied = list(tidy(iter([*before * usual, text])))
    bare = b"".join(read_triples(Path("a.nq"), iter(tidied)))
    quads = set(ox.parse(b"".join(before * usual) + text, ox.RdfFormat.N_QUADS))
    assert len(quads) == len(lines) + 2 * bool(usual)
    assert set(ox.parse(b"".join(tidied), ox.RdfFormat.N_QUADS)) == quads
    assert {quad.triple for quad in ox.parse(bare, ox.RdfFormat.N_TRIPLES)} == {
        quad.triple for quad in quads
    }
    assert bare.count(b"\n") == b"".join(tidied).count(b"\n")


@pytest.mark.parametrize(
    "part", [b"< >", b'"\\"', b"<", b'"', b". ", b" ", b"<<(", b'"^^<', b"\\", b" #", b"_:", b"<a> ", b".\t", b'x"^^<a>'],
)  # fmt: skip
def test_no_line_takes_longer_than_its_length(part: bytes) -> None:
    """Doubly nested repetitions would take years of this, and looking ahead from each byte hours."""
    start = time.process_time()
    for name, first in (("a.nt", b""), ("a.nq", b" <%b>" % (G + "g").encode())):
        text = b'<http://x/s> <http://x/p> "b"%b . # x\n' % first
        for begin in (b"", b'"', b'"_:'):
            blocks = list(tidy(iter([text + begin + part * 300_000 + b"\n"])))
            b"".join(name_graph(iter(blocks), G + "g"))
            with contextlib.suppress(Refused):
                b"".join(read_triples(Path(name), iter(blocks)))
    assert time.process_time() - start < 20


GOOD = f"<http://x/s> <http://x/p> <http://x/o> <{G}g> .\n<http://x/t> <http://x/p> <http://x/o> <{G}r> .\n"
S = "<http://x/s> <http://x/p> "
WRONG = {
    "<http://x/s>\t<http://x/p>\t_:b{g} .": "a blank node",
    " _:a <http://x/p> <http://x/o>{g} .": "a blank node",
    S + "<<( <http://x/a> <http://x/b> _:c )>>{g} .": "a blank node",
    S + "<<( _:a <http://x/b> <http://x/c> )>>{g} .": "a blank node",
    S + "_:b{g} . # and why": "a blank node",
    S + '"a\\U0000000Bb"{g} .': "a control character",
    S + '"a\\U0000fffeb"{g} .': "a control character",
    S + '"a\\\\\\uFFFFb"{g} .': "a control character",
    S + '"a\ufffeb"{g} .': "a control character",
    S + '"a\uffffb"{g} .': "a control character",
    S + '"a\x01b"{g} .': "a control character",
}
WRONG_QUADS = {
    S + '"a" <http://evil/g> . # {g} .': "graph <http://evil/g>",
    S + f'"a" <{G}../meta/x> .': "begin with",
    S + f'"a" <{G}x/.> .': "begin with",
    S + f'"a" <{G}%2e%2E/meta/x> .': "begin with",
    S + f'"a" <{G}\\u002e./meta/x> .': "begin with",
    S + f'"a" <{G}> .': "begin with",
    S + '"a" .': "a line without a graph",
    S + '"a" . #{g} .': "a line without a graph",
    S + '"a"\t.': "a line without a graph",
    S + "<<( <http://x/a> <http://x/b>{g} )>> .": "a line without a graph",
}


@pytest.mark.parametrize(("before", "end"), [(1, "\n"), (1, "\r"), (3_500, "\n")])
@pytest.mark.parametrize(
    ("name", "line"),
    [*(("b.nt", line) for line in WRONG), *(("b.nq", line) for line in (*WRONG, *WRONG_QUADS))],
)
def test_what_may_not_stand_there_is_named_with_its_line(
    tmp_path: Path, name: str, line: str, end: str, before: int
) -> None:
    """Of the first block and of the second, whatever ends the lines."""
    message = {**WRONG, **WRONG_QUADS}[line]
    if name == "b.nt":
        texts = {"a.nt": GOOD.replace(f" <{G}g>", "").replace(f" <{G}r>", ""), "graph": ""}
    else:
        texts = {"a.nq": GOOD, "graph": f" <{G}g>"}
    graph = texts.pop("graph")
    good = next(iter(texts.values())).replace("\n", end)
    texts[name] = good * before + line.replace("{g}", graph) + end + good
    settings_for(tmp_path, **{name: text.encode() for name, text in texts.items()})
    with pytest.raises(BadFiles, match=message) as caught:
        load(tmp_path)
    assert str(caught.value).startswith(f"graph/bulk/{name}:{2 * before + 1}: ")


def load(root: Path) -> tuple[set[ox.Quad], int]:
    """The quads of the store made of the large graphs alone, and the triples of the fast store."""
    folder = root / "made"
    folder.mkdir()
    loaded = load_here(root, folder)
    return set(ox.Store.read_only(str(folder / "store"))), loaded.triples


ZIPPED = gzip.compress(b"".join(b'<http://x/s> <http://x/p> "%d" .\n' % n for n in range(9)))


@pytest.mark.parametrize(
    "data",
    [b"hello", ZIPPED[:-6], ZIPPED + b"junk", ZIPPED[:30] + b"\0\1\2\3" + ZIPPED[34:], ZIPPED[:-8] + b"12345678"],
)  # fmt: skip
def test_a_file_that_gzip_did_not_write_is_named(tmp_path: Path, data: bytes) -> None:
    settings = settings_for(tmp_path, **{"a.nt.gz": data})
    with pytest.raises(BadFiles, match=r"^graph/bulk/a.nt.gz: is no whole gzip file: "):
        build(settings)


@pytest.mark.parametrize("name", ["a b.nt", "a>.nt", ".nt"])
def test_a_name_of_a_file_that_makes_no_iri_is_named_as_such(tmp_path: Path, name: str) -> None:
    settings_for(tmp_path, **{name: (S + '"a" .\n').encode()})
    with pytest.raises(BadFiles, match=f"^graph/bulk/{name}: the name of the file makes no IRI"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("name", "graph"),
    [("a.nq.nt", ""), ("a.nq.nt.gz", ""), ("b.nt.nq", f" <{G}a>"), ("b.nt.nq.gz", f" <{G}a>")],
)
def test_the_last_suffix_tells_what_a_file_holds(tmp_path: Path, name: str, graph: str) -> None:
    text = f'{S}"a"{graph} .\n'.encode()
    settings_for(tmp_path, **{name: gzip.compress(text) if name.endswith(".gz") else text})
    triple = (ox.NamedNode("http://x/s"), ox.NamedNode("http://x/p"), ox.Literal("a"))
    assert load(tmp_path) == ({ox.Quad(*triple), ox.Quad(*triple, ox.NamedNode(G + "a"))}, 1)


COMMENTS = (
    b"# caf\xe9\n",
    b'# see "1"^^<x> here\n',
    b'# see foo"^^<http://a/b>\n',
    b"# _:b \x01 \\u0001\n",
    f"# note <{G}g> .\n".encode(),
)


@pytest.mark.parametrize("comment", COMMENTS)
@pytest.mark.parametrize("name", ["a.nt", "a.nq"])
@pytest.mark.parametrize(
    ("times", "end"), [(1, b"\n"), (1, b"\r"), (4_000, b"\n"), (4_000, b"\r\n")]
)
def test_what_a_comment_says_does_not_matter(
    tmp_path: Path, name: str, comment: bytes, end: bytes, times: int
) -> None:
    """On a line of its own, and behind a statement; in the first block and in the second."""
    graphs = (f" <{G}a>", f" <{G}r>") if name == "a.nq" else ("", "")
    text = "".join(
        f"{S}<{G}r{n}>{graph} .\n" for n, graph in itertools.product(range(times), graphs)
    ).encode()
    text += f"{S}<{G}r>{graphs[0]} .\n".encode() + comment  # two names of graphs at its end
    text += f'{S}"z"{graphs[0]} . '.encode() + comment
    settings_for(tmp_path, **{name: text.replace(b"\n", end)})
    quads, triples = load(tmp_path)
    assert triples == times + 2
    merged = {quad for quad in quads if quad.graph_name == ox.DefaultGraph()}
    assert len(merged) == times + 2
    assert len(quads - merged) == times * len(set(graphs)) + 2


def test_what_the_fast_engine_does_not_read_is_written_once_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings_for(tmp_path, **{"a.nt": (S + '"a" .\n').encode()})
    made, tries = large.write_fast_store, []

    def refuse_once(lines: Path, folder: Path) -> int | None:
        tries.append(lines.read_bytes())
        if len(tries) == 1:
            raise ValueError("N-Triples: expected '.' at byte 30")
        return made(lines, folder)

    monkeypatch.setattr(large, "write_fast_store", refuse_once)
    assert load(tmp_path)[1] == 1 and len(tries) == 2


@pytest.mark.parametrize("end", [b"\r\n", b"\r", b"\n"])
def test_blocks_are_of_whole_lines_whatever_ends_them(tmp_path: Path, end: bytes) -> None:
    """Where a block that is read begins with the second half of a line end, too."""
    path = tmp_path / "a.nt"
    for shift in range(4):
        text = b"#" * shift + (b"abcdefg" + end) * 100_000
        path.write_bytes(text)
        blocks = list(tidy(read_blocks(path)))
        assert len(blocks) > 2 and all(block.endswith(b"\n") for block in blocks)
        assert b"".join(blocks).count(b"\n") == 100_000


def test_the_same_seed_makes_the_same_graph() -> None:
    digests = set()
    for seed in (1, 1, 2):
        with io.BytesIO() as text:
            assert write(text, 200, seed=seed) > 2_000
            digests.add(hashlib.sha256(text.getvalue()).hexdigest())
    assert len(digests) == 2
    with io.BytesIO() as text:
        write(text, 100, supply_edges=300)
        assert text.getvalue().count(b"suppliesTo") == 300
