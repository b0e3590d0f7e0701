"""Queries of many shapes over a graph, the same for the same seed: what the two engines are held to."""

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import pyoxigraph as ox


@dataclass(frozen=True)
class Vocabulary:
    """Terms of a graph that queries are made of, as SPARQL writes them."""

    links: Sequence[str]
    """Predicates between things."""
    values: Sequence[str]
    """Predicates with literals."""
    things: Sequence[str]
    literals: Sequence[str]
    """Literals that the fast engine takes: strings, language-tagged strings, plain integers."""

    @classmethod
    def of(cls, store: ox.Store, chance: random.Random, most: int) -> "Vocabulary":
        """The vocabulary of at most so many quads of a default graph."""
        quads = list(store.quads_for_pattern(None, None, None, ox.DefaultGraph()))
        quads = chance.sample(sorted(quads, key=str), min(most, len(quads)))
        literals = [q.object for q in quads if isinstance(q.object, ox.Literal)]
        plain = {str(term) for term in literals if "^^" not in str(term)}
        integers = {
            term.value for term in literals if term.value.isdigit() and term.value[0] != "0"
        }
        return cls(
            sorted({str(q.predicate) for q in quads if isinstance(q.object, ox.NamedNode)}),
            sorted({str(q.predicate) for q in quads if isinstance(q.object, ox.Literal)}),
            sorted({str(q.subject) for q in quads} | {str(q.object) for q in quads if isinstance(q.object, ox.NamedNode)}),
            sorted(plain) + sorted(integers),
        )  # fmt: skip


def queries(vocabulary: Vocabulary, seed: int, count: int) -> Iterator[str]:
    """So many queries."""
    maker = _Maker(vocabulary, random.Random(seed))
    for _ in range(count):
        yield maker.query()


def constructs(vocabulary: Vocabulary, seed: int, count: int) -> Iterator[str]:
    """So many queries for graphs."""
    maker = _Maker(vocabulary, random.Random(seed))
    for _ in range(count):
        yield maker.construct()


