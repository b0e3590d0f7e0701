"""What a visitor reads best: language and theme, by `lang=`, then the cookie, then Accept-Language."""

from flask import g, request

from kg.words import LANGUAGES

__all__ = ["LANGUAGES", "language", "theme"]

_ALIASES = {
    "zh": "zh-Hans",
    "zh-cn": "zh-Hans",
    "zh-sg": "zh-Hans",
    "zh-tw": "zh-Hant",
    "zh-hk": "zh-Hant",
}


def language() -> str:
    """One of LANGUAGES; Simplified Chinese where the request asks for none of them.

    The response then says by `Vary` that it depends on it.
    """
    g.by_language = True
    asked = [request.args.get("lang"), request.cookies.get("lang")]
    asked += [tag for tag, _ in request.accept_languages]
    known = {tag.lower(): tag for tag in LANGUAGES}
    for tag in (tag.lower() for tag in asked if tag):
        found = known.get(tag) or _ALIASES.get(tag) or known.get(tag.partition("-")[0])
        if found:
            return found
    return "zh-Hans"


def theme() -> str:
    """`light`, `dark`, or `auto`, which leaves it to the system; from the cookie alone."""
    g.by_language = True
    chosen = request.cookies.get("theme")
    return chosen if chosen in ("light", "dark") else "auto"
