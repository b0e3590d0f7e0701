"""Which release a server starts with: the files', the writes', or an empty one."""

from collections.abc import Callable

from kg.errors import ReleaseUnknown
from kg.release.history import current, is_current
from kg.release.manifest import Manifest
from kg.release.publish import build
from kg.release.written import start_empty
from kg.settings import Settings


def prepare(settings: Settings, *, report: Callable[[str], None]) -> None:
    """Sees to it that there is a release to serve.

    Builds one where the files have changed, but never over writes: then it says so, and `kg build`
    is the way to leave them behind. With `KG_DEFAULT_GRAPH=plain` nothing is ever built: an empty
    data folder starts with an empty release. Raises BadFiles.
    """
    if settings.default_graph == "plain":
        start_empty(settings)
        return
    if is_current(settings):
        return
    try:
        manifest = Manifest.read(current(settings.data))
    except ReleaseUnknown:
        manifest = None
    if manifest and manifest.provenance:
        report(f"the files have changed since release {manifest.id}, which holds writes; it stays")
        report("'kg build' makes a release of the files alone")
        return
    build(settings, report=report)
