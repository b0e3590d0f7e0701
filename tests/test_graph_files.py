"""The files under graph/: every fact is there, traceable, labelled, and in nobody else's words.

The two articles are not part of the project. Tests that compare with them look in the folder
named by KG_ARTICLES, else in ../shared/seeds beside the checkout, and are skipped without it.
"""

import hashlib
import json
import os
import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Iterator
from functools import cache
from itertools import combinations
from pathlib import Path

import pyoxigraph as ox
import pytest

from kg.namespaces import BASE, expand
from kg.release.formatting import format_text
from kg.tables.imports import find_target

ROOT = Path(__file__).parent.parent
GRAPH = ROOT / "graph"
FILES = sorted([*GRAPH.rglob("*.ttl"), *GRAPH.rglob("*.trig")])
NAMES = [path.relative_to(GRAPH).as_posix() for path in FILES]
IMPORTED = {
    ROOT / find_target(json.loads(path.read_text("utf-8"))["@id"])
    for path in GRAPH.glob("tables/*/*.json")
    if "tables" in json.loads(path.read_text("utf-8"))
}
"""Files that `kg import` makes; what they say is tested in test_tables.py."""
ARTICLES = Path(os.environ.get("KG_ARTICLES") or ROOT.parent / "shared" / "seeds")

LABEL_LANGUAGES = ["en", "zh-hans", "zh-hant"]
NAME_PROPERTIES = {
    *map(expand, ["rdfs:label", "skos:prefLabel", "skos:altLabel", "skos:hiddenLabel"]),
    expand("dcterms:title"),
}
HAN_RUN, LATIN_RUN = 12, 40  # code points that a literal may share with an article

Triple = tuple[str, str, ox.NamedNode | ox.BlankNode | ox.Literal]


@cache
def quads(path: Path) -> list[ox.Quad]:
    format_ = ox.RdfFormat.TRIG if path.suffix == ".trig" else ox.RdfFormat.TURTLE
    return list(ox.parse(path=str(path), format=format_))


def triples(*, imported: bool = False) -> Iterator[Triple]:
    for path in FILES:
        for quad in quads(path) if imported or path not in IMPORTED else ():
            yield quad.subject.value, quad.predicate.value, quad.object


@cache
def described(
    *, imported: bool = False
) -> dict[str, dict[str, list[ox.NamedNode | ox.BlankNode | ox.Literal]]]:
    """Subject to predicate to objects, over the files of graph/ that people write, or all."""
    found: dict = defaultdict(lambda: defaultdict(list))
    for subject, predicate, object_ in triples(imported=imported):
        found[subject][predicate].append(object_)
    return {subject: dict(rows) for subject, rows in found.items()}


def values(subject: str, name: str) -> list[str]:
    return [object_.value for object_ in described().get(expand(subject), {}).get(expand(name), [])]


def of_class(*names: str) -> list[str]:
    wanted, type_ = {expand(name) for name in names}, expand("rdf:type")
    return [
        subject
        for subject, rows in described().items()
        if any(object_.value in wanted for object_ in rows.get(type_, []))
    ]


def records() -> dict[str, dict[str, list]]:
    fact = expand("kg:factId")
    return {subject: rows for subject, rows in described().items() if fact in rows}


def one(rows: dict[str, list], name: str) -> str:
    (object_,) = rows[expand(name)]
    return object_.value


def document_text(letter: str) -> str:
    path = ARTICLES / values(f"doc:{letter}", "dcterms:identifier")[0]
    if not path.exists():
        pytest.skip(
            f"article {letter} is not at hand ({path.name}); name its folder in KG_ARTICLES"
        )
    return path.read_bytes().decode("utf-8")


def passages(letter: str) -> dict[str, dict[str, list]]:
    return {
        iri: described()[iri]
        for iri in of_class("kg:Passage")
        if one(described()[iri], "kg:fromDocument") == expand(f"doc:{letter}")
    }


def span(text: str, passage: dict[str, list]) -> str:
    start = int(one(passage, "kg:startOffset"))
    return text[start : start + int(one(passage, "kg:length"))]


def sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


# Facts and records


def test_all_facts_are_there_with_all_their_records():
    facts = {one(rows, "kg:factId") for rows in records().values()}
    assert facts == {f"A{n:02}" for n in range(1, 60)} | {f"B{n:02}" for n in range(1, 89)}
    assert len(facts) == 147
    by_document = Counter(one(rows, "kg:factId")[0] for rows in records().values())
    assert by_document == {"A": 76, "B": 103}


