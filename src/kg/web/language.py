"""The language of a request: `lang=`, then the cookie, then Accept-Language."""

from flask import g, request

LANGUAGES = {"en": "English", "zh-Hans": "简体中文", "zh-Hant": "繁體中文"}
"""Tags of the labels that every thing has, with the name a reader of it expects."""

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
