"""Pictures: from triples to positions to pages; D1 to D17 are the defects of stock pyvis in ui.md, 1.2."""

import ast
import os
import re
import subprocess
import sys
import time
from datetime import date
from decimal import Decimal
from html.parser import HTMLParser
from itertools import combinations, pairwise
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.errors import BadRequest, ThingUnknown
from kg.namespaces import BASE, PREFIXES
from kg.network.build import build_flow, build_lanes
from kg.network.draw import (
    Assets,
    _network_class,
    build_network,
    draw_file,
    draw_model,
    draw_page,
    read_vis_file,
)
from kg.network.flow import CAPS
from kg.network.geometry import FONT, Box, shorten, text_width
from kg.network.layout import compute_layout
from kg.network.picture import Picture
from kg.network.statements import picture_query
from kg.network.styles import KIND_ORDER, STYLES
from kg.network.texts import FALLBACKS, LANGUAGES, TEXTS
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore
from kg.web import create_app

ROOT = Path(__file__).parent.parent
CHAIN = BASE + "id/chain/test"
FIRM = BASE + "id/ent/focus"
ASSETS = Assets(
    "/vis/vis-network.min.js", "/vis/vis-network.css", "/static/kgnet.js", "/static/kgnet.css"
)
XSS = ["<img src=x onerror=PWN()>", "</script><script>PWN()</script>", "href <img src=x onerror=PWN()>", "\"'><svg onload=PWN()>", "{{7*7}}"]  # fmt: skip
SOURCE = """
doc:T a kg:SourceDocument ; dcterms:title "Test document"@en , "测试文档"@zh-Hans .
ps:T01 a kg:Passage ; kg:fromDocument doc:T ; kg:startOffset 12 ; kg:length 34 .
mod:explicit skos:prefLabel "明确陈述"@zh-Hans . mod:hearsay skos:prefLabel "传闻"@zh-Hans .
"""
CITED = 'kg:factId "T01" ; kg:evidence ps:T01 ; kg:modality mod:explicit'


def make_store(folder: Path, turtle: str) -> EmbeddedStore:
    """A release holding Turtle in one named graph and in the merged view."""
    text = (
        "".join(f"@prefix {prefix}: <{iri}> .\n" for prefix, iri in PREFIXES.items())
        + SOURCE
        + turtle
    )
    release = folder / "releases" / "test-release"
    release.mkdir(parents=True)
    store = ox.Store(str(release / "store"))
    for quad in ox.parse(text, format=ox.RdfFormat.TURTLE):
        for graph in (ox.DefaultGraph(), ox.NamedNode(BASE + "graph/ref/test")):
            store.add(ox.Quad(quad.subject, quad.predicate, quad.object, graph))
    store.flush()
    del store
    (folder / "current").symlink_to(release)
    return EmbeddedStore(release)


def segment(name: str, stage: str = "stg:upstream", *, feeds: str = "", label: str = "") -> str:
    staged = f"kg:stage {stage} ;" if stage else ""
    fed = f"kg:feeds {feeds} ;" if feeds else ""
    return f'seg:{name} a kg:ChainSegment ; skos:prefLabel "{label or name}"@zh-Hans ; {staged} {fed} kg:partOfChain ch:test .\n'


def participation(firm: str, at: str, number: int = 1, *, label: str | None = None) -> str:
    named = f'; skos:prefLabel "{label or firm}"@zh-Hans ' if label != "" else ""
    return (
        f"e:{firm} a kg:Enterprise {named} .\n"
        f"st:{firm}-{at}-{number} a kg:ChainParticipation ; kg:participant e:{firm} ; kg:inSegment seg:{at} ; {CITED} .\n"
    )


def supply(supplier: str, customer: str, number: int = 1, *, modality: str = "explicit") -> str:
    return (
        f'e:{supplier} a kg:Enterprise ; skos:prefLabel "{supplier}"@zh-Hans . e:{customer} a kg:Enterprise .\n'
        f"st:{supplier}-{customer}-{number} a kg:SupplyRelation ; kg:supplier e:{supplier} ; kg:customer e:{customer} ; "
        f'kg:factId "T{number:02}" ; kg:evidence ps:T01 ; kg:modality mod:{modality} .\n'
    )


