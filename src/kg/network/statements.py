"""The triples of one picture, indexed, with labels in the wanted language and sources as records state them."""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path

import pyoxigraph as ox

from kg.errors import ParameterInvalid, ThingUnknown
from kg.namespaces import EXTERNAL_PREFIXES, OWN_PREFIXES
from kg.network.picture import Source
from kg.network.styles import TYPES
from kg.network.texts import FALLBACKS
from kg.queries import find_part
from kg.settings import find_root
from kg.store import Store

KG = OWN_PREFIXES["kg"]
_RDF = EXTERNAL_PREFIXES["rdf"]
_SKOS = EXTERNAL_PREFIXES["skos"]
_TITLE = EXTERNAL_PREFIXES["dcterms"] + "title"
_GRAPH = EXTERNAL_PREFIXES["dcterms"] + "source"
TYPE = _RDF + "type"
_NAMES = (_SKOS + "prefLabel", EXTERNAL_PREFIXES["rdfs"] + "label", _TITLE)
_SHORT_NAMES = (*_NAMES[:2], _SKOS + "altLabel")

Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


def read_statements(
    store: Store, name: str, iri: str, *, lang: str, root: Path | None = None
) -> "Statements":
    """What a picture's query says about a thing. Raises ThingUnknown where the text is no IRI."""
    return Statements(store.triples(picture_query(name, iri, root=root)), lang=lang)


def picture_query(name: str, *iris: str, root: Path | None = None) -> str:
    """`queries/pictures/<name>.rq` with its one parameter bound to things; it can be pasted anywhere.

    `root` is the folder that holds queries/. Raises ThingUnknown where the text is no IRI.
    """
    folder = root or find_root(Path(__file__).resolve())
    query = find_part(folder, "pictures", name)
    [parameter] = query.parameters
    try:
        return query.bind({parameter.name: iris})
    except ParameterInvalid as error:
        raise ThingUnknown(f"{', '.join(iris)!r} is not an IRI") from error


