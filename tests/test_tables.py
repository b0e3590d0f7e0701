"""Tables in: every conversion can be run again, and every dirty row is named."""

import csv
import hashlib
import json
import re
from collections import Counter
from datetime import datetime
from decimal import Decimal
from functools import cache
from pathlib import Path

import openpyxl
import pyoxigraph as ox
import pytest
import yaml
from click.testing import CliRunner

from kg.cli import main
from kg.errors import BadFiles
from kg.namespaces import BASE, PREFIXES, expand
from kg.release.formatting import format_text
from kg.tables.imports import Imported, import_tables
from kg.tables.mapping import read_mapping
from kg.tables.readers import open_table, read_rows

ROOT = Path(__file__).parent.parent
TABLES = ROOT / "graph" / "tables"
MAPPINGS = sorted(
    path for path in TABLES.glob("*/*.json") if "tables" in json.loads(path.read_text("utf-8"))
)
IDS = [path.relative_to(TABLES).as_posix() for path in MAPPINGS]
REPORTS = {
    "a-share/mapping.json": "a-share/report.csv",
    "industry-chain-atlas/records.json": "industry-chain-atlas/report.csv",
    "shenzhen-20-8-chains/memberships.json": "shenzhen-20-8-chains/report.csv",
}
"""Mappings that meet dirty rows, and where these are listed; the others meet none."""


@cache
def imported(name: str) -> Imported:
    return import_tables(ROOT, TABLES / name)


@cache
def store() -> ox.Store:
    """The files that imports make, one named graph each, as they are in the checkout."""
    found = ox.Store()
    for name in IDS:
        target = imported(name).target
        graph = ox.NamedNode(f"{PREFIXES['g']}{target}")
        data = (ROOT / target).read_bytes()
        if target.endswith(".trig"):
            found.bulk_load(data, ox.RdfFormat.TRIG)
        else:
            found.bulk_load(data, ox.RdfFormat.TURTLE, to_graph=graph)
    return found


def ask(pattern: str, *names: str) -> list[tuple[str, ...]]:
    """Values of the named variables for each solution over all imported graphs together."""
    solutions = store().query(
        f"SELECT {' '.join('?' + name for name in names)} WHERE {{ {pattern} }}",
        prefixes=PREFIXES,
        use_default_graph_as_union=True,
    )
    assert isinstance(solutions, ox.QuerySolutions)
    return [tuple(row[name].value if row[name] else "" for name in names) for row in solutions]  # type: ignore[union-attr]


def count(pattern: str) -> int:
    return int(ask(f"{{ SELECT (COUNT(DISTINCT ?x) AS ?n) {{ {pattern} }} }}", "n")[0][0])


# Every import of the repository


@pytest.mark.parametrize("name", IDS)
def test_an_import_run_again_gives_the_file_in_the_repository(name):
    result = imported(name)
    assert format_text(result.text, path=result.target) == (ROOT / result.target).read_text("utf-8")


@pytest.mark.parametrize("name", IDS)
def test_the_dirty_rows_are_those_of_the_report(name):
    expected = (TABLES / REPORTS[name]).read_text("utf-8") if name in REPORTS else None
    assert imported(name).report == (expected or "table,rows,row,outcome,column,reason\n")


@pytest.mark.parametrize("name", IDS)
def test_an_imported_graph_states_its_source_licence_date_and_trust_level(name):
    said = read_mapping(TABLES / name, name).annotations
    needed = {"dcterms:license", "dcterms:source", "dcterms:modified", "kg:trustLevel"}
    assert needed <= set(said)
    assert said["kg:trustLevel"]["@id"].startswith("trust:")


FOLDERS = {
    "yaml": "industry-chain-atlas",
    "json": "shenzhen-20-8-chains/source",
    "awards.csv": "award-claims",
    "claims.csv": "press-claims",
}
"""Where the tables that are source documents lie, by name or the end of it."""


def test_every_record_of_a_table_leads_back_to_its_row():
    """Position, length and digest of each passage hold in the table that the repository carries."""
    texts = {
        document: (TABLES / folder / name).read_bytes().decode("utf-8")
        for document, name in ask("?d a kg:SourceDocument ; dcterms:identifier ?n", "d", "n")
        for folder in [FOLDERS.get(name) or FOLDERS[name.rpartition(".")[2]]]
    }  # fmt: skip
    assert len(texts) == 4 + 29 + 1 + 1
    rows = ask(
        "?p kg:fromDocument ?d ; kg:startOffset ?s ; kg:length ?l ; kg:sha256 ?h",
        "d", "s", "l", "h",
    )  # fmt: skip
    assert len(rows) == 98 + 30 + 68 + 7331 + 33 + 50
    for document, start, length, digest in rows:
        span = texts[document][int(start) : int(start) + int(length)]
        assert hashlib.sha256(span.encode()).hexdigest() == digest


