"""The words of the interface in its languages: one TOML file an area, one line a text.

`key = ["zh-Hans", "zh-Hant", "en"]`, with `{name}` for what is filled in. Labels of things are data
and stand in the graph; here is only what the program itself says.
"""

import tomllib
from functools import cache
from importlib.resources import files
from typing import Final

LANGUAGES: Final = {"zh-Hans": "简体中文", "zh-Hant": "繁體中文", "en": "English"}
"""Tag and name of each language, in the order of the columns."""

FALLBACKS: Final = {
    "zh-Hans": ("zh-hans", "zh-cn", "zh-hant", "zh", "en"),
    "zh-Hant": ("zh-hant", "zh-tw", "zh-hans", "zh", "en"),
    "en": ("en", "zh-hans", "zh-hant", "zh"),
}
"""Language tags by preference, lower-case as the engine stores them; any other tag comes after."""

_THIN_SPACE: Final = "\u202f"


@cache
def read_area(area: str) -> dict[str, dict[str, str]]:
    """The texts of `<area>.toml` by language and key. Raises FileNotFoundError for another name."""
    rows = tomllib.loads((files(__name__) / f"{area}.toml").read_text(encoding="utf-8"))
    return {
        tag: {key: texts[column] for key, texts in rows.items()}
        for column, tag in enumerate(LANGUAGES)
    }


def areas() -> list[str]:
    """The names of all areas."""
    found = [path.name for path in files(__name__).iterdir()]
    return sorted(name.removesuffix(".toml") for name in found if name.endswith(".toml"))


def words(lang: str, key: str, **values: object) -> str:
    """The text `area.name` in a language with its places filled. Raises KeyError for another key."""
    area, _, name = key.partition(".")
    return read_area(area)[lang][name].format(**values)


def type_name(lang: str, name: str) -> str:
    """What a class of another vocabulary is called, by its prefixed name; else that name itself."""
    return read_area("types")[lang].get(name, name)


def column_head(lang: str, variable: str) -> str:
    """What the head of a column of a saved query says, by `columns.toml`; else the variable itself."""
    texts = read_area("columns")[lang]
    if variable in texts:
        return texts[variable]
    stem = variable.removesuffix("Name")
    known = stem != variable and stem in texts
    return texts["name_of"].format(name=texts[stem]) if known else variable


def write_number(number: float, lang: str) -> str:
    """A number with its digits in groups of three: `1,846` in English, `1 846` in Chinese."""
    text = f"{number:,}"
    return text if lang == "en" else text.replace(",", _THIN_SPACE)
