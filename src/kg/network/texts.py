"""The words of the pictures: the area `network` of `kg.words`."""

from typing import Final

from kg.words import FALLBACKS, LANGUAGES, read_area
from kg.words import words as words_of

__all__ = ["FALLBACKS", "LANGUAGES", "TEXTS", "words"]

TEXTS: Final = read_area("network")
"""Text by language and key; `{name}` places are filled with str.format."""


def words(lang: str, key: str, **values: object) -> str:
    """A text in a language with its places filled."""
    return words_of(lang, f"network.{key}", **values)