def test_length_and_digest_of_a_table_are_those_of_the_file():
    pattern = "?d a kg:SourceDocument ; dcterms:identifier ?n ; kg:length ?l ; kg:sha256 ?h"
    for name, length, digest in ask(pattern, "n", "l", "h"):
        (path,) = TABLES.rglob(name)
        assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
        assert len(path.read_bytes().decode("utf-8")) == int(length)


# GB/T 4754-2017


def test_the_national_classification_has_its_four_levels():
    pattern = "?level a xkos:ClassificationLevel ; xkos:depth ?depth ; skos:member ?code"
    assert Counter(depth for depth, _ in ask(pattern, "depth", "code")) == {
        "1": 20, "2": 97, "3": 473, "4": 1381,
    }  # fmt: skip


def test_a_code_has_a_parent_one_level_up_or_is_a_section():
    scheme = f"?x skos:inScheme <{BASE}voc/gbt4754-2017>"
    assert count(scheme) == 1971
    assert count(f"{scheme} ; skos:topConceptOf ?s") == 20
    up = """?a skos:member ?x ; xkos:depth ?low . ?b skos:member ?parent ; xkos:depth ?high .
      ?x skos:broader ?parent FILTER(?low = ?high + 1)"""
    assert count(f"{scheme} . {up}") == 1951


def test_the_list_of_levels_runs_from_sections_to_classes_without_a_blank_node():
    path = f"<{BASE}voc/gbt4754-2017> xkos:levels/rdf:rest*/rdf:first/xkos:depth ?depth"
    assert sorted(depth for (depth,) in ask(path, "depth")) == ["1", "2", "3", "4"]


# A-share firms


def test_every_listed_firm_is_there_once_with_its_code():
    assert count("?x a adms:Identifier") == 5418
    assert count("?x adms:identifier ?i . FILTER(STRSTARTS(STR(?i), STR(idn:stock-)))") == 5418
    assert count("?firm adms:identifier ?x") == 5418


def test_a_firm_known_by_its_registered_name_keeps_its_address():
    known = {
        iri.removeprefix(PREFIXES["e"])
        for (iri,) in ask("?firm adms:identifier ?i", "firm")
        if not iri.startswith(PREFIXES["e"] + "cn-")
    }
    assert known == {"byd", "inovance", "insta360", "jpt", "orbbec", "zhaowei"}


def test_a_seat_is_a_city_only_where_the_list_says_so():
    text = (TABLES / "a-share" / "stock_basic.csv").read_text("utf-8")
    rows = list(csv.DictReader(text.splitlines()))
    seats = Counter(place.rpartition("/")[2] for (place,) in ask("?f kg:basedIn ?p", "p"))
    # six firms have their seat, Shenzhen, in graph/ref/organisations.ttl already
    assert seats["shenzhen"] == 424 - 6
    assert seats["guangdong"] == 459 and seats["inner-mongolia"] == 28
    assert sum(seats.values()) == sum(bool(row["area"]) for row in rows) - 6 == 5407


def test_a_status_mark_is_no_part_of_a_name():
    assert ask('?f skos:hiddenLabel "寒武纪-U"@zh-Hans ; skos:prefLabel "寒武纪"@zh-Hans', "f")
    assert not ask('?f skos:prefLabel ?n FILTER(REGEX(?n, "^[*]?ST[㐀-鿿]|[㐀-鿿]-UW?$"))', "n")
    assert ask('?f skos:prefLabel "TCL科技"@zh-Hans', "f")


# The industry chain atlas


def test_the_atlas_has_its_chains_steps_memberships_and_relations():
    assert count("?x a kg:IndustryChain FILTER(CONTAINS(STR(?x), '/atlas-'))") == 4
    assert count("?x a kg:ChainSegment FILTER(CONTAINS(STR(?x), '/atlas-'))") == 32
    graph = f"GRAPH <{BASE}graph/src/industry-chain-atlas>"
    assert count(f"{graph} {{ ?x a kg:ChainParticipation ; kg:modality mod:unverified }}") == 98
    assert count(f"{graph} {{ ?x a kg:SupplyRelation ; kg:modality mod:unverified }}") == 30
    grades = ask(f"{graph} {{ ?x a kg:SupplyRelation ; kg:confidence ?c }}", "c")
    assert len(grades) == 30 and set(grades) <= {("2",), ("3",), ("4",), ("5",)}