def test_a_record_is_numbered_within_its_fact_and_rests_on_the_passage_of_that_fact():
    numbers = defaultdict(list)
    for iri, rows in records().items():
        fact, number = iri.removeprefix(expand("st:x")[:-1]).split("-")
        assert one(rows, "kg:factId") == fact
        assert one(rows, "kg:evidence") == expand(f"ps:{fact}")
        numbers[fact].append(int(number))
    assert all(sorted(found) == list(range(1, len(found) + 1)) for found in numbers.values())


def test_a_record_has_one_type_one_modality_and_a_sentence_in_three_languages():
    for iri, rows in records().items():
        one(rows, "rdf:type")
        assert one(rows, "kg:modality") != expand("mod:derived"), iri
        sentences = rows[expand("kg:statementText")]
        assert sorted(text.language.lower() for text in sentences) == LABEL_LANGUAGES, iri


def test_the_modalities_are_those_of_the_facts():
    found = Counter(one(r, "kg:modality").rpartition("/")[2] for r in records().values())
    # A09; A52-2 and A55-3; both records of B09; B31 and B69 to B71; the other 170
    assert found == {"estimate": 1, "implied": 2, "hearsay": 2, "attributed": 4, "explicit": 170}


def test_an_observation_has_every_dimension_once_a_decimal_and_the_raw_figure_in_its_language():
    observations = of_class("kg:Observation")
    assert len(observations) == 75
    for iri in observations:
        rows = described()[iri]
        for name in ["feature", "indicator", "population", "period", "unit", "qualifier"]:
            one(rows, f"kg:{name}")
        (value,), (raw,) = rows[expand("kg:value")], rows[expand("kg:rawText")]
        letter = one(rows, "kg:factId")[0]
        assert value.datatype.value == expand("xsd:decimal"), iri
        assert len(raw.value) <= 24
        assert raw.language.lower() == {"A": "zh-hant", "B": "en"}[letter]
        assert one(rows, "qb:dataSet") == expand(f"ds:{letter}")


def test_figures_are_in_the_base_unit():
    assert values("st:A08-1", "kg:value") == ["7100000000.0"]  # 71 times 10 to the 8th
    assert values("st:A09-1", "kg:value") == ["10000000000000.0"]  # 10 times 10 to the 12th
    assert values("st:A29-1", "kg:value") == values("st:B47-1", "kg:value") == ["33391900.0"]
    assert values("st:B79-1", "kg:amountMax") == ["500000.0"]


def claims(letter: str) -> set[tuple[str, ...]]:
    """(what is asked, answer) of every record that answers a question with one true answer."""
    found = set()
    for rows in records().values():
        if one(rows, "kg:factId")[0] != letter:
            continue
        kind = one(rows, "rdf:type")
        if kind == expand("kg:Observation"):
            key = [one(rows, f"kg:{n}") for n in ("feature", "indicator", "population", "period")]
            value = one(rows, "kg:value")
            found.add((*key, value))
            if key[1] == expand("ind:new-count") and "/lg-batch-" in key[2]:
                found.add(("batch-new", key[0], key[2], value))
        elif kind == expand("kg:ProgrammeLaunch"):
            found.add(("launch-year", one(rows, "kg:programme"), one(rows, "kg:year")))
        elif kind == expand("kg:Announcement"):
            found.add(("announcement-year", one(rows, "kg:batch"), one(rows, "kg:year")))
    return found


def test_both_documents_give_the_same_answer_to_thirteen_questions():
    shared = claims("A") & claims("B")
    assert len(shared) == 13
    answers = Counter(f"{float(claim[-1]):g}" for claim in shared)
    # new firms of batch 7 by two keys, a rank, the gap, R&D intensity and spending, Beijing,
    # Shanghai, two counts of firms invested in, age of the city, launch, announcement
    assert answers == {
        "347": 2,
        **dict.fromkeys(["1", "10", "7.63", "3.33919e+07", "1210", "1032"], 1),
        **dict.fromkeys(["198", "46", "45", "2019", "2025"], 1),
    }


# The articles


