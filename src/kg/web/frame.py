"""What stands around the content of every page: language, theme, navigation, addresses of files.

The choice of a language or a theme is remembered in a cookie, set by `/preferences`.
"""

import hashlib
import re
from functools import cache
from pathlib import Path
from typing import Final
from urllib.parse import quote, urlencode, urlsplit

from flask import Blueprint, Flask, Response, current_app, redirect, request

from kg.errors import BadRequest
from kg.network.details import local_path
from kg.web.language import LANGUAGES, language, theme
from kg.web.services import services
from kg.words import column_head, words, write_number

blueprint = Blueprint("frame", __name__)

NAVIGATION: Final = {
    "/chains": "site.chains",
    "/enterprises": "site.enterprises",
    "/cities": "site.cities",
    "/conflicts": "conflicts.title",
    "/analyses": "analysis.title",
    "/network": "site.network",
    "/queries": "site.queries",
    "/sparql": "site.sparql",
    "/ont.html": "site.ontology",
    "/export": "site.export",
}
"""Address and words of the entries of the header, in order."""

THEMES: Final = ("auto", "light", "dark")
_CONTROL: Final = re.compile(r"[\x00-\x1f\x7f]")
"""What no header can hold."""
_YEAR_SECONDS: Final = 365 * 24 * 3600


def init_app(app: Flask) -> None:
    """Registers what templates may use and the addresses of static files, which name their content."""
    app.register_blueprint(blueprint)
    app.context_processor(_common)
    app.jinja_env.globals |= {  # not of the context, which macros of other templates do not see
        "address": write_address,
        "column_head": lambda variable: column_head(language(), variable),
        "local_path": local_path,
        "navigation": NAVIGATION,
        "number": lambda value: write_number(value, language()),
        "preference": _preference,
        "words": lambda key, **values: words(language(), key, **values),
    }
    app.url_defaults(_add_digest)
    app.after_request(_keep_named_files)


def _common() -> dict[str, object]:
    return {
        "language": language(),
        "languages": LANGUAGES,
        "theme": theme(),
        "themes": THEMES,
        "release": services().store().release,
    }


def write_address(path: str = "", **changed: str) -> str:
    """This page's address, or another path, with some parameters replaced; an empty one is left out."""
    path = path or "/" + quote(request.path.lstrip("/"))
    parameters = {**request.args.to_dict(flat=False), **changed}
    kept = {name: value for name, value in parameters.items() if value}
    return f"{path}?{urlencode(kept, doseq=True)}" if kept else path


def _preference(**choice: str) -> str:
    """The address that remembers a choice and comes back to this page."""
    return f"/preferences?{urlencode({**choice, 'next': write_address(lang='')})}"


@blueprint.route("/preferences")
def preferences() -> Response:
    """Remembers `lang` and `theme` in cookies and goes on to `next`, an address of this site."""
    target = request.args.get("next", "/")
    parts = urlsplit(target)
    # A browser reads `\` as `/`, and `//host` as another site.
    away = parts.scheme or parts.netloc or target[1:2] in ("/", "\\")
    if away or not target.startswith("/") or _CONTROL.search(target):
        raise BadRequest(f"next={target!r} is not an address of this site, such as '/chains'")
    response = redirect(target, 303)
    assert isinstance(response, Response)
    for name, known in (("lang", tuple(LANGUAGES)), ("theme", THEMES)):
        value = request.args.get(name)
        if value is not None and value not in known:
            raise BadRequest(f"{name}={value!r} is not one of {', '.join(known)}")
        if value is not None:
            response.set_cookie(
                name,
                value,
                max_age=_YEAR_SECONDS,
                secure=request.is_secure,
                httponly=True,
                samesite="Lax",
            )
    response.headers["Cache-Control"] = "no-store"
    return response


def _add_digest(endpoint: str, values: dict[str, object]) -> None:
    """Names the content of a static file in its address."""
    if endpoint == "static" and "v" not in values:
        path = Path(str(current_app.static_folder), str(values["filename"]))
        values["v"] = _digest(path)


@cache
def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()[:12]


def _keep_named_files(response: Response) -> Response:
    """A file whose address names its content may be kept for ever."""
    found = response.status_code == 200 and request.method in ("GET", "HEAD")
    if found and request.endpoint == "static" and "v" in request.args:
        path = Path(str(current_app.static_folder), str((request.view_args or {})["filename"]))
        if request.args.get("v") == _digest(path):
            response.headers["Cache-Control"] = "public, max-age=31536000, immutable"
    return response
