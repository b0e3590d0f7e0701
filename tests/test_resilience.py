"""What falls away with a firm, and what rests on one alone, against every reading of a small chain."""

from dataclasses import replace
from itertools import product

import networkx as nx
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.analysis.chains import Chain, Link
from kg.analysis.criticality import count_sole, measure_reach
from kg.analysis.gaps import list_gaps
from kg.analysis.resilience import list_reached, remove

SEGMENTS = ["s1", "s2", "s3", "s4"]
FIRMS = ["f1", "f2", "f3", "f4"]
places = st.builds(Link, st.sampled_from(FIRMS), st.sampled_from(SEGMENTS), st.just("r"), st.booleans())  # fmt: skip
supplies = st.builds(
    Link, st.sampled_from(FIRMS), st.sampled_from(FIRMS), st.just("r"), st.booleans(), st.sampled_from(["", "i1", "i2"]),
)  # fmt: skip
feeds = st.tuples(st.sampled_from(SEGMENTS), st.sampled_from(SEGMENTS))
chains = st.builds(
    Chain,
    st.just(dict.fromkeys(SEGMENTS, "up")),
    st.lists(feeds, max_size=5, unique=True),
    st.lists(places, max_size=6, unique=True),
    st.lists(supplies, max_size=4, unique=True),
)
gone = st.lists(st.sampled_from(SEGMENTS + FIRMS), max_size=3, unique=True)


def readings(chain: Chain) -> list[Chain]:
    """The chain with every choice of the pairs that no explicit record connects."""
    links = [*chain.places, *chain.supplies]
    sure = {(k.tail, k.head, k.item) for k in links if k.explicit}
    open_ = sorted({(k.tail, k.head, k.item) for k in links} - sure)
    found = []
    for choice in product([False, True], repeat=len(open_)):
        held = sure | {key for key, holds in zip(open_, choice, strict=True) if holds}
        kept = [[replace(k, explicit=True) for k in some if (k.tail, k.head, k.item) in held] for some in (chain.places, chain.supplies)]  # fmt: skip
        found.append(replace(chain, places=kept[0], supplies=kept[1]))
    return found


@given(chains)
def test_removing_nothing_changes_nothing(chain: Chain) -> None:
    assert remove(chain, []).hops == {} and list_reached(chain, []) == []


@given(chains, gone)
@settings(max_examples=150, deadline=None)
def test_the_range_of_a_removal_bounds_every_reading(chain: Chain, removed: list[str]) -> None:
    low = remove(chain, removed, certain=True)
    high = remove(chain, removed, possible=True)
    for reading in readings(chain):
        found = remove(reading, removed)
        assert low.lost <= found.lost <= high.lost
        assert low.hops.keys() <= found.hops.keys() <= high.hops.keys()


@given(chains, gone, st.one_of(feeds, supplies))
def test_reach_never_shrinks_with_a_further_link(chain: Chain, removed: list[str], more) -> None:
    wider = (
        replace(chain, supplies=[*chain.supplies, more])
        if isinstance(more, Link)
        else replace(chain, feeds=[*chain.feeds, more])
    )
    before, after = remove(chain, removed).hops, remove(wider, removed).hops
    assert before.keys() <= after.keys()
    assert all(after[thing] <= hop for thing, hop in before.items())
    ranges = measure_reach(chain, FIRMS), measure_reach(wider, FIRMS)
    for firm in FIRMS:
        assert ranges[0][firm].least <= ranges[1][firm].least
        assert ranges[0][firm].most <= ranges[1][firm].most


@given(chains, places)
def test_a_further_supplier_never_raises_what_rests_on_another_alone(chain: Chain, more: Link) -> None:  # fmt: skip
    before = count_sole(chain)
    after = count_sole(replace(chain, places=[*chain.places, more]))
    for firm, found in before.items():
        if firm != more.tail:
            assert after[firm].least <= found.least and after[firm].most <= found.most


@given(chains)
@settings(max_examples=150, deadline=None)
def test_sole_supplies_are_the_least_and_the_most_of_all_readings(chain: Chain) -> None:
    found = count_sole(chain)
    counts: dict[str, list[int]] = {firm: [] for firm in found}
    for reading in readings(chain):
        slots: dict[tuple[str, str], set[str]] = {}
        for link in (*reading.places, *(link for link in reading.supplies if link.item)):
            slots.setdefault((link.head, link.item), set()).add(link.tail)
        for firm in found:
            counts[firm].append(sum(there == {firm} for there in slots.values()))
    for firm, numbers in counts.items():
        # Slots are chosen independently, so that the extremes of all of them are met at once.
        assert (found[firm].least, found[firm].most) == (min(numbers), max(numbers))


@given(chains)
def test_reach_is_what_networkx_finds(chain: Chain) -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from([*FIRMS, *SEGMENTS])
    graph.add_edges_from(chain.feeds)
    for link in chain.places:
        graph.add_edge(link.head, link.tail)
        graph.add_edges_from((link.tail, after) for before, after in chain.feeds if before == link.head)  # fmt: skip
    graph.add_edges_from((link.tail, link.head) for link in chain.supplies)
    reach = measure_reach(chain, FIRMS)
    for firm in FIRMS:
        assert reach[firm].most == len(nx.descendants(graph, firm))


def test_a_worked_example() -> None:
    """Two makers of drives, one of lidars; both segments feed the robots that go to a plant."""
    chain = Chain(
        {"drive": "up", "lidar": "up", "robot": "mid", "plant": "down"},
        [("drive", "robot"), ("lidar", "robot"), ("robot", "plant")],
        [Link("a", "drive"), Link("b", "drive"), Link("c", "lidar"), Link("d", "robot"), Link("e", "plant")],
        [Link("d", "e", item="arm")],
        {"a": frozenset({"sz"}), "c": frozenset({"sz"})},
    )  # fmt: skip
    assert remove(chain, ["a"]).hops == {"a": 0}
    assert remove(chain, ["c"]).hops == {"c": 0, "lidar": 0, "robot": 1, "d": 2, "plant": 2, "e": 3}
    rows = {row["thing"]: row for row in list_reached(chain, ["d"])}
    assert rows["robot"]["kind"] == "segment_lost" and rows["arm"]["kind"] == "product_lost"
    assert rows["e"]["hop"] == 1 and (rows["e"]["before"], rows["e"]["after"]) == (1, 0)
    sole = count_sole(chain)
    assert {firm: found.most for firm, found in sole.items()} == {"a": 0, "b": 0, "c": 1, "d": 2, "e": 1}  # fmt: skip
    gaps = {row["segment"]: (row["local"], row["national"]) for row in list_gaps(chain, "sz")}
    assert gaps == {"drive": (1, 2), "lidar": (1, 1), "robot": (0, 1), "plant": (0, 1)}