@pytest.mark.parametrize(("letter", "count"), [("A", 59), ("B", 88)])
def test_every_passage_is_where_its_record_says(letter, count):
    text = document_text(letter)
    found = passages(letter)
    assert len(found) == count
    for iri, passage in found.items():
        assert sha256(span(text, passage)) == one(passage, "kg:sha256"), iri


@pytest.mark.parametrize("letter", ["A", "B"])
def test_length_and_digest_of_a_document_are_those_of_the_frozen_article(letter):
    text = document_text(letter)
    assert values(f"doc:{letter}", "kg:length") == [str(len(text))]
    assert values(f"doc:{letter}", "kg:sha256") == [sha256(text)]


@pytest.mark.parametrize("letter", ["A", "B"])
def test_every_raw_figure_stands_in_its_passage(letter):
    text = document_text(letter)
    for iri in of_class("kg:Observation"):
        rows = described()[iri]
        if one(rows, "kg:factId")[0] == letter:
            assert one(rows, "kg:rawText") in span(text, described()[one(rows, "kg:evidence")]), iri


def own_texts() -> set[str]:
    return {
        object_.value
        for _, predicate, object_ in triples()
        if isinstance(object_, ox.Literal) and predicate not in NAME_PROPERTIES
    }


def borrowed(text: str, article: str) -> list[str]:
    """Pieces of a text that an article has too and that are longer than names need."""
    han = [run for run in re.findall(r"[\u3400-\u9fff]+", text) if len(run) > HAN_RUN]
    pieces = [run[i : i + HAN_RUN + 1] for run in han for i in range(len(run) - HAN_RUN)]
    flat = " ".join(text.casefold().split())
    windows = (flat[i : i + LATIN_RUN + 1] for i in range(len(flat) - LATIN_RUN))
    pieces += [window for window in windows if not re.search(r"[\u3400-\u9fff]", window)]
    article = " ".join(article.casefold().split())
    return [piece for piece in pieces if piece in article]


def test_the_guard_finds_a_borrowed_sentence():
    article = "北京和上海的企業都遠遠多於其他城市。 The list was published early in the autumn of that year."
    assert borrowed("據說北京和上海的企業都遠遠多於其他城市", article)
    assert borrowed("They say the list  was published early in the autumn of that year", article)
    assert not borrowed("北京和上海的企業最多", article)


@pytest.mark.parametrize("letter", ["A", "B"])
def test_no_text_borrows_the_wording_of_an_article(letter):
    article = document_text(letter)
    assert {text: found for text in own_texts() if (found := borrowed(text, article))} == {}


@pytest.mark.parametrize("configuration", ["t2s", "tw2sp"])
def test_no_text_borrows_the_wording_of_an_article_in_the_other_script(configuration):
    convert = pytest.importorskip("opencc", reason="needs opencc").OpenCC(configuration).convert
    article = convert(document_text("A"))
    texts = {text: borrowed(convert(text), article) for text in own_texts()}
    assert {text: found for text, found in texts.items() if found} == {}


# Files


# rdflib's own TriG reader uses what rdflib has deprecated
@pytest.mark.filterwarnings("ignore::DeprecationWarning:rdflib")
@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_is_formatted_without_blank_nodes_and_opens_with_a_comment(path):
    text = path.read_text("utf-8")
    assert text.startswith("# ")
    assert format_text(text, path=str(path)) == text
    assert "owl:sameAs" not in text
    assert set(re.findall(r'"@([A-Za-z-]+)', text)) <= {"en", "zh-Hans", "zh-Hant"}


@pytest.mark.parametrize("path", FILES, ids=NAMES)
def test_a_file_states_name_licence_source_and_date_of_its_graph(path):
    graph = f"{BASE}graph/{path.relative_to(GRAPH).with_suffix('').as_posix()}"
    rows = described(imported=True)[graph]
    labels = rows[expand("rdfs:label")]
    assert sorted(label.language.lower() for label in labels) == LABEL_LANGUAGES
    assert one(rows, "dcterms:license").startswith("https://creativecommons.org/")
    assert rows[expand("dcterms:source")]
    assert one(rows, "dcterms:modified")
    if path.suffix == ".trig":
        assert {quad.graph_name.value for quad in quads(path)} == {graph}


def test_no_triple_stands_in_two_files():
    held = {path: {(q.subject, q.predicate, q.object) for q in quads(path)} for path in FILES}
    for first, second in combinations(FILES, 2):
        assert held[first] & held[second] == set(), (first.name, second.name)