def test_products_of_one_pair_of_firms_are_relations_of_their_own():
    pair = "?x kg:supplier e:cn-600206 ; kg:customer e:cn-002119"
    assert count(f"{pair} ; kg:item ?item") == 3


def test_a_firm_whose_code_and_name_disagree_is_in_no_step():
    report = imported("industry-chain-atlas/records.json").dirt
    wrong = {one.reason for one in report if "firms.rq" in one.reason}
    assert wrong == {
        "no row with code=603799, name=嘉元科技 in firms.rq",
        "no row with code=688113, name=八亿时空 in firms.rq",
    }
    outcomes = Counter((one.column, one.outcome) for one in report)
    assert outcomes == {
        ("code", "rejected"): 2,
        ("buyer_code", "rejected"): 16,
        ("notes", "rejected"): 4,
        ("unit", "rejected"): 1,
        ("name", "rejected"): 1,
        ("name", "kept"): 67,
    }


def test_the_figures_of_the_atlas_are_those_of_its_files():
    """Read again by another program: every figure, as a number in the base unit."""
    scale = {
        "亿元": 8,
        "亿美元": 8,
        "%": 0,
        "万吨": 4,
        "万吨/年": 4,
        "吨/年": 0,
        "亿米": 8,
        "家": 0,
    }
    expected = sorted(
        (point["name"], float(Decimal(str(point["current_value"])).scaleb(scale[point["unit"]])))
        for path in (TABLES / "industry-chain-atlas").glob("*.yaml")
        for segment in yaml.safe_load(path.read_text("utf-8"))["segments"]
        for point in segment["data_points"]
        if point["unit"] and "MO源" not in point["name"]
    )
    figure = """?x qb:dataSet ds:industry-chain-atlas ; kg:modality mod:unverified ;
      kg:period per:2026-06-18 ; kg:value ?value ; kg:unit ?unit ; kg:inSegment ?step"""
    rows = ask(f"{figure} ; dcterms:description ?name", "name", "value")
    assert sorted((name, float(value)) for name, value in rows) == expected
    assert len(expected) == 68
    assert count(f"{figure} ; kg:feature ?f . ?f a kg:Offering") == 66


def test_a_figure_without_a_unit_or_an_owner_is_reported():
    dirt = imported("industry-chain-atlas/records.json").dirt
    refused = [
        one for one in dirt if one.rows.endswith("data_points") and one.outcome == "rejected"
    ]
    assert [(one.column, one.row, one.reason) for one in refused] == [
        ("name", 11, "'MO源全球市占率_百分比' is not clear about whose share it is"),
        ("unit", 8, "required column value is missing"),
    ]


# The chain tree


def test_the_tree_has_28_chains_each_of_an_industry_of_the_first_edition():
    chains = ask("?c kg:inCluster ?k", "c", "k")
    assert len(chains) == len({cluster for _, cluster in chains}) == 28
    assert all("/cluster/s1-" in cluster for _, cluster in chains)
    steps = Counter(
        len(iri.removeprefix(PREFIXES["seg"]).split("-")) - len(file.split("-")) - 1
        for iri, file in ask(
            "?s a kg:ChainSegment ; kg:partOfChain ?c FILTER(CONTAINS(STR(?s), '/sz-'))"
            " BIND(REPLACE(STR(?s), '^.*/sz-(.*?)(-[0-9]+)+$', '$1') AS ?file)",
            "s", "file",
        )
    )  # fmt: skip
    assert sum(steps.values()) == 29 * 3 + 351 + 1298


def test_every_chain_step_and_product_has_a_name_in_three_languages():
    for kind in ("IndustryChain", "ChainSegment", "Offering"):
        named = Counter(ask(f"?x a kg:{kind} ; skos:prefLabel ?n BIND(LANG(?n) AS ?l)", "x", "l"))
        assert set(named.values()) == {1}
        assert Counter(language for _, language in named).keys() == {"en", "zh-hans", "zh-hant"}
        assert len(named) == 3 * count(f"?x a kg:{kind}")


def test_the_english_names_of_the_tree_are_english_and_all_used():
    text = (TABLES / "shenzhen-20-8-chains" / "english.csv").read_text("utf-8")
    names = {row["zh"]: row["en"] for row in csv.DictReader(text.splitlines())}
    steps = ask("?s a kg:ChainSegment ; skos:prefLabel ?n FILTER(LANG(?n) = 'zh-hans' && CONTAINS(STR(?s), '/sz-'))", "n")  # fmt: skip
    assert {name for (name,) in steps} == set(names)
    assert not [name for name in names.values() if re.search("[㐀-鿿]", name) or not name.strip()]


