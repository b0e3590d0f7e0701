"""Numbers with units as people write them: `5000万元`, `0.5億`, `92 %`, `50 million yuan`."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final

from kg.errors import ProfileInvalid

_SCALES: Final = {
    "万亿": 10**12, "萬億": 10**12, "万": 10**4, "萬": 10**4, "亿": 10**8, "億": 10**8,
    "thousand": 10**3, "million": 10**6, "billion": 10**9, "trillion": 10**12,
}  # fmt: skip
"""兆 is not here: it means 10¹² in one script and 10⁶ elsewhere."""
_UNITS: Final = {
    "元": "CNY", "人民币": "CNY", "人民幣": "CNY", "yuan": "CNY", "cny": "CNY", "rmb": "CNY",
    "%": "percent", "％": "percent", "percent": "percent", "per cent": "percent",
    "人": "person", "名": "person", "项": "item", "項": "item", "件": "item",
    "分": "point", "年": "year", "years": "year", "year": "year", "位": "rank",
}  # fmt: skip
_MONEY: Final = frozenset(("万亿", "萬億", "亿", "億"))
"""Scales that, standing alone, mean yuan: nobody counts firms or patents in them."""
_QUANTITY: Final = re.compile(
    r"(?P<number>[+-]?\d[\d,]*(?:\.\d+)?)\s*"
    rf"(?P<scale>{'|'.join(_SCALES)})?\s*(?P<unit>{'|'.join(map(re.escape, _UNITS))})?",
    re.IGNORECASE,
)
_BOUNDS: Final = (
    "近",
    "超",
    "约",
    "約",
    "nearly",
    "over",
    "about",
    "at least",
    "more than",
    ">",
    "<",
)


@dataclass(frozen=True)
class Quantity:
    """An exact number and the unit that was written: a notation of the scheme `u:`, or none."""

    number: Fraction
    unit: str


def read_quantity(text: str) -> Quantity:
    """What a text says, exactly. Raises ProfileInvalid where it is no number or only a bound."""
    text = text.strip()
    found = _QUANTITY.fullmatch(text)
    if not found:
        if text.lower().startswith(_BOUNDS):
            raise ProfileInvalid(f"{text!r} is a bound; a value such as '5000万元' is needed")
        raise ProfileInvalid(
            f"{text!r} is no quantity; write for instance '5000万元', '50 million yuan', '92 %' or '12'"
        )
    scale = (found["scale"] or "").lower()
    unit = _UNITS[found["unit"].lower()] if found["unit"] else ""
    if not unit and scale in _MONEY:
        unit = "CNY"
    return Quantity(Fraction(found["number"].replace(",", "")) * _SCALES.get(scale, 1), unit)


def write_number(number: Fraction) -> str:
    """A number without trailing zeros, rounded to four places where it has more."""
    return f"{float(number):.4f}".rstrip("0").rstrip(".")
