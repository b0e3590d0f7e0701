"""Queries over a real graph, made from a seed: the same seed and the same graph give the same text.

Every pattern is a walk through triples that exist, some of its terms turned into variables, so that
most queries answer something. Covered: joins, paths, OPTIONAL, UNION, MINUS, EXISTS, FILTER, BIND,
functions, VALUES, GRAPH, sub-SELECT, aggregates with HAVING, DISTINCT, ORDER BY with LIMIT where the
order is total, ASK and CONSTRUCT. Answers are small: a hub of the graph never becomes a variable.
"""

import random
from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

import pyoxigraph as ox

_HUB_TRIPLES = 12
"""A term that stands in more triples stays a constant, else two of its neighbours make a product."""

_XSD = "http://www.w3.org/2001/XMLSchema#"
_NUMBERS = {_XSD + name for name in ("integer", "decimal", "double", "gYear", "nonNegativeInteger")}

Step = tuple[str, str, str, str]
"""Subject, predicate, object and graph, as N-Triples writes them; the graph is empty if default."""


@dataclass(frozen=True)
class GeneratedQuery:
    """One query and what it is made of."""

    seed: int
    text: str
    features: frozenset[str]
    """Names of the constructs in it, such as `optional` or `path+`."""


class Vocabulary:
    """What queries are made of: the triples of the graph, by subject and by object."""

    def __init__(self, quads: Iterable[ox.Quad]) -> None:
        """Reads the quads of named graphs; a few thousand are enough. The order does not matter."""
        steps = {
            (str(q.subject), str(q.predicate), str(q.object), str(q.graph_name))
            for q in quads
            if isinstance(q.graph_name, ox.NamedNode)
        }
        self.by_predicate: dict[str, list[Step]] = defaultdict(list)
        self.around: dict[str, list[Step]] = defaultdict(list)
        for step in sorted(steps):
            self.by_predicate[step[1]].append(step)
            self.around[step[0]].append(step)
            if step[2].startswith("<"):
                self.around[step[2]].append(step)
        self.predicates = sorted(self.by_predicate)

    def is_hub(self, term: str) -> bool:
        """Whether too many triples hold the term."""
        return len(self.around[term]) > _HUB_TRIPLES


def generate_query(vocabulary: Vocabulary, seed: int) -> GeneratedQuery:
    """The query of a seed; a few tenths of a millisecond."""
    return _Writer(vocabulary, seed).query()