def test_a_name_is_never_merged_with_a_firm_of_that_short_name():
    links = ask("?mention kg:possiblySameAs ?firm", "mention", "firm")
    assert len(links) == 455
    assert all(mention.startswith(f"{PREFIXES['e']}mention-") for mention, _ in links)
    dji = hashlib.md5("大疆".encode(), usedforsecurity=False).hexdigest()[:10]
    assert (f"{PREFIXES['e']}mention-{dji}", expand("e:dji")) in links


def test_a_registered_name_makes_two_mentions_one_firm():
    graph = f"GRAPH <{BASE}graph/src/shenzhen-20-8-chains>"
    merged = {
        firm
        for (firm,) in ask(f"{graph} {{ ?r kg:participant ?f }}", "f")
        if "/mention-" not in firm
    }
    assert merged == {expand("e:cn-600820")}


def test_the_four_writings_of_one_bracket_are_one_mention():
    graph = f"GRAPH <{BASE}graph/src/shenzhen-20-8-chains>"
    assert len(ask(f'{graph} {{ ?m skos:prefLabel "迈瑞医疗"@zh-Hans }}', "m")) == 1
    assert len(ask(f'{graph} {{ ?m skos:altLabel "Merck"@en }}', "m")) == 2  # two firms


# Eligibility rules


def test_editions_of_one_tier_and_kind_of_filing_follow_without_gap_or_overlap():
    pattern = """?s a kg:RuleSet ; kg:forTier ?tier ; kg:applicationType ?type ; kg:validFrom ?from
      OPTIONAL { ?s kg:validTo ?to }"""
    editions: dict[tuple[str, ...], list[tuple[str, ...]]] = {}
    for *key, first, end in sorted(ask(pattern, "tier", "type", "from", "to")):
        editions.setdefault(tuple(key), []).append((first, end))
    assert len(editions) == 13
    for (tier, _), spans in editions.items():
        assert [first for first, _ in spans[1:]] == [end for _, end in spans[:-1]]
        assert (spans[-1][1] == "") is (not tier.endswith("/key-little-giant"))


@pytest.mark.parametrize(
    ("day", "kind", "edition"),
    [
        ("2021-07-19", "new", None), ("2026-03-31", "new", "lg22"), ("2026-04-01", "new", "lg26"),
        ("2026-06-01", "recheck", "lg22-recheck"), ("2027-06-01", "recheck", "lg26-recheck"),
    ],
)  # fmt: skip
def test_the_day_and_the_kind_of_filing_choose_the_edition(day, kind, edition):
    pattern = f"""?s kg:forTier tier:little-giant ; kg:applicationType apt:{kind} ; kg:validFrom ?from
      OPTIONAL {{ ?s kg:validTo ?to }}
      FILTER(?from <= "{day}"^^xsd:date && (!BOUND(?to) || "{day}"^^xsd:date < ?to))"""
    assert ask(pattern, "s") == ([(expand(f"rs:{edition}"),)] if edition else [])


