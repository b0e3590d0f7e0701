"""How a Chinese name sounds: pinyin without tones, and the initials."""

from collections.abc import Iterator
from functools import cache, lru_cache
from importlib.util import find_spec
from itertools import chain, islice, product
from typing import Final

from kg.search.folding import is_han, words

MAX_READINGS: Final = 4
"""Ways to read a name that are kept; the likeliest first."""

_READINGS_OF_A_CHARACTER: Final = 2


@cache
def can_spell() -> bool:
    """Whether the dictionary is installed: a graph can be built and served without it, by those who
    take the package alone; then names are not found by how they sound, and `kg build` says so."""
    return find_spec("pypinyin") is not None


def spell(text: str) -> list[tuple[str, ...]]:
    """The syllables of a folded text in each likely reading: 长盈 is `chang ying` or `zhang ying`.

    Phrases decide, 重庆 is `chong qing`; what is not Chinese stays as it is. About 10 microseconds.
    The dictionary is that of pypinyin and takes 0.2 s to load; without it there is no reading.
    """
    if not can_spell():
        return []
    characters = chain.from_iterable(
        _spell_run(run) if is_han(run) else [[run]] for run in words(text)
    )
    return list(islice(product(*characters), MAX_READINGS))


def _spell_run(run: str) -> Iterator[list[str]]:
    from pypinyin.seg.mmseg import seg  # here: most commands need no dictionary

    for phrase in seg.cut(run):
        yield from _spell_phrase(phrase)


@lru_cache(maxsize=1 << 16)
def _spell_phrase(phrase: str) -> list[list[str]]:
    """The readings of each character of a word that the dictionary knows as a whole."""
    from pypinyin import Style, pinyin

    characters = pinyin([phrase], style=Style.NORMAL, heteronym=True, v_to_u=False)
    return [list(dict.fromkeys(readings))[:_READINGS_OF_A_CHARACTER] for readings in characters]


def initials(syllables: tuple[str, ...]) -> str:
    """The first letter of each syllable; `zhao wei ji dian` is `zwjd`."""
    return "".join(syllable[:1] for syllable in syllables)