HEAD = 'ch:test a kg:IndustryChain ; skos:prefLabel "测试链"@zh-Hans .\n'


def lanes(folder: Path, turtle: str, **given: str) -> Picture:
    return build_lanes(make_store(folder, HEAD + turtle), CHAIN, **given)


def flow(folder: Path, turtle: str, **given: str) -> Picture:
    return build_flow(
        make_store(
            folder, 'e:focus a kg:Enterprise ; skos:prefLabel "焦点企业"@zh-Hans .\n' + turtle
        ),
        FIRM,
        **given,
    )


def check_legible(picture: Picture) -> None:
    """Every name at 12 pixels or more, anything at 9 or more, and no text on another."""
    layout = compute_layout(picture)
    for text in layout.texts:
        assert layout.screen_px(text.size) >= (12 if text.of else 9), (text.text, layout.world())
    texts = [text for text in layout.texts if not text.inside]
    for one, other in combinations(texts, 2):
        assert not one.box.overlaps(other.box), (one, other)
    glyphs = [(iri, box) for iri, box in layout.boxes.items()]
    for (iri, box), (other_iri, other_box) in combinations(glyphs, 2):
        assert not box.overlaps(other_box), (iri, other_iri)
    for text in texts:
        for iri, box in glyphs:
            assert not text.box.overlaps(box), (text, iri, box)


