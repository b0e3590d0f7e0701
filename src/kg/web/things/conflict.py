"""The page of a contradiction: its facts side by side, and the decision or that it is open."""

from typing import Any

from kg.web.things.facts import Rivalry, read_rivalry
from kg.web.things.subject import Subject


def sections(subject: Subject) -> dict[str, Any]:
    """What things/conflict.html shows."""
    return {"rivalry": read_rivalry(subject.statements, subject.iri)}


def title(subject: Subject) -> str:
    """Its kind and what it is about."""
    return heading(read_rivalry(subject.statements, subject.iri))


def heading(rivalry: Rivalry) -> str:
    """The kind of a contradiction and what all its facts share."""
    about = ", ".join(cell.text for cell in rivalry.about)
    return f"{rivalry.conflict.text}: {about}" if about else rivalry.conflict.text
