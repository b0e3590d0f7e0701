"""What is looked for: one text in every form that the index can be asked in."""

from functools import cached_property
from itertools import product
from typing import Final

from kg.search.folding import (
    MAX_CHARACTERS,
    can_slip,
    code_in,
    core,
    fold,
    grams,
    is_han,
    readings,
    without_tones,
    words,
)
from kg.search.pinyin import spell

_MAX_WORDS: Final = 8
"""Words of a query that all must occur; further ones are left out of the search by words."""
_MAX_GRAMS: Final = 16
_SPELT_LENGTH: Final = 12
_PARTED_LENGTHS: Final = range(4, 13)


class Needle:
    """A text as typed, with its readings; each form is made when it is asked for."""

    def __init__(self, text: str) -> None:
        """Cuts the text as `folding` does; a half of a character is no text."""
        text = text[:MAX_CHARACTERS].encode(errors="ignore").decode()
        self._text = text
        self.texts = [
            text
            for text in dict.fromkeys([*readings(text), *readings(core(text)), code_in(text)])
            if text
        ]
        """Folded readings, as typed and without a legal form or the scheme of a code."""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was typed, as opposed to signs that no name has."""
        return not self._text.strip()

    @cached_property
    def typed_sounds(self) -> list[str]:
        """The text as pinyin or initials where it can be: Latin letters without tones."""
        typed = without_tones(self._text[: 10 * _SPELT_LENGTH])
        return [typed] if typed.isascii() and any(char.isalpha() for char in typed) else []

    @cached_property
    def sounds(self) -> list[str]:
        """How a Chinese text sounds, in each likely reading."""
        texts = [text for text in self.texts if is_han(text) and 2 <= len(text) <= _SPELT_LENGTH]
        return list(dict.fromkeys(fold("".join(one)) for text in texts for one in spell(text)))

    @cached_property
    def slippable(self) -> list[str]:
        """The readings in which one character may be wrong."""
        return [text for text in self.texts if can_slip(text)]

    @cached_property
    def pairs(self) -> frozenset[str]:
        """Each two neighbouring characters of the first reading."""
        return frozenset(grams(self.texts[0])[:_MAX_GRAMS]) if self.texts else frozenset()

    def common_pairs(self, form: str) -> float:
        """Share of the pairs of characters that the first reading and a name have in common."""
        theirs = set(grams(form))
        return 2 * len(self.pairs & theirs) / (len(self.pairs) + len(theirs))

    def word_expressions(self) -> list[str]:
        """Searches for all the words of the text: as it reads character by character, and as a
        whole in every other reading."""
        typed = words(self._text)[:_MAX_WORDS]
        tried = [typed, *([text] for text in self.texts if len(typed) == 1)]
        found = (" AND ".join(part for word in one for part in _word_tokens(word)) for one in tried)
        return [expression for expression in dict.fromkeys(found) if expression]

    def part_expression(self) -> str:
        """A search for one Chinese word as two that stand apart in a name: 深圳兆威 in 深圳市兆威机电."""
        typed = words(self._text)
        if len(typed) != 1 or not is_han(typed[0]) or len(typed[0]) not in _PARTED_LENGTHS:
            return ""
        cuts = range(2, len(typed[0]) - 1)
        parts = ([*_word_tokens(typed[0][:at]), *_word_tokens(typed[0][at:])] for at in cuts)
        return " OR ".join(f"({' AND '.join(part)})" for part in parts)

    def likeness(self, way: str, folded: str, spelt: str, initials: str) -> float:
        """How well a name explains a hit, 0 to 1: by what is compared in that way."""
        if way in ("pinyin", "sound"):
            typed, forms = (self.typed_sounds or self.sounds), spelt.split()
        elif way == "initials":
            typed, forms = self.typed_sounds, initials.split()
        else:
            typed, forms = self.texts, folded.split()
        return max((self._likeness(text, form) for text, form in product(typed, forms)), default=0)

    def _likeness(self, text: str, form: str) -> float:
        if text == form:
            return 1.0
        if form.startswith(text):
            return 0.9 + 0.09 * len(text) / len(form)
        return 0.9 * self.common_pairs(form)


def _word_tokens(word: str) -> list[str]:
    if is_han(word):
        return [f'gram : "{gram}"' for gram in grams(word)[:_MAX_GRAMS]]
    return [f'(word : "{word}"* OR name : "{word}"*)']