class Tags(HTMLParser):
    """The elements of a page with their attributes."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def count(self, tag: str) -> int:
        return sum(name == tag for name, _ in self.found)


# what a picture says


def test_lanes_follow_the_stages_and_every_edge_names_its_source(tmp_path: Path) -> None:
    picture = lanes(
        tmp_path,
        segment("part", feeds="seg:whole") + segment("whole", "stg:midstream", feeds="seg:use") + segment("use", "stg:downstream")
        + 'stg:upstream skos:prefLabel "上游"@zh-Hans . stg:midstream skos:prefLabel "中游"@zh-Hans . stg:downstream skos:prefLabel "下游"@zh-Hans .'
        + participation("a", "part"),
    )  # fmt: skip
    assert [label for _, label in picture.stages] == ["上游", "中游", "下游"]
    layout = compute_layout(picture)
    xs = [layout.points[f"{BASE}id/segment/{name}"][0] for name in ("part", "whole", "use")]
    assert xs == sorted(xs) and len(set(xs)) == 3
    by_end = {
        (u.rpartition("/")[2], v.rpartition("/")[2]): data
        for u, v, data in picture.graph.edges(data=True)
    }
    [source] = by_end["a", "part"]["sources"]
    assert (source.fact, source.document, source.offset, source.length, source.modality) == (
        "T01",
        "测试文档",
        12,
        34,
        "明确陈述",
    )
    [graph] = by_end["part", "whole"]["sources"]
    assert graph.graph == BASE + "graph/ref/test"
    assert (picture.shown, picture.total, picture.release) == (4, 4, "test-release")


def test_flow_puts_suppliers_left_and_customers_right(tmp_path: Path) -> None:
    picture = flow(tmp_path, supply("left", "focus") + supply("focus", "right"))
    layout = compute_layout(picture)
    assert layout.points[BASE + "id/ent/left"][0] < 0 < layout.points[BASE + "id/ent/right"][0]
    names = {text.text: text for text in layout.texts}
    assert (
        names["left"].box.x < layout.points[BASE + "id/ent/left"][0]
        and names["left"].align == "left"
    )


@pytest.mark.parametrize(
    "iri",
    [BASE + "id/chain/none", "not an iri", BASE + "id/x> } DROP ALL #", BASE + "id/segment/part"],
)
def test_a_chain_that_is_none_is_unknown(tmp_path: Path, iri: str) -> None:
    store = make_store(tmp_path, HEAD + segment("part"))
    with pytest.raises(ThingUnknown):
        build_lanes(store, iri)


def test_a_focus_nobody_speaks_of_is_unknown(tmp_path: Path) -> None:
    with pytest.raises(ThingUnknown):
        build_flow(make_store(tmp_path, HEAD), BASE + "id/ent/nobody")


def test_an_unknown_layout_is_refused_with_the_known_ones(tmp_path: Path) -> None:
    picture = lanes(tmp_path, segment("part"))
    object.__setattr__(picture, "layout", "spiral")
    with pytest.raises(BadRequest, match="lanes, flow"):
        compute_layout(picture)


@pytest.mark.parametrize(("count", "drawn"), [(0, 0), (1, 1), (14, 14), (15, 14), (40, 14)])
def test_a_side_over_its_cap_says_how_many_more(tmp_path: Path, count: int, drawn: int) -> None:
    picture = flow(tmp_path, "".join(supply(f"s{n:02}", "focus", n) for n in range(count)))
    assert CAPS["supplier"] == 14
    assert sum(data["place"] == "supplier" for _, data in picture.graph.nodes(data=True)) == drawn
    assert [(more.where, more.count) for more in picture.more] == (
        [("supplier", count - 14)] if count > 14 else []
    )
    texts = [text.text for text in compute_layout(picture).texts]
    assert (f"供应商（{count}）" if count else "供应商：未记录") in texts
    assert (f"另有 {count - 14} 家" in texts) == (count > 14)
    assert picture.total == count + 1
    check_legible(picture)


@pytest.mark.parametrize(
    ("stages", "segments", "firms"),
    [
        (1, 1, 0),
        (3, 1, 1),
        (3, 5, 1),
        (3, 9, 5),
        (3, 12, 40),
        (5, 4, 3),
        (8, 3, 2),
        (10, 2, 2),
        (3, 20, 2),
        (3, 30, 4),
        (2, 1, 60),
    ],
)
def test_lanes_are_legible_at_any_size(
    tmp_path: Path, stages: int, segments: int, firms: int
) -> None:
    turtle = "".join(f"stg:s{s} schema:position {s} ." for s in range(stages))
    for s in range(stages):
        for n in range(segments):
            feeds = f"seg:g{s + 1}-{n}" if s + 1 < stages else ""
            turtle += segment(f"g{s}-{n}", f"stg:s{s}", feeds=feeds, label=f"产业环节{s}之{n}")
            turtle += "".join(
                participation(f"f{s}-{n}-{f}", f"g{s}-{n}", label=f"示例科技{s}{n}{f}")
                for f in range(firms)
            )
    picture = lanes(tmp_path, turtle)
    check_legible(picture)
    left_out = sum(more.count for more in picture.more if more.where)
    hidden = next((more.count for more in picture.more if not more.where), 0)
    assert picture.total == stages * segments * (1 + firms)
    assert picture.shown + left_out + hidden * (1 + firms) == picture.total
    assert compute_layout(picture).texts == compute_layout(picture).texts


def test_too_many_enterprises_become_numbers_in_the_boxes(tmp_path: Path) -> None:
    turtle = "".join(segment(f"g{n}", label=f"环节{n}") for n in range(16))
    turtle += "".join(participation(f"f{n}-{f}", f"g{n}") for n in range(16) for f in range(9))
    picture = lanes(tmp_path, turtle)
    assert picture.kinds() == {"segment": 16}
    assert "环节3  9" in [text.text for text in compute_layout(picture).texts]
    assert any("16" in note and "聚合" in note for note in draw_model(picture)["notes"])


# corner cases of ui.md, 7.4


def test_stages_come_in_the_order_of_the_data_not_of_three_names(tmp_path: Path) -> None:
    order = ["material", "device", "module", "machine", "service"]
    fed = "".join(segment(a, f"stg:{a}", feeds=f"seg:{b}") for a, b in pairwise(order))
    picture = lanes(tmp_path, fed + segment("service", "stg:service"))
    assert [iri.rpartition("/")[2] for iri, _ in picture.stages] == order


def test_positions_of_stages_win_over_what_feeds_what(tmp_path: Path) -> None:
    picture = lanes(
        tmp_path,
        segment("a", "stg:a", feeds="seg:b")
        + segment("b", "stg:b")
        + "stg:a schema:position 2 . stg:b schema:position 1 .",
    )
    assert [iri.rpartition("/")[2] for iri, _ in picture.stages] == ["b", "a"]


def test_a_segment_without_a_stage_has_a_lane_of_its_own(tmp_path: Path) -> None:
    picture = lanes(tmp_path, segment("known") + segment("stray", ""))
    assert picture.stages[-1] == ("", "阶段未记录")
    assert BASE + "id/segment/stray" in compute_layout(picture).points


def test_an_enterprise_of_the_chain_that_is_in_none_of_its_segments_has_no_lane(
    tmp_path: Path,
) -> None:
    loose = "e:loose a kg:Enterprise ; kg:partOfChain ch:test .\n"
    picture = lanes(tmp_path, segment("a") + participation("firm", "a") + loose)
    assert picture.kinds() == {"enterprise": 1, "segment": 1}
    assert BASE + "id/ent/loose" not in compute_layout(picture).points


def test_a_cycle_across_stages_is_drawn(tmp_path: Path) -> None:
    picture = lanes(
        tmp_path, segment("a", "stg:x", feeds="seg:b") + segment("b", "stg:y", feeds="seg:a")
    )
    assert len(draw_model(picture)["edges"]) == 2


def test_an_entity_in_two_segments_is_one_node_with_two_edges(tmp_path: Path) -> None:
    turtle = (
        segment("a")
        + segment("b", "stg:midstream")
        + participation("both", "a")
        + participation("both", "b")
    )
    picture = lanes(tmp_path, turtle)
    assert (
        picture.kinds() == {"enterprise": 1, "segment": 2}
        and len(draw_model(picture)["edges"]) == 2
    )
    assert picture.graph.nodes[BASE + "id/ent/both"]["place"] == BASE + "id/segment/a"


def test_an_isolated_segment_is_in_its_lane_and_in_the_table(tmp_path: Path) -> None:
    picture = lanes(
        tmp_path, segment("a", feeds="seg:b") + segment("b", "stg:midstream") + segment("alone")
    )
    layout = compute_layout(picture)
    assert layout.points[BASE + "id/segment/alone"][0] == layout.points[BASE + "id/segment/a"][0]
    assert [thing["label"] for thing in draw_model(picture)["isolated"]] == ["alone"]


def test_self_loop_two_way_and_parallel_edges_all_stay(tmp_path: Path) -> None:
    turtle = supply("focus", "focus") + supply("twin", "focus", 2) + supply("focus", "twin", 3)
    turtle += "st:inv a kg:Investment ; kg:investor e:twin ; kg:investee e:focus ; " + CITED + " ."
    picture = flow(tmp_path, turtle)
    ends = sorted((edge["from"][-5:], edge["to"][-5:]) for edge in draw_model(picture)["edges"])
    assert ends == [("/twin", "focus"), ("/twin", "focus"), ("focus", "/twin"), ("focus", "focus")]
    assert picture.counts["supplier"] == picture.counts["customer"] == 1
    bends = [
        str(edge["smooth"])
        for edge in draw_model(picture)["edges"]
        if "twin" in edge["from"] + edge["to"]
    ]
    assert len(set(bends)) == 3


def test_two_records_of_one_relation_are_one_edge_with_two_sources(tmp_path: Path) -> None:
    picture = flow(tmp_path, supply("a", "focus", 1) + supply("a", "focus", 2))
    [(_, _, data)] = picture.graph.edges(data=True)
    assert [source.fact for source in data["sources"]] == ["T01", "T02"]


def test_what_is_only_hearsay_is_dashed_and_the_legend_says_so(tmp_path: Path) -> None:
    model = draw_model(
        flow(tmp_path, supply("a", "focus", 1, modality="hearsay") + supply("b", "focus", 2))
    )
    assert sorted(bool(edge["dashes"]) for edge in model["edges"]) == [False, True]
    assert any("虚线" in note for note in model["notes"])


@pytest.mark.parametrize(
    ("labels", "lang", "shown"),
    [
        ("", "zh-Hans", "x"),
        ('; skos:prefLabel "Only"@en', "zh-Hans", "Only"),
        ('; skos:prefLabel "简"@zh-Hans , "繁"@zh-Hant , "En"@en', "zh-Hant", "繁"),
        ('; skos:prefLabel "Plain" , "Deutsch"@de', "en", "Deutsch"),
        ('; skos:prefLabel "Plain"', "en", "Plain"),
        ('; skos:prefLabel "  "@en', "en", "x"),
    ],
)
def test_a_label_falls_back_by_language_and_is_never_empty(
    tmp_path: Path, labels: str, lang: str, shown: str
) -> None:
    picture = lanes(
        tmp_path,
        segment("s") + participation("x", "s", label="") + f"e:x a kg:Enterprise {labels} .",
        lang=lang,
    )
    assert picture.graph.nodes[BASE + "id/ent/x"]["label"] == shown


def test_a_name_of_sixty_characters_is_shortened_on_the_canvas_only(tmp_path: Path) -> None:
    name = "超长企业名称" * 10
    picture = lanes(tmp_path, segment("s") + participation("x", "s", label=name))
    check_legible(picture)
    texts = [text.text for text in compute_layout(picture).texts]
    assert name not in texts and any(text.endswith("…") for text in texts)
    assert name in draw_page(picture, assets=ASSETS)


def test_an_empty_chain_says_so(tmp_path: Path) -> None:
    picture = lanes(tmp_path, "")
    assert TEXTS["zh-Hans"]["empty"] in draw_model(picture)["notes"]
    assert "<table>" in draw_page(picture, assets=ASSETS)


# the defects of stock pyvis


def test_d1_a_file_is_written_where_the_locale_is_ascii(tmp_path: Path) -> None:
    make_store(tmp_path, HEAD + segment("s") + participation("x", "s", label="汇川"))
    code = (
        "import sys, pathlib\nfrom kg.store.embedded import EmbeddedStore\nfrom kg.network import build, draw\n"
        "picture = build.build_lanes(EmbeddedStore(pathlib.Path(sys.argv[1])), sys.argv[2])\n"
        "pathlib.Path(sys.argv[3]).write_text(draw.draw_file(picture), encoding='utf-8')\n"
    )
    target = tmp_path / "产业链.html"
    environment = {
        "LC_ALL": "C",
        "PYTHONUTF8": "0",
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT / "src"),
    }
    subprocess.run(
        [sys.executable, "-c", code, tmp_path / "current", CHAIN, target],
        check=True,
        env=environment,
    )
    assert "汇川" in target.read_text(encoding="utf-8")
    with pytest.raises(
        UnicodeEncodeError
    ):  # the reason: what stock pyvis writes without naming an encoding
        read_vis_file("vis-network.min.js").decode().encode("gbk")


@pytest.mark.parametrize("text", XSS)
def test_d2_d3_d4_no_text_becomes_markup(tmp_path: Path, text: str) -> None:
    quoted = text.replace("\\", "\\\\").replace('"', '\\"')
    picture = lanes(
        tmp_path,
        segment("s", label=quoted)
        + participation("x", "s", label=quoted)
        + f'ch:test skos:prefLabel "{quoted}"@zh-Hans .',
    )
    clean = Tags(draw_page(lanes_without_markup(tmp_path), assets=ASSETS))
    page = Tags(draw_page(picture, assets=ASSETS))
    assert page.count("img") == 0 and page.count("script") == clean.count("script") == 3
    assert not [
        name for _, attributes in page.found for name in attributes if name.startswith("on")
    ]
    assert "49" not in build_network(picture).heading


def lanes_without_markup(folder: Path) -> Picture:
    return lanes(folder / "clean", segment("s") + participation("x", "s"))


def test_d3_options_hold_no_data(tmp_path: Path) -> None:
    assert "focus" not in str(build_network(flow(tmp_path, supply("a", "focus"))).options)


def test_d4_our_script_makes_no_html() -> None:
    script = (ROOT / "src/kg/web/static/kgnet.js").read_text(encoding="utf-8")
    assert not re.search(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(|new Function", script
    )


def test_d5_fonts_keep_their_spaces(tmp_path: Path) -> None:
    faces = {
        node["font"]["face"]
        for node in draw_model(lanes(tmp_path, segment("s") + participation("x", "s")))["nodes"]
        if "font" in node
    }
    assert all("Noto Sans CJK SC" in face for face in faces)


def test_d5_d6_d7_d10_d12_the_broken_parts_of_pyvis_are_not_called() -> None:
    broken = {
        "set_options",
        "toggle_physics",
        "show_buttons",
        "show",
        "write_html",
        "save_graph",
        "from_nx",
        "prep_notebook",
    }
    for path in (ROOT / "src/kg").rglob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        called = {
            node.func.attr
            for node in ast.walk(tree)
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        }
        keywords = {
            keyword.arg
            for node in ast.walk(tree)
            if isinstance(node, ast.Call)
            for keyword in node.keywords
        }
        assert not called & broken, path
        assert not keywords & {"select_menu", "filter_menu", "neighborhood_highlight"}, path


class Number:
    """A number of another library: knows its integer, is no int."""

    def __index__(self) -> int:
        return 7


def test_d8_any_value_becomes_json() -> None:
    network = _network_class()()
    network.add_node(
        2024,
        label=2024,
        x=Decimal("1.5"),
        y=Number(),
        title=date(2025, 1, 2),
        color={1: None, "b": (Number(),)},
    )
    assert network.nodes == [
        {
            "x": 1.5,
            "y": 7,
            "title": "2025-01-02",
            "color": {"1": None, "b": [7]},
            "id": "2024",
            "label": "2024",
            "shape": "dot",
        }
    ]
    assert '"2024"' in network.generate_html(
        data={"legend": [], "notes": [], "rows": [], "isolated": [], "title": "", "things": {}, "cites": [], "relations": {},
              "bands": [], "world": [], "focus": "", "texts": {}, "site": False, "release": ""},
        lang="en", t=TEXTS["en"], assets=ASSETS, inline=None,
    )  # fmt: skip


def test_d9_parallel_and_opposite_edges_stay() -> None:
    network = _network_class()()
    for name in "ab":
        network.add_node(name, label=name)
    for ends in ("ab", "ab", "ba"):
        network.add_edge(*ends)
    assert [(edge["from"], edge["to"], edge["arrows"]) for edge in network.edges] == [
        ("a", "b", "to"),
        ("a", "b", "to"),
        ("b", "a", "to"),
    ]
    with pytest.raises(KeyError):
        network.add_edge("a", "nobody")


def test_d10_drawing_leaves_the_graph_alone(tmp_path: Path) -> None:
    picture = flow(tmp_path, supply("a", "focus"))
    before = (repr(picture.graph.nodes(data=True)), repr(list(picture.graph.edges(data=True))))
    draw_file(picture)
    assert before == (
        repr(picture.graph.nodes(data=True)),
        repr(list(picture.graph.edges(data=True))),
    )


def test_d11_adding_is_linear() -> None:
    network = _network_class()()
    start = time.process_time()
    for node in range(3000):
        network.add_node(node, label=str(node))
    for edge in range(8000):
        network.add_edge(edge % 3000, edge * 7 % 3000)
    assert time.process_time() - start < 0.5  # stock: 0.87 s directed, 7.4 s undirected


def test_d13_the_page_is_a_whole_document(tmp_path: Path) -> None:
    picture = lanes(tmp_path, segment("s"))
    for html in (draw_page(picture, assets=ASSETS), draw_file(picture)):
        page = Tags(html)
        assert html.startswith("<!doctype html>") and ("html", {"lang": "zh-Hans"}) in page.found
        assert page.count("title") == page.count("h1") == page.count("main") == 1
        assert html.count(picture.title) >= 3


def test_d14_d15_d16_no_label_is_an_iri_and_nothing_moves(tmp_path: Path) -> None:
    model = draw_model(lanes(tmp_path, segment("s") + participation("x", "s", label="")))
    assert all(node["label"] and BASE not in node["label"] for node in model["nodes"])
    assert model["options"]["physics"] == {"enabled": False}
    assert all({"x", "y"} <= set(node) for node in model["nodes"])


def test_d17_a_second_node_of_the_same_id_adds_its_attributes() -> None:
    network = _network_class()()
    network.add_node("a", label="a", size=8)
    network.add_node("a", label="a", size=20, color="red")
    assert [(node["size"], node["color"]) for node in network.nodes] == [(20, "red")]


# pages and files


def test_a_page_has_nothing_inline_and_names_no_other_host(tmp_path: Path) -> None:
    html = draw_page(flow(tmp_path, supply("a", "focus")), assets=ASSETS)
    page = Tags(html)
    assert not [
        1
        for _, attributes in page.found
        if "style" in attributes or any(name.startswith("on") for name in attributes)
    ]
    assert page.count("style") == 0
    assert [a.get("src", a.get("type")) for tag, a in page.found if tag == "script"] == [
        "application/json",
        ASSETS.vis_js,
        ASSETS.kgnet_js,
    ]
    loaded = [
        a.get("src") or a.get("href")
        for tag, a in page.found
        if tag in ("script", "link", "img", "iframe")
    ]
    assert all(address is None or address.startswith(("/", "data:")) for address in loaded)


def test_a_file_carries_everything_with_the_licence_and_a_policy(tmp_path: Path) -> None:
    html = draw_file(flow(tmp_path, supply("a", "focus")))
    page = Tags(html)
    assert not [
        a
        for tag, a in page.found
        if tag in ("script", "link") and (a.get("src") or a.get("rel") == "stylesheet")
    ]
    [policy] = [
        a["content"] or "" for tag, a in page.found if tag == "meta" and a.get("http-equiv")
    ]
    assert (
        policy.count("sha256-") == 4 and "connect-src 'none'" in policy and "unsafe" not in policy
    )
    assert "vis-network" in html and "Apache 2.0 License" in html and "\r" not in html


def test_the_legend_counts_and_draws_what_the_canvas_draws(tmp_path: Path) -> None:
    model = draw_model(
        flow(tmp_path, supply("a", "focus") + "e:focus kg:basedIn pl:x . pl:x a kg:City .")
    )
    for entry in model["legend"]:
        drawn = [node for node in model["nodes"] if node.get("type") == entry["type"]]
        assert len(drawn) == entry["count"]
        assert {(node["shape"], node["color"]["background"]) for node in drawn} == {
            (entry["shape"], entry["fill"])
        }


def test_the_style_sheet_has_the_colours_of_the_table() -> None:
    css = (ROOT / "src/kg/web/static/kgnet.css").read_text(encoding="utf-8")
    colours = dict(re.findall(r"--kg-(\w+): (#[0-9A-F]{6})", css))
    for kind in KIND_ORDER:
        assert colours[kind] in (STYLES[kind].fill, STYLES[kind].border)


def test_every_text_is_there_in_every_language_with_the_same_places() -> None:
    assert set(TEXTS) == set(FALLBACKS) == set(LANGUAGES)
    for key, text in TEXTS["en"].items():
        for lang in LANGUAGES:
            assert TEXTS[lang][key] and sorted(re.findall(r"{\w+}", TEXTS[lang][key])) == sorted(
                re.findall(r"{\w+}", text)
            )


@pytest.mark.parametrize("name", ["lanes", "flow"])
def test_a_picture_s_query_has_a_summary_and_parses_anywhere(name: str) -> None:
    text = (ROOT / "queries/pictures" / f"{name}.rq").read_text(encoding="utf-8")
    assert text.startswith("#+ summary: ")
    assert isinstance(
        ox.Store().query(picture_query(name, FIRM)), ox.QueryTriples
    )  # no prefixes given
    declared = dict(re.findall(r"PREFIX (\S+): <(\S+)>", text))
    assert declared == {prefix: PREFIXES[prefix] for prefix in declared}


def test_wide_characters_count_twice_as_much() -> None:
    assert text_width("企业", 16) == 32 and text_width("ab", 16) < 20
    assert shorten("产业链环节名称", 4) == "产业链…" and shorten("短", 4) == "短"
    assert Box(0, 0, 10, 10).overlaps(Box(5, 5, 10, 10)) and not Box(0, 0, 10, 10).overlaps(
        Box(11, 0, 10, 10)
    )
    assert FONT == 16


# the blueprint


@pytest.fixture(scope="module")
def small_site(tmp_path_factory: pytest.TempPathFactory) -> "object":
    folder = tmp_path_factory.mktemp("site")
    make_store(
        folder, HEAD + segment("s") + participation("x", "s", label="汇川") + supply("y", "x")
    )
    app = create_app(Settings(root=ROOT, data=folder, workers=1))
    yield app.test_client()
    app.extensions["kg"].pool.close()


@pytest.mark.parametrize(
    ("address", "status", "holds"),
    [
        ("/network?lang=zh-Hans", 200, "测试链：环节与企业"),
        ("/network?lang=en&chain=test", 200, "segments and enterprises"),
        ("/network?lang=zh-Hant&focus=e:x", 200, "上下游關係"),
        (f"/network?lang=zh-Hans&focus={BASE}id/ent/x&layout=flow", 200, "汇川：上下游关系"),
        ("/network?lang=zh-Hans&focus=x&layout=lanes", 200, "汇川：周边网络"),
        ("/network?lang=en&chain=nope", 200, "chain=ch:nope is not known"),
        ("/network?lang=en&layout=spiral", 200, "layout=spiral is not known"),
        ("/network?lang=en&layout=flow", 200, "has an enterprise in the middle"),
        ("/network?lang=xx", 200, "lang=xx"),
        ("/network?lang=en&chain=%3Cimg%20src%3Dx%3E", 200, "chain=&lt;img src=x&gt; is not known"),
        ("/network?focus=e:nobody", 404, ""),
        ("/network?focus=%3Cx", 404, ""),
        ("/network.html?focus=e:x", 200, "vis-network"),
        ("/vis/9.1.2/vis-network.css", 200, ".vis-network"),
        ("/vis/9.1.2/vis-network.min.js", 200, "Apache 2.0 License"),
        ("/vis/9.1.2/..%2f..%2fnetwork.py", 404, ""),
        ("/vis/9.1.2/other.js", 404, ""),
        ("/vis/9.0.4/vis-network.css", 404, ""),
    ],
)
def test_an_address_answers(small_site: object, address: str, status: int, holds: str) -> None:
    answer = small_site.get(address)  # type: ignore[attr-defined]
    assert answer.status_code == status
    assert holds in answer.get_data(as_text=True)


def test_the_page_carries_table_form_and_no_inline_code(small_site: object) -> None:
    answer = small_site.get("/network?lang=zh-Hans")  # type: ignore[attr-defined]
    page = Tags(answer.get_data(as_text=True))
    assert (
        page.count("table") == 2
        and page.count("form") == 2  # the header's search and the filters
        and page.count("select") == 3
        and page.count("h1") == 1
    )
    assert not [
        1
        for _, attributes in page.found
        if "style" in attributes or any(name.startswith("on") for name in attributes)
    ]
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert ("事实 T01 · 测试文档 · 第 12 字符起 34 字符 · 明确陈述") in answer.get_data(
        as_text=True
    )


def test_vis_files_never_change_and_the_file_is_an_attachment(small_site: object) -> None:
    vis = small_site.get("/vis/9.1.2/vis-network.css")  # type: ignore[attr-defined]
    assert "immutable" in vis.headers["Cache-Control"] and vis.mimetype == "text/css"
    file = small_site.get("/network.html?focus=e:x&lang=en")  # type: ignore[attr-defined]
    assert file.headers["Content-Disposition"] == 'attachment; filename="x-flow-en.html"'
    assert file.headers["Content-Security-Policy"] == "sandbox"