def test_everything_referred_to_is_described():
    vocabulary = {
        quad.subject.value
        for path in sorted((ROOT / "ontology" / "voc").glob("*.ttl"))
        for quad in quads(path)
    }
    used = {o.value for _, _, o in triples(imported=True) if isinstance(o, ox.NamedNode)}
    derived = BASE + "id/conflict/"  # written by rules; their IRIs are tested below
    missing = {
        iri
        for iri in used - set(described(imported=True)) - vocabulary
        if iri.startswith((BASE + "id/", BASE + "voc/")) and not iri.startswith(derived)
    }
    assert missing == set()


def test_conflicts_that_curation_resolves_are_named_after_their_keys():
    keys = [
        ("res:0001", "announcement-year|id/batch/lg-7"),
        ("res:0001", "batch-new|id/place/shenzhen|voc/population/lg-batch-7"),
        ("res:0002", "tier-vs-group|id/ent/dji"),
    ]
    expected = defaultdict(set)
    for resolution, key in keys:
        name = hashlib.md5(key.encode(), usedforsecurity=False).hexdigest()
        expected[resolution].add(expand(f"cf:{name}"))
    assert {r: set(values(r, "kg:resolves")) for r in ("res:0001", "res:0002")} == expected


def test_a_resolution_follows_and_sets_aside_different_records():
    for iri in of_class("kg:Resolution"):
        rows = described()[iri]
        followed = {o.value for o in rows[expand("kg:prefers")]}
        set_aside = {o.value for o in rows[expand("kg:deprecates")]}
        assert followed and set_aside and not followed & set_aside
        assert followed | set_aside <= set(records())
        languages = {text.language.lower() for text in rows[expand("dcterms:description")]}
        assert languages == {"en", "zh-hans"}


# Individuals


def individuals() -> list[str]:
    nameless = ("id/stmt/", "id/passage/", "id/identifier/")
    inside = [iri.removeprefix(BASE) for iri in described() if iri.startswith(BASE + "id/")]
    return sorted(BASE + path for path in inside if not path.startswith(nameless))


def test_every_individual_has_one_preferred_label_in_each_language():
    pref = expand("skos:prefLabel")
    for iri in individuals():
        labels = described()[iri].get(pref, [])
        assert sorted(label.language.lower() for label in labels) == LABEL_LANGUAGES, iri


def test_a_name_is_preferred_alternative_or_hidden_and_only_one_of_them():
    for iri in individuals():
        kinds = (
            described()[iri].get(expand(f"skos:{kind}Label"), [])
            for kind in ("pref", "alt", "hidden")
        )
        names = [label for labels in kinds for label in labels]
        assert len(names) == len(set(names)), iri


def test_every_slug_is_ascii_kebab_case():
    exempt = ("id/doc/", "id/dataset/")  # documents keep their letter
    for iri in individuals():
        path = iri.removeprefix(BASE)
        if not path.startswith(exempt):
            assert re.fullmatch(r"[a-z0-9]+(-[a-z0-9]+)*", path.rpartition("/")[2]), iri


def test_a_seat_stands_only_where_one_is_known():
    """Enterprises, and the two investors whose portfolios are held against the firms of their city."""
    seated = {iri for iri, rows in described().items() if expand("kg:basedIn") in rows}
    seats = {o.value for iri in seated for o in described()[iri][expand("kg:basedIn")]}
    assert len(seated) == 19 + 2 and seats == {expand("pl:shenzhen")}
    for name in ["e:xiaomi", "e:dyson", "e:siemens", "e:mitsubishi", "e:deepseek"]:
        assert expand(name) in described() and expand(name) not in seated


def test_the_chain_of_humanoid_robots_runs_from_parts_to_use():
    steps = of_class("kg:ChainSegment")
    assert len(steps) == 7
    assert all(one(described()[iri], "kg:partOfChain") == expand("ch:humanoid") for iri in steps)
    assert values("seg:lidar", "kg:feeds") == [expand("seg:whole-machine")]
    assert values("seg:whole-machine", "kg:feeds") == [expand("seg:smart-factory")]
    assert values("seg:smart-factory", "kg:feeds") == []


# Places


def coded_places() -> dict[str, str]:
    """Place by the code of its division."""
    return {
        one(described()[o.value], "skos:notation"): iri
        for iri, rows in described().items()
        for o in rows.get(expand("adms:identifier"), [])
    }