@dataclass
class _Writer:
    vocabulary: Vocabulary
    seed: int
    names: dict[str, str] = field(default_factory=dict)
    """Variable by the term that it stands for."""
    features: set[str] = field(default_factory=set)
    sample: dict[str, str] = field(default_factory=dict)
    """A value of each variable."""
    computed: set[str] = field(default_factory=set)
    """Variables that a BIND gives."""
    count: int = 0

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)

    def query(self) -> GeneratedQuery:
        """One of the forms, with the body that suits it."""
        form = self.random.choices(
            [self.select, self.distinct_ordered, self.aggregate, self.ask, self.construct],
            [8, 4, 5, 1, 1],
        )[0]
        text = form()
        return GeneratedQuery(self.seed, text, frozenset(self.features))

    # --- forms

    def select(self) -> str:
        body = self.body()
        names = sorted(self.random.sample(sorted(self.sample), min(3, len(self.sample))))
        distinct = self.chance(0.3, "distinct")
        return f"SELECT {'DISTINCT ' * distinct}{' '.join(names)} WHERE {{\n{body}\n}}"

    def distinct_ordered(self) -> str:
        """Sorted by everything that tells one row from another, so that LIMIT means the same rows."""
        body = self.body()
        names = sorted(self.sample)[:3]
        self.features.add("order")
        keys = " ".join(
            f"{self.random.choice(('ASC', 'DESC'))}(COALESCE(STR({name}), '')) "
            f"COALESCE(LANG({name}), '')"
            for name in names
        )
        limit = f" LIMIT {self.random.randint(1, 20)}" if self.chance(0.7, "limit") else ""
        offset = f" OFFSET {self.random.randint(0, 3)}" if self.chance(0.3, "offset") else ""
        return (
            f"SELECT DISTINCT {' '.join(names)} WHERE {{\n{body}\n}} ORDER BY {keys}{limit}{offset}"
        )

    def aggregate(self) -> str:
        self.features.add("aggregate")
        body = self.body()
        names = sorted(self.sample)
        if {"union", "values"} & self.features:  # rdflib joins with the set of their solutions
            body = f"  {{ SELECT DISTINCT {' '.join(names)} WHERE {{\n{body} }} }}"
        key = self.random.choice(names)
        value = self.random.choice(names)
        call = self.random.choice(
            (
                "COUNT(*)",
                f"COUNT({value})",
                f"COUNT(DISTINCT {value})",
                f"SUM(COALESCE(STRLEN(STR({value})), 0))",
                f"MIN(COALESCE(STR({value}), 'none'))",
                f"MAX(COALESCE(STR({value}), 'none'))",
                f"AVG(COALESCE(STRLEN(STR({value})), 1))",
                f"STRLEN(GROUP_CONCAT(COALESCE(STR({value}), '-'); SEPARATOR='|'))",
                f"STRLEN(STR(SAMPLE({key})))",
            )
        )
        self.features.add(call.partition("(")[0].lower())
        if "SAMPLE" not in call and self.chance(0.2, "whole group"):
            return f"SELECT ({call} AS ?n) WHERE {{\n{body}\n}}"
        having = f" HAVING (COUNT(*) > {self.random.randint(1, 2)})"
        return (
            f"SELECT {key} ({call} AS ?n) WHERE {{\n{body}\n}} GROUP BY {key}"
            + having * self.chance(0.4, "having")
        )

    def ask(self) -> str:
        self.features.add("ask")
        return f"ASK {{\n{self.body()}\n}}"

    def construct(self) -> str:
        self.features.add("construct")
        body = self.body()
        names = sorted(self.sample)
        subject, value = self.random.choice(names), self.random.choice(names)
        return f"CONSTRUCT {{ {subject} <urn:x:made> {value} }} WHERE {{\n{body}\n}}"

    # --- group graph patterns

    def body(self) -> str:
        """A walk, then up to three further parts that share a variable with it.

        A sub-SELECT and VALUES with UNDEF come first, where they mean the same: rdflib evaluates
        them with what stands before already bound, which the standard does not.
        """
        parts = [self.graph() if self.chance(0.15, "graph") else self.walk(self.size())]
        if not self.sample:  # every term was a hub
            constant = self.constant()
            parts.append(f"  VALUES {self.fresh(constant)} {{ {constant} }}")
        further = (
            self.optional, self.union, self.minus, self.exists, self.filter, self.bind,
            self.values, self.path, self.subselect, self.filter, self.optional,
        )  # fmt: skip
        for _ in range(self.random.choice((0, 1, 1, 2, 2, 3))):
            part = self.random.choice(further)()
            selects = sum("SELECT" in other for other in parts)
            first = 0 if "SELECT" in part else selects if "UNDEF" in part else len(parts)
            parts.insert(first, part)
        return "\n".join(part for part in parts if part)

    def size(self) -> int:
        return self.random.choice((1, 1, 2, 2, 3))

    def walk(self, length: int, start: str = "") -> str:
        """Triple patterns of connected triples, from a term or from any predicate."""
        terms = [start] if start else []
        lines = []
        for _ in range(length):
            step = self.step(self.random.choice(terms) if terms else "")
            lines.append(f"  {self.term(step[0])} {self.verb(step[1])} {self.term(step[2])} .")
            terms += [term for term in (step[0], step[2]) if term.startswith("<")]
        return "\n".join(dict.fromkeys(lines))

    def step(self, near: str = "") -> Step:
        steps = self.vocabulary.around[near] if near else []
        if not steps:
            steps = self.vocabulary.by_predicate[self.random.choice(self.vocabulary.predicates)]
        return self.random.choice(steps)

    def term(self, term: str) -> str:
        """The variable for a term, or the term."""
        if term in self.names:
            return self.names[term]
        if self.vocabulary.is_hub(term) or self.random.random() < 0.2:
            return term
        return self.fresh(term)

    def verb(self, predicate: str) -> str:
        return self.fresh(predicate) if self.chance(0.06, "predicate variable") else predicate

    def fresh(self, term: str) -> str:
        name = f"?v{self.count}"
        self.count += 1
        self.sample[name] = term
        if term.startswith("<") and term not in self.vocabulary.by_predicate:
            self.names[term] = name
        return name

    def known(self) -> str:
        """An IRI that a variable stands for already, or none."""
        return self.random.choice(sorted(self.names)) if self.names else ""

    def inner(self, start: str, length: int = 1) -> str:
        """A pattern inside a group of its own."""
        return self.walk(length, start) if start else self.walk(1)

    def optional(self) -> str:
        self.features.add("optional")
        inside = self.inner(self.known(), self.size())
        return f"  OPTIONAL {{\n{inside}\n{self.filter() if self.chance(0.2, 'filter') else ''} }}"

    def union(self) -> str:
        self.features.add("union")
        start = self.known()
        return f"  {{\n{self.inner(start)} }} UNION {{\n{self.inner(start)} }}"

    def minus(self) -> str:
        self.features.add("minus")
        return f"  MINUS {{\n{self.inside()} }}"

    def exists(self) -> str:
        self.features.add("exists")
        word = self.random.choice(("EXISTS", "NOT EXISTS"))
        return f"  FILTER {word} {{\n{self.inside()} }}"

    def inside(self) -> str:
        """A pattern whose own variables are not seen outside."""
        names, sample = dict(self.names), dict(self.sample)
        text = self.inner(self.known(), self.random.choice((1, 1, 2)))
        self.names, self.sample = names, sample
        return text

    def graph(self) -> str:
        step = self.step()
        line = f"{self.term(step[0])} {step[1]} {self.term(step[2])}"
        name = step[3] if self.chance(0.5, "graph constant") else self.fresh(step[3])
        return f"  GRAPH {name} {{ {line} }}"

    def path(self) -> str:
        self.features.add("path")
        first = self.step(self.known())
        second = self.step(first[2] if first[2].startswith("<") else first[0])
        one, two = first[1], second[1]
        if one == two:  # the engine counts `p|p` once; see the known differences
            two = self.step()[1]
        shape = self.random.choice(("/", "^/", "|", "?", "+", "*", "!", "!^", "()/"))
        self.features.add(f"path{shape}")
        text = {
            "/": f"{one}/{two}",
            "^/": f"^{one}/{two}",
            "|": f"({one}|{two})",
            "?": f"{one}?",
            "+": f"({one}|^{two})+",
            "*": f"{one}*",
            "!": f"!({one})",
            "!^": f"!({one}|^{two})",
            "()/": f"({one}|{two})/^{two}",
        }[shape]
        end = first[2] if self.vocabulary.is_hub(first[2]) else self.fresh(first[2])
        return f"  {self.names.get(first[0], first[0])} {text} {end} ."

    def values(self) -> str:
        self.features.add("values")
        name = self.random.choice(sorted(self.sample))
        terms = [self.sample[name], self.constant(), "UNDEF"][: self.random.randint(1, 3)]
        if name in self.computed:  # BIND may not give what has a value already
            return ""
        return f"  VALUES {name} {{ {' '.join(dict.fromkeys(terms))} }}"

    def constant(self) -> str:
        return self.step()[self.random.choice((0, 2))]

    def subselect(self) -> str:
        names, sample = dict(self.names), dict(self.sample)
        start = self.known()
        shared = names.get(start)
        if not shared or not self.vocabulary.around[start] or "subselect" in self.features:
            return ""
        self.features.add("subselect")
        self.names = {start: shared}  # a name that is not projected would be another variable
        inside = self.inner(start)
        self.names, self.sample = names, sample
        total = self.fresh('"1"')
        return (
            f"  {{ SELECT {shared} (COUNT(*) AS {total}) WHERE {{\n{inside} }} GROUP BY {shared} }}"
        )

    # --- expressions

    def bind(self) -> str:
        self.features.add("bind")
        expression = self.expression()
        name = self.fresh("1")
        self.computed.add(name)
        return f"  BIND({expression} AS {name})"

    def filter(self) -> str:
        self.features.add("filter")
        name = self.random.choice(sorted(self.sample))
        value = self.sample[name]
        part = _plain(value)[: self.random.randint(1, 3)]
        condition = self.random.choice(
            (
                f"CONTAINS(STR({name}), {_quoted(part)})",
                f"STRSTARTS(STR({name}), {_quoted(part)})",
                f"!CONTAINS(LCASE(STR({name})), 'e')",
                f"REGEX(STR({name}), '[a-z]+[0-9]?', 'i')",
                f"STRLEN(STR({name})) > {self.random.randint(5, 60)}",
                f"LANG({name}) = 'en'",
                f"LANGMATCHES(LANG({name}), 'zh')",
                f"ISIRI({name}) || BOUND({name})",
                f"ISLITERAL({name})",
                f"{name} = {value}",
                f"{name} != {value}",
                f"SAMETERM({name}, {value})",
                f"{name} IN ({value}, {self.constant()})",
                f"BOUND({name}) && STR({name}) NOT IN ({_quoted(_plain(value))})",
                f"!BOUND({name}) || STR({name}) < {_quoted(_plain(value))}",
                f"ISNUMERIC({name}) && {name} > 10",
                f"COALESCE({name} + 1 > 100, true)",
                f"DATATYPE({name}) = <{_XSD}string>",
            )
        )
        return f"  FILTER({condition})"

    def expression(self) -> str:
        name = self.random.choice(sorted(self.sample))
        start, length = self.random.randint(1, 8), self.random.randint(0, 9)
        return self.random.choice(
            (
                f"STRLEN(STR({name})) + {start} - 1",
                f"UCASE(STR({name}))",
                f"SUBSTR(STR({name}), {start}, {length})",
                f"CONCAT(STR({name}), '|', LANG({name}))",
                f"IF(ISIRI({name}), 'iri', STR({name}))",
                f"COALESCE(LANG({name}), 'none')",
                f"REPLACE(STR({name}), '[aeiou]+', '-')",
                f"STRAFTER(STR({name}), '/')",
                f"STRBEFORE(STR({name}), '#')",
                f"ENCODE_FOR_URI(STR({name}))",
                f"MD5(STR({name}))",
                f"STRLANG(STR({name}), 'en')",
                f"STRDT(STR({name}), <{_XSD}token>)",
                f"{name} + 1",
                f"ABS(STRLEN(STR({name})) - {start * length})",
                f"STRLEN(STR({name})) / {start}",
                f"ISNUMERIC({name})",
            )
        )

    def chance(self, probability: float, feature: str) -> bool:
        hit = self.random.random() < probability
        if hit:
            self.features.add(feature)
        return hit


def _plain(term: str) -> str:
    """The text of a term."""
    if term.startswith("<"):
        return term[1:-1]
    return str(
        ox.parse_query_results(f"?x\n{term}\n".encode(), ox.QueryResultsFormat.TSV)
        .__next__()[0]
        .value
    )  # type: ignore[union-attr]


def _quoted(text: str) -> str:
    return str(ox.Literal(text))