class _Maker:
    def __init__(self, vocabulary: Vocabulary, chance: random.Random) -> None:
        self._words, self._chance = vocabulary, chance

    def _pick(self, *options: str) -> str:
        return self._chance.choice(options)

    def _link(self) -> str:
        return self._chance.choice(self._words.links)

    def _value(self) -> str:
        return self._chance.choice(self._words.values)

    def _thing(self) -> str:
        return self._chance.choice(self._words.things)

    def _literal(self) -> str:
        return self._chance.choice(self._words.literals)

    def _path(self) -> str:
        one, two = self._chance.sample(list(self._words.links), 2)
        return self._pick(f"{one}+", f"{one}*", f"{one}?", f"{one}/{two}", f"^{one}", f"{one}|{two}", f"!{one}", f"!({one}|^{two})", f"^{one}/{two}")  # fmt: skip

    def _condition(self) -> str:
        variable = self._pick("?x", "?y", "?v", "?z", "?w")
        word = self._literal()
        text = '"' + "".join(c for c in word.split('"')[1] if c.isalnum())[:2] + '"' if '"' in word else '"a"'  # fmt: skip
        number = str(self._chance.choice((0, 1, 2, 5, 10, 100, 1000, 2020)))
        flag = self._pick('"i"', '"s"', '""')
        language = self._pick('"en"', '"zh-hans"', '""', '"*"')
        kind = self._pick("integer", "string", "date")
        simple = self._pick(
            f"{variable} = {word}",
            f"{variable} != {word}",
            f"{variable} > {number}",
            f"{variable} <= {number}",
            f"{variable} < ?v",
            f"?v >= {word}",
            "?x = ?y",
            "?x != ?y",
            f"CONTAINS(STR({variable}), {text})",
            f"CONTAINS(?v, {text})",
            f"STRSTARTS(?v, {text})",
            f"STRENDS(STR(?v), {text})",
            f"STRLEN(STR({variable})) > {number}",
            f"REGEX(STR({variable}), {text}, {flag})",
            f"LANG(?v) = {language}",
            f"LANGMATCHES(LANG(?v), {language})",
            f"DATATYPE(?v) = <http://www.w3.org/2001/XMLSchema#{kind}>",
            f"BOUND({variable})",
            f"!BOUND({variable})",
            f"ISIRI({variable})",
            f"ISLITERAL({variable})",
            "ISNUMERIC(?v)",
            f"SAMETERM({variable}, ?v)",
            f"?v IN ({word}, {self._literal()}, {number})",
            f"?v NOT IN ({word}, {number})",
            f"{variable}",
            f"COALESCE({variable}, {number}) = {number}",
            f"IF(BOUND({variable}), {variable} = {word}, true)",
            f"UCASE(STR({variable})) = LCASE(STR({variable}))",
            f"SUBSTR(STR(?v), 2, 3) = STRAFTER(STR(?v), {text})",
            f"STRBEFORE(STR(?v), {text}) != {text}",
        )
        other = f"{self._pick('&&', '||')} !({self._pick('?x', '?v')} = {self._literal()})"
        return f"FILTER({simple} {other if self._chance.random() < 0.2 else ''})"

    def _expression(self) -> str:
        return self._pick("?v", self._call())

    def _call(self) -> str:
        return self._pick(
            "STR(?v)",
            "STRLEN(STR(?v))",
            "LANG(?v)",
            "DATATYPE(?v)",
            'CONCAT(STR(?v), "-", STR(?x))',
            "CONCAT(?v, ?v)",
            "UCASE(?v)",
            "LCASE(?v)",
            "SUBSTR(?v, 2)",
            "SUBSTR(STR(?v), 2, 4)",
            'STRBEFORE(?v, "e")',
            'STRAFTER(?v, "e")',
            "IF(ISNUMERIC(?v), ?v, STR(?v))",
            "COALESCE(?w, ?v)",
            "ISLITERAL(?v)",
            "?v > 10",
            "?v = ?w",
            "BOUND(?w)",
            'CONTAINS(?v, "a")',
        )

    def _patterns(self) -> str:
        """A basic pattern of ?x, ?y and ?v, tied to few things, so that answers stay small."""
        start = self._pick(f"?x {self._link()} {self._thing()} .", f"?x {self._link()} ?y .", f"{self._thing()} {self._link()} ?x .")  # fmt: skip
        value = f"?x {self._value()} ?v ."
        more = self._pick("", "", f"?y {self._link()} ?z .", f"?x {self._path()} ?z .", f"?x {self._link()} ?y .")  # fmt: skip
        return f"{start} {value} {more}"

    def _extra(self) -> str:
        return self._pick(
            "",
            self._condition(),
            self._condition(),
            f"{self._condition()} {self._condition()}",
            f"OPTIONAL {{ ?x {self._value()} ?w }}",
            f"OPTIONAL {{ ?x {self._value()} ?w {self._condition()} }}",
            f"OPTIONAL {{ ?x {self._link()} ?z OPTIONAL {{ ?z {self._value()} ?w }} }}",
            f"OPTIONAL {{ ?x {self._value()} ?w }} {self._condition()}",
            f"MINUS {{ ?x {self._link()} ?q }}",
            f"MINUS {{ ?x {self._value()} {self._literal()} }}",
            f"MINUS {{ ?a {self._link()} ?q }}",
            f"VALUES ?v {{ {self._literal()} {self._literal()} }}",
            f"VALUES (?x ?w) {{ ({self._thing()} {self._literal()}) (UNDEF 1) ({self._thing()} UNDEF) }}",
            f"BIND({self._expression()} AS ?b)",
            f"BIND({self._expression()} AS ?b) {self._condition()}",
            f"{{ SELECT ?x (COUNT(?q) AS ?n) {{ ?x {self._link()} ?q }} GROUP BY ?x }}",
            f"{{ SELECT ?x {{ ?x {self._value()} ?u }} ORDER BY ?x ?u LIMIT 5 }}",
            f"{{ SELECT DISTINCT ?y {{ ?x {self._link()} ?y }} }}",
        )

    def _body(self) -> str:
        body = f"{self._patterns()} {self._extra()}"
        if self._chance.random() < 0.2:
            return f"{{ {body} }} UNION {{ {self._patterns()} {self._extra()} }}"
        return body

    def query(self) -> str:
        """One query."""
        body = self._body()
        aggregate = self._pick("COUNT(*)", "COUNT(?v)", "COUNT(DISTINCT ?v)", "COUNT(?w)", "SUM(STRLEN(STR(?v)))", "MIN(?v)", "MAX(?v)", "SUM(?v)")  # fmt: skip
        return self._pick(
            f"SELECT * {{ {body} }}",
            f"SELECT ?x ?v ?w {{ {body} }}",
            f"SELECT DISTINCT ?x ?y {{ {body} }}",
            f"SELECT DISTINCT ?v {{ {body} }} ORDER BY ?v",
            f"SELECT ?x ?v {{ {body} }} ORDER BY {self._pick('?v ?x', 'DESC(?v) ?x', 'STR(?v) ?v ?x', 'STRLEN(STR(?v)) ?v ?x')} LIMIT {self._chance.randint(1, 9)}",
            f"SELECT ?x ({self._expression()} AS ?e) {{ {body} }}",
            f"SELECT ({aggregate} AS ?n) {{ {body} }}",
            f"SELECT ?x ({aggregate} AS ?n) {{ {body} }} GROUP BY ?x",
            f"SELECT ?y ({aggregate} AS ?n) {{ {body} }} GROUP BY ?y HAVING({aggregate} > {self._chance.randint(0, 3)})",
            f"SELECT ?g (COUNT(*) AS ?n) {{ {body} }} GROUP BY ({self._call()} AS ?g)",
            f"SELECT ({aggregate} AS ?n) {{ {body} FILTER(false) }}",
            f"ASK {{ {body} }}",
        )

    def construct(self) -> str:
        """One query for a graph; its template may hold what becomes no triple, and one triple twice."""
        link, value, thing = self._link(), self._value(), self._thing()
        triples = self._pick(
            f"?x {link} ?y",
            f"?x {link} ?y . ?y {link} ?x .",
            f"?x {value} ?v ; {link} ?y , ?z ;",
            f"?x {link} $y; a {thing} . {thing} {link} ?x",
            f"?v {value} ?x . ?x ?v ?y . ?x {value} ?w",
            f'?x {value} ?v , "\\"\\n\\u00e9" , 01 , 1.50 ; {value} ?nowhere',
            f"{thing} {link} {thing} . {thing} {link} ?z",
            f"?x {value} {self._literal()} . ?b {value} ?v , ?w , ?n",
        )
        nested = f"OPTIONAL {{ ?x {self._link()} ?y OPTIONAL {{ ?y {self._link()} ?z }} }}"
        filled = f"?x {value} ?v . {nested} OPTIONAL {{ ?x {self._value()} ?w }}"
        body = self._pick(self._body(), filled, f"?x {link} ?y . {nested}")
        order = self._pick("", "", "ORDER BY ?x", "LIMIT 100000")
        return f"CONSTRUCT {{ {triples} }} {self._pick('', 'WHERE')} {{ {body} }} {order}"