def test_provinces_cities_and_districts_are_all_there():
    # The list of cities has 342 rows, nine of them placeholders: 1101 1201 3101 5001 5002 4190
    # 4290 4690 6590. That leaves 333, and the four municipalities directly under the state are
    # cities here: 337. The 31 provinces lose those four and gain 71, 81 and 82: 30.
    assert len(coded_places()) == 337 + 30 + 9
    lengths = Counter(len(code) for code in coded_places())
    assert lengths == {4: 333, 2: 30 + 4, 6: 9}
    assert len(of_class("kg:Province")) == 30
    assert len(of_class("kg:City")) == 337 + 2  # San Francisco and London have no code
    assert len(of_class("kg:District")) == 9
    municipalities = [coded_places()[code] for code in ("11", "12", "31", "50")]
    assert municipalities == [
        expand(f"pl:{n}") for n in ("beijing", "tianjin", "shanghai", "chongqing")
    ]
    assert set(municipalities) <= set(of_class("kg:City"))


def test_a_city_lies_in_the_province_of_its_code_and_a_district_in_shenzhen():
    places = coded_places()
    for code, iri in places.items():
        larger = places[code[:-2]] if len(code) > 2 else expand("pl:china")
        assert one(described()[iri], "kg:locatedIn") == larger, iri


def test_shenzhen_has_its_code_and_lies_where_it_lies():
    assert coded_places()["4403"] == expand("pl:shenzhen")
    assert values("pl:shenzhen", "kg:locatedIn") == [expand("pl:guangdong")]
    assert float(values("pl:shenzhen", "schema:latitude")[0]) == pytest.approx(22.54, abs=0.05)
    assert float(values("pl:shenzhen", "schema:longitude")[0]) == pytest.approx(114.06, abs=0.05)


def test_only_four_coded_places_have_no_point_and_every_point_lies_in_china():
    latitude, longitude = expand("schema:latitude"), expand("schema:longitude")
    without = set()
    for code, iri in coded_places().items():
        rows = described()[iri]
        if latitude not in rows:
            without.add(code)
            continue
        assert 3 < float(one(rows, "schema:latitude")) < 54, iri
        assert 73 < float(one(rows, "schema:longitude")) < 136, iri
        assert rows[longitude][0].datatype.value == expand("xsd:decimal")
    assert without == {"5406", "440309", "440310", "440311"}


def kebab(name: str) -> str:
    ascii_ = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", "-", ascii_.replace("'", "")).strip("-")


def test_the_slug_of_a_place_begins_its_english_name_and_ends_in_the_province_where_names_clash():
    for iri in coded_places().values():
        slug = iri.rpartition("/")[2]
        labels = described()[iri][expand("skos:prefLabel")]
        (english,) = (kebab(label.value) for label in labels if label.language == "en")
        province = one(described()[iri], "kg:locatedIn").rpartition("/")[2]
        own = slug.removesuffix(f"-{province}")
        assert english == slug or english.startswith(f"{own}-"), (slug, english)


@pytest.mark.parametrize(
    ("slug", "code"),
    [
        ("suzhou-jiangsu", "3205"), ("suzhou-anhui", "3413"), ("taizhou-jiangsu", "3212"),
        ("taizhou-zhejiang", "3310"), ("yichun-heilongjiang", "2307"), ("yichun-jiangxi", "3609"),
        ("yulin-guangxi", "4509"), ("yulin-shaanxi", "6108"), ("fuzhou-fujian", "3501"),
        ("fuzhou-jiangxi", "3610"), ("jilin-jilin", "2202"), ("hainan-qinghai", "6325"),
        ("ningbo", "3302"), ("xian", "6101"), ("luliang", "1411"), ("changzhi", "1404"),
        ("inner-mongolia", "15"), ("shanxi", "14"), ("shaanxi", "61"), ("xizang", "54"),
    ],
)  # fmt: skip
def test_a_place_has_the_slug_that_its_code_stands_for(slug, code):
    assert coded_places()[code] == expand(f"pl:{slug}")


def test_english_names_of_coded_places_are_unique():
    names = Counter(
        label.value
        for iri in coded_places().values()
        for label in described()[iri][expand("skos:prefLabel")]
        if label.language == "en"
    )
    assert {name for name, count in names.items() if count > 1} == set()