class Statements:
    """Answers questions about a set of triples; IRIs are plain strings, answers are sorted."""

    def __init__(self, triples: Iterable[ox.Triple], *, lang: str) -> None:
        self.lang = lang
        self._objects: dict[tuple[str, str], list[Term]] = defaultdict(list)
        self._subjects: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._properties: dict[str, set[str]] = defaultdict(set)
        self._graphs: dict[tuple[str, str, str], set[str]] = defaultdict(set)
        for triple in set(triples):
            subject, predicate = _text(triple.subject), triple.predicate.value
            self._objects[subject, predicate].append(triple.object)
            self._subjects[predicate, _text(triple.object)].add(subject)
            self._properties[subject].add(predicate)
        self._collect_graphs()

    def _collect_graphs(self) -> None:
        """Graphs by statement, from the reified statements that carry no record."""
        for (node, predicate), graphs in list(self._objects.items()):
            if predicate == _GRAPH and self.one(node, _RDF + "subject"):
                parts = [self.one(node, _RDF + part) for part in ("subject", "predicate", "object")]
                self._graphs[parts[0], parts[1], parts[2]] |= {_text(graph) for graph in graphs}

    def objects(self, subject: str, predicate: str) -> list[str]:
        """Objects as text, sorted."""
        return sorted(_text(term) for term in self._objects.get((subject, predicate), ()))

    def terms(self, subject: str, predicate: str) -> list[Term]:
        """Objects as terms of the engine, sorted by their text."""
        return sorted(self._objects.get((subject, predicate), ()), key=_text)

    def properties(self, subject: str) -> list[str]:
        """Properties that a thing has, sorted."""
        return sorted(self._properties.get(subject, ()))

    def subjects(self, predicate: str, value: str) -> list[str]:
        """Things that have a value, sorted."""
        return sorted(self._subjects.get((predicate, value), ()))

    def values(self, predicate: str) -> list[str]:
        """All objects of a property as text, sorted."""
        return sorted(value for relation, value in self._subjects if relation == predicate)

    def best(self, subject: str, predicate: str) -> str:
        """The text of a property in the most wanted language, or nothing."""
        return self._best(self._objects.get((subject, predicate), ()))

    def one(self, subject: str, predicate: str) -> str:
        """The first object as text, or nothing."""
        return next(iter(self.objects(subject, predicate)), "")

    def records(self, class_name: str) -> list[str]:
        """Records of a class of the ontology, sorted."""
        return sorted(self._subjects.get((TYPE, KG + class_name), ()))

    def stated(self, predicate: str) -> Iterator[tuple[str, str, list[Source]]]:
        """Subject, object and sources of the statements that no record stands behind."""
        for (subject, relation, other), graphs in sorted(self._graphs.items()):
            if relation == predicate:
                yield subject, other, [Source(graph=graph) for graph in sorted(graphs)]

    def is_a(self, iri: str, class_name: str) -> bool:
        """Whether the thing is typed by that class of the ontology."""
        return KG + class_name in self.objects(iri, TYPE)

    def knows(self, iri: str) -> bool:
        """Whether anything is said about the thing."""
        return iri in self._properties

    def kind(self, iri: str, *, default: str = "other") -> str:
        """Type in a picture: that of a class of the ontology, else the one its role implies."""
        names = [name.removeprefix(KG) for name in self.objects(iri, TYPE)]
        return next((TYPES[name] for name in names if name in TYPES), default)

    def label(self, iri: str) -> str:
        """Name in the wanted language, else another, else untagged, else the local name."""
        names = [term for name in _NAMES for term in self._objects.get((iri, name), ())]
        return self._best(names) or local_name(iri)

    def _best(self, names: Iterable[Term]) -> str:
        """The text in the most wanted language, the first in the alphabet of several, or nothing."""
        ranked = sorted(
            (_language_rank(term, self.lang), _text(term)) for term in names if _text(term).strip()
        )
        return ranked[0][1] if ranked else ""

    def short_label(self, iri: str) -> str:
        """The shortest name in the language of `label`, for tight places."""
        names = [
            term
            for name in _SHORT_NAMES
            for term in self._objects.get((iri, name), ())
            if _text(term).strip()
        ]
        if not names:
            return local_name(iri)
        best = min(_language_rank(term, self.lang) for term in names)
        fitting = [_text(term) for term in names if _language_rank(term, self.lang) == best]
        label = self.label(iri)
        return label if len(label) <= 8 else min(fitting, key=lambda name: (len(name), name))

    def sources(self, record: str, *, detail: str = "") -> list[Source]:
        """One entry for each passage that a record rests on, or a single one without place."""
        fact = "、".join(self.objects(record, KG + "factId")) or local_name(record)
        modality = self.one(record, KG + "modality")
        manner = self.label(modality) if modality else ""
        statement = self._best(self._objects.get((record, KG + "statementText"), ()))
        return [
            Source(
                fact=fact, modality=manner, detail=detail, statement=statement, record=record,
                document=self.label(document) if document else "", document_iri=document,
                offset=self._number(passage, "startOffset"), length=self._number(passage, "length"),
            )
            for passage in self.objects(record, KG + "evidence") or [""]
            for document in [self.one(passage, KG + "fromDocument")]
        ]  # fmt: skip

    def _number(self, subject: str, name: str) -> int:
        text = self.one(subject, KG + name)
        return int(text) if text.isdigit() else -1


def local_name(iri: str) -> str:
    """The last part of an IRI, never empty."""
    return iri.rstrip("/#").replace("#", "/").rpartition("/")[2] or iri or "?"


def _text(term: Term) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


def _language_rank(term: Term, lang: str) -> int:
    """Zero for the wanted language, then the others, then untagged text."""
    tag = (term.language or "") if isinstance(term, ox.Literal) else ""
    wanted = FALLBACKS[lang]
    return next(
        (rank for rank, prefix in enumerate(wanted) if tag and tag.startswith(prefix)),
        len(wanted) + (not tag),
    )
