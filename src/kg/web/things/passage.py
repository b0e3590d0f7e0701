"""The page of a passage and that of a check: named by what they are, as neither has a name."""

from kg.network.statements import local_name
from kg.web.things.facts import KG, TYPE, read_passage
from kg.web.things.subject import Subject


def title(subject: Subject) -> str:
    """The document and the place in it."""
    passage = read_passage(subject.statements, subject.iri)
    return ", ".join(part for part in (passage.document.text, passage.place.text) if part)


def check_title(subject: Subject) -> str:
    """Its class and the formula."""
    kinds = subject.own.objects(subject.iri, TYPE)
    kind = subject.statements.label(kinds[0]) if kinds else local_name(subject.iri)
    formula = subject.own.one(subject.iri, KG + "formula")
    return f"{kind}: {formula}" if formula else kind