@pytest.mark.parametrize(
    ("criterion", "indicator", "comparator", "threshold", "window"),
    [
        ("lg22-main-share", "main-business-share", "ge", "70.0", "last-year"),
        ("lg26-main-share", "main-business-share", "ge", "90.0", "last-year"),
        ("pr26-main-share", "main-business-share", "ge", "80.0", "last-year"),
        ("lg22-debt", "debt-ratio", "le", "70.0", "at-date"),
        ("lg26-debt", "debt-ratio", "le", "75.0", "at-date"),
        ("lg22-growth", "main-revenue-growth", "ge", "5.0", "mean-growth-2"),
        ("lg26-growth", "revenue-growth", "ge", "5.0", "compound-growth-2"),
        ("lg26-rd", "rd-spend", "ge", "12000000.0", "sum-of-2"),
        ("lg26-rd", "rd-intensity", "ge", "3.0", "each-of-2"),
        ("lg22-rd-small", "new-equity", "ge", "80000000.0", "sum-of-2"),
        ("lg22-ip", "class-1-ip", "ge", "2.0", "at-date"),
        ("lg26-ip", "class-1-ip", "ge", "4.0", "at-date"),
        ("pr22-own-score", "own-score", "ge", "60.0", "at-date"),
        ("pr26-score", "platform-score", "ge", "50.0", "at-date"),
        ("in22-innovation", "innovation-score", "ge", "20.0", "at-date"),
        ("in22-innovation-reading", "innovation-score", "ge", "24.0", "at-date"),
        ("lg22-rd-small", "rd-staff-share", "ge", "50.0", "last-year"),
        ("lg26-score", "platform-score", "ge", "60.0", "at-date"),
        ("lg26-score-recheck", "platform-score", "ge", "60.0", "either-of-2"),
        ("lg26-national-award", "national-award-rank", "le", "3.0", "within-3-years"),
        ("veto-incident", "serious-incidents", "eq", "0.0", "within-3-years"),
        ("ts17-staff", "staff", "le", "500.0", "last-year"),
        ("ts17-staff-part", "tech-staff-share", "ge", "10.0", "last-year"),
        ("ts17-sales", "revenue", "le", "200000000.0", "last-year"),
        ("kg24-investment", "planned-investment", "gt", "20000000.0", "at-date"),
        ("sc23-years-10", "years-in-segment", "ge", "10.0", "at-date"),
        ("sc23-years-new", "years-in-segment", "ge", "5.0", "at-date"),
        ("sc16-years-new", "years-in-segment", "ge", "3.0", "at-date"),
        ("sc23-revenue-400", "main-revenue", "ge", "400000000.0", "mean-of-3"),
        ("sc23-revenue-200", "main-revenue", "ge", "200000000.0", "mean-of-3"),
        ("sc23-rank", "global-segment-rank", "le", "3.0", "last-year"),
    ],
)
def test_a_criterion_has_the_bound_of_its_edition(
    criterion, indicator, comparator, threshold, window
):
    pattern = f"""cr:{criterion} cv:hasRequirement ?bound . ?bound cv:constrains ind:{indicator} ;
      kg:comparator cmp:{comparator} ; kg:threshold ?threshold ; kg:window win:{window}"""
    assert [float(number) for (number,) in ask(pattern, "threshold")] == [float(threshold)]


def test_every_criterion_belongs_to_an_edition_and_every_leaf_has_a_bound_or_is_judged():
    path = "?s a kg:RuleSet ; (cv:hasRequirement|kg:anyOf|kg:waivedBy|dcterms:hasPart|kg:otherReading)+ ?x"
    assert count(f"{path} . ?x a kg:EligibilityCriterion") == count("?x a kg:EligibilityCriterion")
    bare = ask(
        """?x a kg:EligibilityCriterion ; kg:criterionKind crit:threshold
        FILTER NOT EXISTS { ?x cv:hasRequirement|kg:anyOf ?part }""",
        "x",
    )
    assert bare == []


TIERS = {
    "pr22-base": "innovative-sme", "pr26-base": "base-sme", "lg22-title": "specialised-sme",
    "lg26-title": "specialised-sme", "kg24-title": "little-giant", "sc23-title": "specialised-sme",
    "sc16-title": "little-giant", "bt26-innovative-sme": "innovative-sme",
    "bt26-technology-sme": "technology-sme",
}  # fmt: skip


def test_a_prerequisite_names_the_tier_to_be_held_and_a_veto_the_one_not_to_be_held():
    assert set(ask("?c kg:requiresTier ?t", "c", "t")) == {
        (expand(f"cr:{name}"), expand(f"tier:{tier}")) for name, tier in TIERS.items()
    }
    excluded = ask("?c kg:excludesTier ?t", "c", "t")
    assert excluded == [(expand("cr:veto-single-champion"), expand("tier:single-champion"))]


def test_what_only_a_register_or_the_platform_can_prove_says_so():
    sources = {
        name.removeprefix(PREFIXES["cr"]): source.removeprefix(PREFIXES["srct"])
        for name, source in ask("?c kg:requiredSource ?s", "c", "s")
    }
    platform = {name for name, source in sources.items() if source == "official-platform"}
    assert platform == {"pr26-score", "pr26-score-recheck", "lg26-score", "lg26-score-recheck"}
    assert {"veto-registers", "veto-incident", "pr26-body"} <= sources.keys() - platform


def test_sources_that_read_a_condition_differently_stand_side_by_side():
    readings = {name.removeprefix(PREFIXES["cr"]) for (name,) in ask("?c kg:otherReading ?o", "c")}
    assert readings == {
        "in22-direct", "in22-innovation", "in22-growth", "in22-specialisation",
        "lg26-market", "lg26-field", "ts17-standard",
    }  # fmt: skip
    assert ask("cr:lg26-market-reading kg:anyOf ?x", "x") == []  # no way by rank


