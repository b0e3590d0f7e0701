"""How to cite the data: BibTeX, and GB/T 7714-2015 for a data set on line (sections 4.6 and 8.5)."""

import re
from typing import Final

from kg.namespaces import BASE

AUTHORS: Final = {"en": "Industry ecosystem graph project", "zh": "产业生态知识图谱项目"}
TITLES: Final = {"en": "Industry ecosystem knowledge graph", "zh": "产业生态知识图谱"}


def write_bibtex(release: str, date: str, *, part: str = "", address: str = BASE) -> str:
    """A `@misc` entry; `part` names a graph, `date` is ISO."""
    title = TITLES["en"] + (f": {part}" if part else "")
    key = "industrykg" + re.sub(r"\W", "", f"{part}{date}".lower(), flags=re.ASCII)
    fields = {
        "author": f"{{{AUTHORS['en']}}}",
        "title": f"{{{_escape(title)}}}",
        "year": date[:4],
        "version": release,
        "howpublished": f"\\url{{{address}}}",
        "note": "Data set, CC BY 4.0",
    }
    lines = "".join(f"  {name} = {{{value}}},\n" for name, value in fields.items())
    return f"@misc{{{key},\n{lines}}}\n"


def write_gbt7714(
    release: str, date: str, *, part: str = "", address: str = BASE, cited: str = "引用日期"
) -> str:
    """The entry in one line; `cited` is the day on which the reader looked, for her to fill in."""
    title = TITLES["zh"] + (f"：{part}" if part else "")
    return f"{AUTHORS['zh']}. {title}[DS/OL]. 版本 {release}. ({date})[{cited}]. {address}."


def _escape(text: str) -> str:
    """Text that TeX reads as it stands."""
    special = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
    return "".join(special.get(c, f"\\{c}" if c in "&%$#_{}" else c) for c in text)
