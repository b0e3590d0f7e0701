"""The 26 contradictions and traps of the two documents: nine found by rules, the others as notes."""

import pytest

from kg.store.embedded import EmbeddedStore

FOUND = {
    "K01": "?x kg:slotKey 'announcement-year|id/batch/lg-7' . ?x kg:involves st:B18-1",
    "K02": "?x kg:slotKey 'launch-year|id/programme/lg' ; kg:involves st:B14-1 , st:A11-1 , st:B17-1",
    "K03": "?x kg:slotKey 'tier-vs-group|id/ent/dji' ; kg:involves st:B16-3 , st:A34-3",
    "K06": "?x kg:conflictKind conflict:scope ; kg:involves st:A31-1 , st:B49-1",
    "K07": "?x kg:conflictKind conflict:scope ; kg:involves st:A33-1 , st:B52-1",
    "K10": "?x kg:conflictKind conflict:arithmetic ; kg:residual 54.0 ; kg:involves st:A04-1 , st:B04-1 , st:B22-1",
    "K12": "?x kg:conflictKind conflict:anachronism ; kg:involves st:A01-1 , st:B08-1",
    "K16": "?x kg:claimed st:A09-1 ; kg:verdict ver:ok . FILTER EXISTS { ?x prov:wasDerivedFrom st:A08-1 . st:A08-1 kg:population pop:lg-listed . st:A09-1 kg:population pop:lg-valid }",
    "K18": "?x kg:feature inv:sihc ; kg:value 46.0 ; kg:qualifier q:atLeast ; prov:wasDerivedFrom st:A50-1 , st:B68-1",
}
"""What rules make of a contradiction, as a pattern of the finding `?x`."""

NOTES = ["K04", "K05", "K08", "K09", "K11", "K13", "K14", "K15"]
NOTES += ["K17", "K19", "K20", "K21", "K22", "K23", "K24", "K25", "K26"]


def test_all_26_are_accounted_for_once() -> None:
    assert sorted([*FOUND, *NOTES]) == [f"K{number:02}" for number in range(1, 27)]


@pytest.mark.parametrize("name", FOUND)
def test_a_rule_finds_it(store: EmbeddedStore, name: str) -> None:
    assert len(store.rows(f"SELECT DISTINCT ?x {{ {FOUND[name]} }}")) == 1


@pytest.mark.parametrize("name", NOTES)
def test_a_signed_note_explains_it_in_two_languages(store: EmbeddedStore, name: str) -> None:
    rows = store.rows(
        f"""SELECT ?note (COUNT(DISTINCT ?text) AS ?texts) (COUNT(DISTINCT ?thing) AS ?things) {{
          GRAPH <https://w3id.org/industry-kg/graph/curation/notes> {{
            ?note a kg:CurationNote ; skos:notation "{name}" ; dcterms:description ?text ; kg:about ?thing ;
              prov:wasAttributedTo pn:curator ; prov:generatedAtTime ?day
            FILTER(LANGMATCHES(LANG(?text), "en") || LANGMATCHES(LANG(?text), "zh-Hans")) }} }} GROUP BY ?note"""
    )
    assert [row["texts"].value for row in rows] == ["2"] and rows[0]["things"].value != "0"  # type: ignore[union-attr]


def test_a_note_is_about_things_that_the_graph_describes(store: EmbeddedStore) -> None:
    lost = "?note a kg:CurationNote ; kg:about ?thing . FILTER NOT EXISTS { GRAPH ?g { ?thing ?p ?o } }"
    assert store.rows(f"SELECT * {{ {lost} }}") == []


def test_rank_by_new_firms_and_rank_by_stock_never_share_a_slot(store: EmbeddedStore) -> None:
    """K13: first by new firms and second by stock is no contradiction."""
    both = """VALUES (?new ?stock) { (ind:rank-new-count ind:rank-stock-count) (ind:new-count ind:stock-count) }
      GRAPH ?a { ?one kg:indicator ?new } GRAPH ?b { ?other kg:indicator ?stock }"""
    slots = "GRAPH ?c { ?one kg:slotKey ?key } GRAPH ?d { ?other kg:slotKey ?key }"
    assert store.rows(f"SELECT ?one {{ {both} }} LIMIT 1") != []
    assert store.rows(f"SELECT ?one ?other {{ {both} {slots} }}") == []
    together = "?conflict kg:conflictKind ?kind ; kg:involves ?one , ?other"
    kinds = "FILTER(?kind != conflict:arithmetic)"
    assert store.rows(f"SELECT ?conflict {{ {both} {together} {kinds} }}") == []