@pytest.mark.parametrize(
    ("day", "rounds"),
    [
        ("2026-04-24", set()), ("2026-04-25", {"lg26"}), ("2026-05-25", {"lg26"}), ("2026-05-26", set()),
        ("2026-06-01", {"ts17"}), ("2026-08-31", {"ts17"}), ("2026-09-01", set()), ("2026-03-31", {"kg24"}),
    ],
)  # fmt: skip
def test_a_round_is_open_from_its_first_day_to_the_one_before_it_closes(day, rounds):
    open_now = ask(
        f"""?r a kg:FilingRound ; kg:opensFor ?s ; kg:validTo ?to FILTER("{day}"^^xsd:date < ?to)
        OPTIONAL {{ ?r kg:validFrom ?from }} FILTER(!BOUND(?from) || ?from <= "{day}"^^xsd:date)""",
        "s",
    )
    assert {iri.removeprefix(PREFIXES["rs"]) for (iri,) in open_now} - {"kg24"} == rounds - {"kg24"}
    assert (expand("rs:kg24"),) in open_now or day >= "2026-04-01"


def test_a_title_lasts_three_years_and_the_number_of_a_technology_firm_one():
    years = {
        name.removeprefix(PREFIXES["rs"]): number
        for name, number in ask("?s kg:titleYears ?y", "s", "y")
    }
    assert years.pop("ts17") == "1" and set(years.values()) == {"3"}
    assert {"lg22", "lg26", "pr22", "pr26", "in22", "sc23"} <= years.keys()
    assert ask("?p kg:grantsTier tier:specialised-sme", "p") == [(expand("pl:shenzhen"),)]


def test_every_ratio_that_is_bounded_can_be_computed_from_figures_that_are_indicators():
    text = (ROOT / "ontology/voc/indicator.ttl").read_text("utf-8")
    known = set(re.findall(r"^(ind:[a-z0-9-]+)$", text, re.MULTILINE))
    formulas = re.findall(r'cv:expressionOfExpectedValue "(.*)"', text)
    assert len(formulas) == 6
    assert {name for formula in formulas for name in re.findall(r"ind:[a-z-]+", formula)} <= known
    assert {iri for (iri,) in ask("?b cv:constrains ?i", "i")} <= {expand(name) for name in known}


def test_the_bands_of_the_2022_edition_cover_every_revenue_once():
    bounds = ask(
        """cr:lg22-rd cv:hasRequirement ?band . ?band kg:appliesWhen ?bound .
        ?bound kg:comparator ?c ; kg:threshold ?t""",
        "band", "c", "t",
    )  # fmt: skip
    said = {(b.rpartition("-")[2], c.rpartition("/")[2], float(t) / 1e6) for b, c, t in bounds}
    assert said == {
        ("large", "ge", 100), ("middle", "ge", 50), ("middle", "lt", 100), ("small", "lt", 50),
    }  # fmt: skip


# Claims on awards


@pytest.mark.parametrize(
    ("place", "tier", "instrument", "day", "amounts"),
    [
        ("longgang", "little-giant", "recognition-award", "2025-05-31", {200_000}),
        ("longgang", "little-giant", "recognition-award", "2025-06-01", {500_000}),
        ("longgang", "key-little-giant", "recognition-award", "2025-06-01", {2_000_000}),
        ("longgang", "specialised-sme", "recognition-award", "2025-06-01", {200_000}),
        ("shenzhen", "specialised-sme", "recognition-award", "2025-01-01", {200_000}),
        ("baoan", "little-giant", "relocation-award", "2025-01-01", {2_000_000}),
    ],
)
def test_an_award_is_claimed_for_a_place_a_tier_and_a_day(place, tier, instrument, day, amounts):
    pattern = f"""?m a kg:PolicyMeasure ; kg:jurisdiction pl:{place} ; kg:eligibleTier tier:{tier} ;
      kg:instrument ins:{instrument} ; kg:amountMax ?a ; kg:validFrom ?from FILTER(?from <= "{day}"^^xsd:date)
      OPTIONAL {{ ?m kg:validTo ?to }} FILTER(!BOUND(?to) || "{day}"^^xsd:date < ?to)
      FILTER NOT EXISTS {{ ?m kg:appliesWhen ?bound }}"""
    assert {float(amount) for (amount,) in ask(pattern, "a")} == amounts


def test_an_award_that_tops_up_names_what_is_deducted():
    pattern = "?m kg:jurisdiction pl:longgang ; kg:eligibleTier tier:{} ; kg:cumulation cum:top-up ; kg:topsUp/kg:amountMax ?a"
    paid = {float(amount) for (amount,) in ask(pattern.format("little-giant"), "a")}
    assert paid == {200_000, 100_000}  # so 0.5 million less 0.2 million leaves 0.3 million
    assert 500_000 in {float(a) for (a,) in ask(pattern.format("key-little-giant"), "a")}


