"""Text as it is compared: one width, one case, simplified characters, no marks, no punctuation.

A name in traditional characters is compared in two readings: character by character (OpenCC `t2s`)
and with Taiwan's words replaced (`tw2sp`), since neither alone is right: 雷射雷達 needs the words,
線上 the characters. 兆 and names with it stay as they are in both.
"""

import re
import unicodedata
from functools import cache
from typing import Any, Final

MAX_CHARACTERS: Final = 200
"""How much of a text is looked for; the longest name of the shipped graph has 127 characters."""

_LEGAL_FORM: Final = re.compile(
    r"(?:(?:控股)?(?:集团)?(?:股份)?有限(?:责任)?公司|集团(?:公司)?|股份(?:公司)?|公司)$"
)
_LEGAL_FORM_EN: Final = re.compile(
    r"[\s,.]+(?:co(?:mpany)?[\s,.]*)?(?:ltd|limited|inc|corp|corporation|llc|plc)\.?$",
    re.IGNORECASE,
)
_CODE: Final = re.compile(
    r"(?:(?:sz|sh|bj|hk)[\s.:]*(\d{5,6}))|(?:(?:gb/?t\s*)?(?:4754(?:-\d{4})?)?[\s:]*[a-t]?(\d{2,4}))"
)
_SLIP_LENGTHS: Final = range(3, 16)
"""Two characters leave too little to tell what was meant."""
_HAN: Final = "\u3007\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_RUN: Final = re.compile(rf"[{_HAN}]+|[^\W_{_HAN}]+")
_ACCENTS: Final = re.compile("[\u0300-\u036f\ud800-\udfff]")
"""Marks above and below Latin letters, and halves of characters, which no file can hold."""
_TONED: Final = re.compile(r"(?:[a-zü]{1,6}[1-5])+")


def fold(text: str) -> str:
    """The letters and digits of a text alone, for comparing: `Ｉｎｓｔａ 360` is `insta360`."""
    return "".join(_RUN.findall(_plain(text)))


def readings(text: str) -> list[str]:
    """What a text may read like in simplified characters, folded; the nearest first."""
    plain = _plain(text)
    found = ["".join(_RUN.findall(reading)) for reading in _simplified(plain)]
    return [reading for reading in dict.fromkeys(found) if reading]


def words(text: str) -> list[str]:
    """Runs of Chinese characters and of other letters and digits, folded and simplified."""
    return _RUN.findall(_simplified(_plain(text))[0])


def grams(word: str) -> list[str]:
    """Each two neighbouring characters of a Chinese word, or the one there is."""
    return [word[at : at + 2] for at in range(len(word) - 1)] or [word]


def is_han(text: str) -> bool:
    """Whether a folded text begins with a Chinese character."""
    return bool(re.match(f"[{_HAN}]", text))


def core(text: str) -> str:
    """A registered name without its legal form, as written: 兆威机电股份有限公司 is 兆威机电."""
    stripped = _LEGAL_FORM_EN.sub("", text.strip())
    simplified = _LEGAL_FORM.sub("", _simplified(stripped)[0])
    # Conversion by characters keeps their number, so what was cut can be cut from the original.
    return stripped[: len(simplified)] if simplified else stripped


def without_tones(text: str) -> str:
    """Pinyin as it is typed without tones: `zhào wēi`, `zhao4wei1` and `zhaowei` are one."""
    spelt = unicodedata.normalize("NFC", text.casefold()).translate(_UMLAUTS)
    squeezed = re.sub(r"[\s'’·-]+", "", spelt)
    if _TONED.fullmatch(squeezed):
        squeezed = re.sub(r"[1-5]", "", squeezed)
    return fold(squeezed)


def code_in(text: str) -> str:
    """The digits of a stock code or a GB/T 4754 code written with its scheme, section or exchange."""
    found = _CODE.fullmatch(_plain(text).strip())
    return next((digits for digits in found.groups() if digits), "") if found else ""


def can_slip(text: str) -> bool:
    """Whether a folded text is of a length, and of enough letters, to look for one that is wrong."""
    return len(text) in _SLIP_LENGTHS and 2 * sum(map(str.isdigit, text)) < len(text)


def one_slip_apart(left: str, right: str) -> bool:
    """Whether one character more, less, other, or two exchanged make one text of the other."""
    if left == right:
        return True
    short, long = sorted((left, right), key=len)
    if len(long) - len(short) > 1:
        return False
    at = next((i for i, char in enumerate(short) if char != long[i]), len(short))
    if len(short) < len(long):
        return short[at:] == long[at + 1 :]
    exchanged = short[at + 1 : at + 2] + short[at : at + 1] + short[at + 2 :]
    return short[at + 1 :] == long[at + 1 :] or exchanged == long[at:]


_UMLAUTS: Final = str.maketrans(dict.fromkeys("üǖǘǚǜ", "v"))


def _plain(text: str) -> str:
    """One width and case, no accents; cut at MAX_CHARACTERS before anything is done with it."""
    text = text[:MAX_CHARACTERS]
    if text.isascii():
        return text.casefold()
    plain = _ACCENTS.sub("", unicodedata.normalize("NFKD", text).casefold())
    return unicodedata.normalize("NFC", plain)[:MAX_CHARACTERS]


def _simplified(text: str) -> list[str]:
    if text.isascii():
        return [text]
    return [_converter(name).convert(text) for name in ("t2s", "tw2sp")]


@cache
def _converter(name: str) -> Any:  # Any: opencc has no annotations
    import opencc  # here: reading its dictionaries takes longer than most commands

    return opencc.OpenCC(name)
