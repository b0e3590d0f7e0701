"""One picture as one HTML file, from what a person types."""

from pathlib import Path

from kg.errors import ParameterInvalid
from kg.namespaces import resolve
from kg.network.build import ReleasedStore, build_flow, build_lanes
from kg.network.draw import draw_file


def draw_view(
    store: ReleasedStore, *, chain: str | None, focus: str | None, lang: str, root: Path
) -> str:
    """The lane picture of a chain, or the flow picture of an enterprise, as a page of its own.

    Both may be an IRI, a prefixed name or a slug; `root` is the folder that holds queries/. Raises
    ParameterInvalid unless exactly one is given, and ThingUnknown.
    """
    if bool(chain) == bool(focus):
        raise ParameterInvalid(
            "give either a chain such as 'humanoid' or a focus such as 'e:inovance'"
        )
    if chain:
        picture = build_lanes(store, resolve(chain, slug_of="ch"), lang=lang, root=root)
    else:
        picture = build_flow(store, resolve(focus or "", slug_of="e"), lang=lang, root=root)
    return draw_file(picture)