@pytest.mark.parametrize(
    ("spent", "giant", "specialised"),
    [(2e6, None, None), (3e6, 1e5, 75e3), (50e6, 6e5, 45e4), (60e6, 1e6, 75e4), (1e9, 4e6, 3e6)],
)
def test_the_bonus_on_research_follows_its_band(spent, giant, specialised):
    for tier, amount in (("little-giant", giant), ("specialised-sme", specialised)):
        pattern = f"""?m kg:eligibleTier tier:{tier} ; kg:instrument ins:rd-bonus ; kg:amountMax ?a
          FILTER NOT EXISTS {{ ?m kg:appliesWhen ?b . ?b kg:comparator ?c ; kg:threshold ?t
            FILTER(?c = cmp:ge && {spent:f} < ?t || ?c = cmp:lt && {spent:f} >= ?t) }}"""
        assert [float(a) for (a,) in ask(pattern, "a")] == ([amount] if amount else [])


# Languages of tables


MAPPING = {
    "@id": f"{BASE}graph/ref/things",
    "rdfs:label": [{"@value": "Things", "@language": "en"}],
    "tables": [
        {
            "url": "things.*",
            "tableSchema": {
                "aboutUrl": "pl:{code}",
                "primaryKey": "code",
                "columns": [
                    {"name": "code", "required": True, "propertyUrl": "skos:notation"},
                    {"name": "name", "propertyUrl": "rdfs:label", "lang": "en"},
                    {"name": "day", "propertyUrl": "dcterms:date", "datatype": "date"},
                    {"name": "kind", "virtual": True, "propertyUrl": "rdf:type", "valueUrl": "kg:Place"},
                ],
            },
        }
    ],
}  # fmt: skip


def small(tmp_path: Path, text: str | None = None, **changed: object) -> Path:
    """A root with one table and the mapping; the path of the mapping."""
    for name in ("ontology", "graph", "queries"):
        (tmp_path / name).mkdir(exist_ok=True)
    if text is not None:
        (tmp_path / "things.csv").write_text(text, encoding="utf-8")
    mapping = tmp_path / "mapping.json"
    mapping.write_text(json.dumps({**MAPPING, **changed}), encoding="utf-8")
    return mapping


def lines(result: Imported) -> set[str]:
    triples = ox.parse(result.text.encode(), ox.RdfFormat.TURTLE)
    return {f"{t.subject} {t.predicate} {t.object}".replace(BASE, "") for t in triples}


def test_a_cell_is_text_and_a_code_keeps_its_zeros(tmp_path):
    result = import_tables(tmp_path, small(tmp_path, "code,name,day\n007,Bond,2020-01-01\n"))
    assert '<id/place/007> <http://www.w3.org/2004/02/skos/core#notation> "007"' in lines(result)
    assert result.rows == 1 and result.dirt == []


def test_a_value_in_an_address_is_percent_encoded(tmp_path):
    result = import_tables(tmp_path, small(tmp_path, "code,name,day\na b/ä,,\n"))
    assert {line.split(">")[0] for line in lines(result)} >= {"<id/place/a%20b%2F%C3%A4"}


def test_a_bad_cell_rejects_its_row_and_no_other(tmp_path):
    text = "code,name,day\n1,a,2020-01-01\n2,b,March\n,c,\n1,d,\n"
    result = import_tables(tmp_path, small(tmp_path, text))
    assert [(one.row, one.outcome, one.column) for one in result.dirt] == [
        (2, "rejected", "day"),
        (3, "rejected", "code"),
        (4, "rejected", "code"),
    ]
    assert "'March' is not a valid date" in result.dirt[0].reason
    assert not any('"b"' in line or '"d"' in line for line in lines(result))


def test_a_workbook_gives_the_same_graph_as_its_text(tmp_path):
    expected = import_tables(tmp_path, small(tmp_path, "code,name,day\n007,Bond,2020-01-01\n"))
    (tmp_path / "things.csv").unlink()
    book = openpyxl.Workbook()
    sheet = book.active
    assert sheet is not None
    sheet.append(["code", "name", "day"])
    sheet.append(["007", "Bond", datetime(2020, 1, 1)])
    book.save(tmp_path / "things.xlsx")
    assert lines(import_tables(tmp_path, small(tmp_path))) == lines(expected)


