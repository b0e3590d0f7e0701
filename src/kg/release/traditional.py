"""Traditional Chinese from simplified: OpenCC's `s2tw`, which keeps the words and uses Taiwan's characters.

`s2t` writes 羣體 for 群體, and `s2twp` changes words, 数据 into 資料: neither is what a label needs.
"""

import re
from functools import cache
from typing import Any, Final

from rdflib import Graph, Literal

EXCEPTIONS: Final = {
    "签合同": "簽合同",  # OpenCC 1.4 takes the sign 签 for a slip of bamboo, 籤
}
"""Phrases that `s2tw` gets wrong, and what is right; add a line where a reader finds another."""

_WRONG: Final = re.compile("|".join(map(re.escape, EXCEPTIONS)))


def to_traditional(text: str) -> str:
    """The text in traditional characters; what is not Chinese stays."""
    pieces, found = _WRONG.split(text), [EXCEPTIONS[phrase] for phrase in _WRONG.findall(text)]
    converted = [_converter().convert(piece) for piece in pieces]
    return "".join(part for pair in zip(converted, [*found, ""], strict=True) for part in pair)


def add_traditional(graph: Graph) -> None:
    """Adds the zh-Hant text where a thing has exactly one zh-Hans text of a property and no zh-Hant.

    What is there stays, so that a name can be set by hand.
    """
    for subject, predicate in set(graph.subject_predicates()):
        texts = {"zh-Hans": [], "zh-Hant": []}  # type: dict[str, list[str]]
        for value in graph.objects(subject, predicate):
            if isinstance(value, Literal) and value.language in texts:
                texts[value.language].append(str(value))
        if len(texts["zh-Hans"]) == 1 and not texts["zh-Hant"]:
            text = to_traditional(texts["zh-Hans"][0])
            graph.add((subject, predicate, Literal(text, lang="zh-Hant")))


@cache
def _converter() -> Any:  # Any: opencc has no annotations
    import opencc  # here: reading its dictionaries takes longer than most commands

    return opencc.OpenCC("s2tw")
