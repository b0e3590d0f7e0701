"""Traditional Chinese from simplified: OpenCC's `s2tw`, which keeps the words and uses Taiwan's characters.

`s2t` writes 羣體 for 群體, and `s2twp` changes words, 数据 into 資料: neither is what a label needs.
"""

import re
from functools import cache
from typing import Any, Final

EXCEPTIONS: Final = {
    "人制造": "人製造",  # OpenCC 1.4 reads 人制, 机制 and 体制, systems, in 机器人制造, 电机制造, 半导体制造
    "体制造": "體製造",
    "机制纸": "機製紙",
    "机制造": "機製造",
    "学制品": "學製品",
    "英制品": "英製品",
    "制刷": "製刷",
    "制氢": "製氫",
    "制粒": "製粒",
    "制药": "製藥",  # right alone, wrong in 化学制药
    "制镜": "製鏡",
    "煤制": "煤製",
    "签合同": "簽合同",  # it takes the sign 签 for a slip of bamboo, 籤
}
"""Phrases that `s2tw` gets wrong, and what is right; add a line where a reader finds another."""

_WRONG: Final = re.compile("|".join(map(re.escape, EXCEPTIONS)))


def to_traditional(text: str) -> str:
    """The text in traditional characters; what is not Chinese stays."""
    pieces, found = _WRONG.split(text), [EXCEPTIONS[phrase] for phrase in _WRONG.findall(text)]
    converted = [_converter().convert(piece) for piece in pieces]
    return "".join(part for pair in zip(converted, [*found, ""], strict=True) for part in pair)


@cache
def _converter() -> Any:  # Any: opencc has no annotations
    import opencc  # here: reading its dictionaries takes longer than most commands

    return opencc.OpenCC("s2tw")