def test_a_workbook_is_closed_after_its_last_row(tmp_path):
    book = openpyxl.Workbook()
    book.active.append(["code"])  # type: ignore[union-attr]
    book.active.append([True])  # type: ignore[union-attr]
    book.active.append([3.0])  # type: ignore[union-attr]
    book.save(tmp_path / "things.xlsx")
    before = len(list(Path("/proc/self/fd").iterdir()))
    rows = list(read_rows(open_table(tmp_path / "things.xlsx", "things.xlsx")))
    assert [row.cells["code"] for row in rows] == ["true", "3"]
    assert len(list(Path("/proc/self/fd").iterdir())) == before


@pytest.mark.parametrize("newline", ["\n", "\r\n"])
def test_a_row_of_text_knows_its_span(tmp_path, newline):
    path = tmp_path / "things.csv"
    text = newline.join(["code,name", '1,"two', 'lines"', "2,中文", ""])
    path.write_bytes(("\ufeff" + text).encode("utf-8"))
    file = open_table(path, path.name)
    rows = list(read_rows(file))
    assert [row.cells["code"] for row in rows] == ["1", "2"]
    assert [file.text[row.start :][: len(row.text)] for row in rows] == [row.text for row in rows]
    assert rows[1].text == "2,中文"


@pytest.mark.parametrize(
    ("suffix", "text"),
    [
        (".json", '{"top": "t", "list": [{"name": "a", "parts": ["x", "y"]}, {"name": "b", "parts": []}]}'),
        (".yaml", "top: t\nlist:\n- name: a\n  parts: [x, y]\n- name: b\n  parts: []\n"),
    ],
)  # fmt: skip
def test_a_row_of_a_tree_has_the_values_of_what_encloses_it(tmp_path, suffix, text):
    path = tmp_path / f"tree{suffix}"
    path.write_text(text, encoding="utf-8")
    rows = list(read_rows(open_table(path, path.name), "list/parts"))
    assert [row.cells["parts"] for row in rows] == ["x", "y"]
    assert {row.cells["/top"] + row.cells["list/name"] for row in rows} == {"ta"}
    assert [row.cells["parts/#"] for row in rows] == ["1", "2"]
    assert {row.text.strip('"') for row in rows} == {"x", "y"}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("code,name\n1,a\n", "no column 'day'; known: code, name"),
        ("code,name,day\n1,a\n", "2 cells in row 1, the head has 3"),
        ('code,name,day\n1,"a,\n', "not CSV"),
    ],
)
def test_a_malformed_table_is_named(tmp_path, text, said):
    with pytest.raises(BadFiles, match=said):
        import_tables(tmp_path, small(tmp_path, text))


def test_an_unknown_annotation_is_refused_with_those_that_exist(tmp_path):
    table = {**MAPPING["tables"][0], "kg:row": "x"}  # type: ignore[index,dict-item]
    with pytest.raises(BadFiles, match="no annotation 'kg:row'; known: kg:lookups, kg:rows"):
        import_tables(tmp_path, small(tmp_path, "code,name,day\n", tables=[table]))


def test_a_table_that_the_mapping_does_not_name_is_refused(tmp_path):
    other = tmp_path / "other.csv"
    other.write_text("code\n1\n", encoding="utf-8")
    with pytest.raises(BadFiles, match="no table of the mapping: things"):
        import_tables(tmp_path, small(tmp_path), [other])


def test_a_triple_that_another_file_states_is_not_repeated(tmp_path):
    mapping = small(tmp_path, "code,name,day\n1,One,\n")
    (tmp_path / "graph" / "ref").mkdir()
    head = "".join(f"@prefix {p}: <{PREFIXES[p]}> .\n" for p in ("pl", "kg", "rdfs"))
    other = tmp_path / "graph" / "ref" / "places.ttl"
    other.write_text(f'{head}pl:1 a kg:Place ; rdfs:label "One"@en .', encoding="utf-8")
    result = import_tables(tmp_path, mapping)
    assert result.stated == 2
    assert not any("Place" in line or '"One"' in line for line in lines(result))


def test_the_command_writes_the_graph_and_reports_the_rows(tmp_path, monkeypatch):
    mapping = small(tmp_path, "code,name,day\n1,a,\n2,b,March\n")
    monkeypatch.setenv("KG_ROOT", str(tmp_path))
    output = tmp_path / "out.ttl"
    arguments = [
        "import",
        str(tmp_path / "things.csv"),
        "--mapping",
        str(mapping),
        "-o",
        str(output),
    ]
    result = CliRunner().invoke(main, arguments)
    assert result.exit_code == 0, result.output
    assert "things.csv:2: rejected: day: 'March' is not a valid date" in result.stderr
    assert "2 rows, 1 dirty" in result.stderr
    assert "pl:1\n  a kg:Place ;" in output.read_text("utf-8")
