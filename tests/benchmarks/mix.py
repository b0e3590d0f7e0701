"""The fourteen queries whose speed is measured over a graph of `generate.py`."""

from typing import Final

PROLOGUE: Final = """PREFIX kg: <https://w3id.org/industry-kg/ont#>
PREFIX e: <https://w3id.org/industry-kg/id/ent/>
PREFIX pl: <https://w3id.org/industry-kg/id/place/>
PREFIX tier: <https://w3id.org/industry-kg/voc/tier/>
PREFIX schema: <https://schema.org/>
PREFIX skos: <http://www.w3.org/2004/02/skos/core#>
"""

MIX: Final = {
    "point look-up": "SELECT ?p ?o { e:n42 ?p ?o }",
    "label CONTAINS": 'SELECT ?firm ?name { ?firm skos:prefLabel ?name FILTER(CONTAINS(?name, "机器人77")) }',
    "GROUP BY city, tier": """SELECT ?city ?tier (COUNT(?firm) AS ?firms) {
        ?firm a kg:Enterprise ; kg:basedIn ?city ; kg:hasTier ?tier } GROUP BY ?city ?tier""",
    "portfolios": """SELECT ?investor (COUNT(DISTINCT ?firm) AS ?firms) (COUNT(DISTINCT ?city) AS ?cities) {
        ?deal kg:investor ?investor ; kg:investee ?firm . ?firm kg:basedIn ?city } GROUP BY ?investor""",
    "top 20 by number": """SELECT ?firm ?staff { ?firm kg:basedIn pl:shenzhen ; schema:numberOfEmployees ?staff }
        ORDER BY DESC(?staff) ?firm LIMIT 20""",
    "two-hop supply": """SELECT DISTINCT ?third { ?firm kg:basedIn pl:city-40 ; kg:suppliesTo ?second .
        ?second kg:suppliesTo ?third }""",
    "suppliesTo+": "SELECT ?firm { e:n42 kg:suppliesTo+ ?firm }",
    "CONSTRUCT 5.6k": """CONSTRUCT { ?a kg:suppliesTo ?b . ?a skos:prefLabel ?name } {
        ?a kg:basedIn pl:city-20 ; kg:suppliesTo ?b ; skos:prefLabel ?name }""",
    "export 500k rows": "SELECT ?s ?p ?o { ?s ?p ?o } LIMIT 500000",
    "ORDER BY label LIMIT 50": """SELECT ?firm ?name { ?firm a kg:Enterprise ; skos:prefLabel ?name }
        ORDER BY ?name ?firm LIMIT 50""",
    "OPTIONAL-heavy, 4 firms": """SELECT * { VALUES ?firm { e:n1 e:n22 e:n333 e:n4444 } ?firm skos:prefLabel ?name
        OPTIONAL { ?firm kg:hasTier ?tier } OPTIONAL { ?firm kg:basedIn ?city }
        OPTIONAL { ?record kg:recognises ?firm ; kg:validFrom ?since }
        OPTIONAL { ?deal kg:investee ?firm ; kg:investor ?investor } OPTIONAL { ?firm kg:suppliesTo ?customer } }""",
    "CONSTRUCT around sub-SELECT": """CONSTRUCT { ?firm kg:participatesIn ?segment ; skos:prefLabel ?name } {
        { SELECT ?firm { ?firm kg:basedIn pl:city-9 ; schema:numberOfEmployees ?staff }
          ORDER BY DESC(?staff) ?firm LIMIT 100 }
        ?firm kg:participatesIn ?segment ; skos:prefLabel ?name }""",
    "FILTER NOT EXISTS": """SELECT (COUNT(?firm) AS ?firms) { ?firm a kg:Enterprise
        FILTER NOT EXISTS { ?record kg:recognises ?firm } }""",
    "COUNT": "SELECT (COUNT(?firm) AS ?firms) { ?firm a kg:Enterprise }",
}
"""Query by name, without the prologue."""
