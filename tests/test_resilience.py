"""What falls away with a firm, and what rests on one alone, against every reading of a small chain."""

import random
from dataclasses import replace
from itertools import product

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kg.analysis.betweenness import measure_betweenness
from kg.analysis.chains import Chain, Link
from kg.analysis.criticality import count_sole, firms_of, measure_reach, rank_firms, read_networks
from kg.analysis.gaps import list_gaps
from kg.analysis.links import Network
from kg.analysis.reach import BLOCK, count_reached
from kg.analysis.resilience import draw_removal, list_reached, remove
from kg.words import words

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
@settings(deadline=None)
def test_reach_never_shrinks_with_a_further_link(chain: Chain, removed: list[str], more) -> None:
    wider = (
        replace(chain, supplies=[*chain.supplies, more])
        if isinstance(more, Link)
        else replace(chain, feeds=[*chain.feeds, more])
    )
    before, after = remove(chain, removed).hops, remove(wider, removed).hops
    assert before.keys() <= after.keys()
    assert all(after[thing] <= hop for thing, hop in before.items())
    ranges = measure_reach(*read_networks(chain)), measure_reach(*read_networks(wider))
    for firm in firms_of(chain):
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
@settings(deadline=None)
def test_reach_and_betweenness_are_what_networkx_finds(chain: Chain) -> None:
    graph = nx.DiGraph()
    graph.add_nodes_from([*FIRMS, *SEGMENTS])
    graph.add_edges_from(chain.feeds)
    for link in chain.places:
        graph.add_edge(link.head, link.tail)
        graph.add_edges_from((link.tail, after) for before, after in chain.feeds if before == link.head)  # fmt: skip
    graph.add_edges_from((link.tail, link.head) for link in chain.supplies)
    low, high = read_networks(chain)
    reach = measure_reach(low, high)
    own = nx.betweenness_centrality(graph)
    found = measure_betweenness(high)
    assert found.is_exact
    for number, thing in enumerate(high.things):
        assert reach[thing].most == len(nx.descendants(graph, thing))
        # networkx counts the firms of which nothing is recorded too, and so more pairs
        pairs = (
            (len(graph) - 1)
            * (len(graph) - 2)
            / max((len(high.things) - 1) * (len(high.things) - 2), 1)
        )
        assert found.shares[number] == pytest.approx(own[thing] * pairs)


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


def wide_network(size: int, links: int) -> Network:
    chance = random.Random(7)
    pairs = {(int(size * chance.random() ** 2), chance.randrange(size)) for _ in range(links)}
    return Network.of([str(n) for n in range(size)], (pair for pair in pairs if pair[0] != pair[1]))


def test_an_estimate_of_betweenness_says_how_far_it_may_be_off() -> None:
    network = wide_network(400, 1200)
    graph = nx.DiGraph(list(zip(network.tails.tolist(), network.heads.tolist(), strict=True)))
    graph.add_nodes_from(range(400))
    true = np.array([share for _, share in sorted(nx.betweenness_centrality(graph).items())])
    exact, sampled = measure_betweenness(network), measure_betweenness(network, max_links=3_000_000)
    assert exact.is_exact and exact.shares == pytest.approx(true) and not exact.errors.any()
    assert not sampled.is_exact and 20 < sampled.starts < 200
    off = np.abs(sampled.shares - true)
    assert (off > 0).sum() > 100
    often = true > np.quantile(true, 0.75)  # of what few starts meet the error is a rough guess too
    assert np.mean(off[often] <= 2 * sampled.errors[often]) > 0.85
    assert np.mean(off[often] <= 0.2 * sampled.errors[often]) < 0.5  # nor is it said too large


def test_a_graph_that_is_long_instead_of_wide_ends_too() -> None:
    network = Network.of([str(n) for n in range(2_000)], [(n, n + 1) for n in range(1_999)])
    found = measure_betweenness(network, max_links=20_000_000)
    assert not found.is_exact and found.starts >= 2
    assert count_reached(network) == {str(n): 1_999 - n for n in range(2_000)}


def test_what_is_reached_across_blocks_is_counted_once() -> None:
    """More things than one pass counts, in a circle with a tail."""
    size = BLOCK + 100
    pairs = [*((n, n + 1) for n in range(size - 1)), (BLOCK + 10, 5)]
    counts = count_reached(Network.of([str(n) for n in range(size)], pairs))
    assert (counts["0"], counts["5"], counts[str(BLOCK)], counts[str(BLOCK + 11)]) == (size - 1, size - 6, size - 6, 88)  # fmt: skip


def test_a_row_says_its_error_only_where_betweenness_is_estimated() -> None:
    chain = Chain({"s": "up"}, places=[Link("a", "s"), Link("b", "s")], supplies=[Link("a", "b")])
    rows, found = rank_firms(chain, {})
    assert found.is_exact and all("betweenness_error" not in row for row in rows)


def test_whoever_still_supplies_is_drawn() -> None:
    chain = Chain({"s": "up"}, places=[Link("a", "s"), Link("b", "s")], supplies=[Link("a", "c"), Link("d", "c"), Link("d", "e")])  # fmt: skip
    edges = draw_removal(chain, remove(chain, ["a"]), {"a"}, "en")
    still = words("en", "analysis.edge_substitute")
    assert {edge[:2] for edge in edges if edge[2] == still} == {("b", "s"), ("d", "c")}
    assert draw_removal(chain, remove(chain, []), set(), "en") == ()
