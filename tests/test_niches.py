"""From a word and a year to niches: the edition in force, the mapping between editions, filled or empty."""

from kg.analysis.niches import Editions, join_segments, read_editions
from kg.analysis.reading import Reader
from kg.analysis.registry import ANALYSES
from kg.namespaces import expand
from kg.settings import Settings
from kg.store.embedded import EmbeddedStore

S1, S2 = expand("cp:20-8-s1"), expand("cp:20-8-s2")


def editions(store: EmbeddedStore, settings: Settings) -> Editions:
    return read_editions(Reader(store, settings.root).rows("clusters"))


def niches(store: EmbeddedStore, settings: Settings, word: str, year: int) -> list[dict]:
    given = {"word": [word], "year": [str(year)]}
    return ANALYSES["niches"].answer(store, settings.root, "en", given).rows


def test_the_edition_of_a_year(store: EmbeddedStore, settings: Settings) -> None:
    found = editions(store, settings)
    years = {2019: S1, 2022: S1, 2023: S1, 2024: S2, 2025: S2, 2030: S2}
    assert {year: found.in_force(year) for year in years} == years
    assert Editions({}, {}, {}).in_force(2025) == ""


def test_every_industry_of_the_first_edition_but_one_is_found_in_the_second(
    store: EmbeddedStore, settings: Settings
) -> None:
    found = editions(store, settings)
    first = [cluster for cluster, edition in found.edition.items() if edition == S1]
    assert len(first) == 28 and len(found.edition) == 56
    relations = {cluster: found.locate(cluster, S2)[0] for cluster in first}
    assert [c for c, relation in relations.items() if relation == "without"] == [expand("cl:s1-f02")]  # fmt: skip
    assert list(relations.values()).count("exact") == 19
    assert found.locate(expand("cl:s1-c10"), S2) == ("broad", (expand("cl:s2-c15"),))
    assert found.locate(expand("cl:s2-c18"), S1) == ("broad", (expand("cl:s1-c16"),))
    assert found.locate(expand("cl:s2-c02"), S1) == ("without", ())


def test_one_name_in_two_editions(store: EmbeddedStore, settings: Settings) -> None:
    """智能机器人 is a cluster of the first edition and a future industry of the second: not the same."""
    for year, relation, there in ((2023, "same", "cl:s1-c10"), (2025, "broad", "cl:s2-c15")):
        every = niches(store, settings, "智能机器人", year)
        rows = [row for row in every if row["chain"] == expand("ch:sz-smart-robot")]
        assert {row["mapping"] for row in rows} == {(relation,)}
        assert {row["in_force"] for row in rows} == {(expand(there),)}
        found = {thing for row in rows for thing in row["found_by"]}
        assert {expand("cl:s1-c10"), expand("cl:s2-f03")} <= found


def test_filled_and_empty_are_what_the_graph_records(store: EmbeddedStore, settings: Settings) -> None:  # fmt: skip
    rows = niches(store, settings, "激光雷达", 2025)
    state = {row["segment"]: (row["filled"], row["firms_recorded"]) for row in rows}
    assert state[expand("seg:lidar")] == ("filled", 1)
    assert [found for found in state.values() if found[0] == "none"]
    for segment, (_, firms) in state.items():
        counted = store.rows(f"SELECT (COUNT(DISTINCT ?f) AS ?n) {{ ?r kg:inSegment <{segment}> ; kg:participant ?f }}")  # fmt: skip
        assert counted[0]["n"].value == str(firms)  # type: ignore[union-attr]


def test_an_industry_that_no_chain_describes_is_told(store: EmbeddedStore, settings: Settings) -> None:  # fmt: skip
    rows = [row for row in niches(store, settings, "人工智能", 2025) if row["segment"] is None]
    assert [(row["found_by"], row["mapping"]) for row in rows] == [(expand("cl:s2-c02"), "same")]
    assert niches(store, settings, "no such word at all", 2025) == []


def test_a_word_that_is_in_most_names_is_answered(store: EmbeddedStore, settings: Settings) -> None:
    rows = niches(store, settings, "a", 2025)
    counted = store.rows("SELECT (COUNT(DISTINCT ?s) AS ?n) { ?s kg:partOfChain ?c FILTER NOT EXISTS { ?p dcterms:isPartOf ?s } }")  # fmt: skip
    segments = {row["segment"] for row in rows} - {None}
    assert 0 < len(segments) == len([row for row in rows if row["segment"]])
    assert len(segments) <= int(counted[0]["n"].value)  # type: ignore[union-attr]


def test_parts_belong_to_what_their_whole_belongs_to() -> None:
    """By hand: an industry of another edition, its chain, a segment with parts, a product of one part."""
    clusters = [{"programme": "p1", "issued": "2022", "cluster": "old", "counterpart": "new", "relation": "http://www.w3.org/2004/02/skos/core#exactMatch"}]  # fmt: skip
    found = read_editions(clusters)
    common = {"chain": "c", "stage": "up", "cluster": "old"}
    rows = [{"segment": one, "whole": whole, **common} for one, whole in (("a", ""), ("a1", "a"), ("a2", "a"), ("b", ""))]  # fmt: skip
    placed = [{"item": "i", "segment": "a1"}]

    def by(*things: str) -> list[tuple[str, str]]:
        return [(row["segment"], row["thing"]) for row in join_segments(set(things), rows, placed, found)]  # fmt: skip

    assert by("new") == [("a1", "new"), ("a2", "new"), ("b", "new")]
    assert by("c", "i") == [("a1", "c"), ("a1", "i"), ("a2", "c"), ("b", "c")]
    assert by("a") == [("a1", "a"), ("a2", "a")]
    assert by("a2", "other") == [("a2", "a2")]
