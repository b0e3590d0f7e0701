"""What of SPARQL the fast engine is asked, and why the rest is not."""

from typing import Final

_WORDS: Final = """
    BASE PREFIX SELECT ASK WHERE DISTINCT REDUCED AS A TRUE FALSE
    FILTER OPTIONAL UNION MINUS VALUES UNDEF BIND
    GROUP BY HAVING ORDER ASC DESC LIMIT OFFSET COUNT SUM
    BOUND IN SAMETERM ISIRI ISURI ISLITERAL ISBLANK ISNUMERIC
    STR LANG LANGMATCHES DATATYPE CONTAINS STRSTARTS STRENDS STRLEN
    STRBEFORE STRAFTER SUBSTR UCASE LCASE CONCAT REGEX
"""
TAKEN: Final = frozenset(_WORDS.split())
"""Words whose meaning is the same in both engines."""

IMPOSSIBLE: Final = frozenset(("GRAPH", "FROM", "CONSTRUCT", "DESCRIBE", "SERVICE", "LATERAL"))

PINNED: Final = {
    "GRAPH": "the fast store holds the merged view alone",
    "FROM": "the same",
    "CONSTRUCT": "its result comes as objects, unbounded: 500,000 need 300 MB; see `construct` for what is a SELECT",
    "DESCRIBE": "what describes a thing is each engine's own choice",
    "SERVICE": "refused by both",
    "LATERAL": "the fast engine lacks it",
    "EXISTS": "evaluated row by row over everything, where it is not the same as MINUS: see `antijoin`",
    "NOT": "the same for NOT EXISTS; and NOT IN negates a comparison of different types",
    "AVG": "decimals differ in the 18th digit and in closing zeros",
    "MIN": "order of literals of different types, which SPARQL leaves open; so MAX",
    "IF": "a comparison of different types is an error in one and false in the other; so COALESCE, NOT IN",
    "ROUND": "lexical forms of decimals",
    "GROUP_CONCAT": "order of the parts",
    "SAMPLE": "which one",
    "YEAR": "unbound for xsd:date in the fast engine; so MONTH, DAY and the like",
    "NOW": "with RAND, UUID, STRUUID and BNODE: another answer each time",
    "IRI": "no base to resolve against",
    "REPLACE": "not compared; so every word that is neither here nor taken",
}
"""Why a word is not taken: the reasons, by word."""

FREE: Final = {
    "ORDER BY with LIMIT": "the order among literals of different types, and NaN, is left open; within one type it is equal",
    "LIMIT without ORDER BY": "which rows is left open; one engine always gives the same",
}
"""Where the answers of the engines may differ and both are right by SPARQL 1.1, section 15."""

KNOWN: Final = {
    "integers beyond 64 bits, decimals beyond 18 places": "no numbers to the reference; numbers by XML Schema",
    "= between durations of different types": "never equal to the fast engine",
    "= between texts of different direction": "equal to the fast engine; RDF 1.2",
}
"""Where a value, which no word of a query shows, makes them differ."""
