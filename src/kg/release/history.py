"""The releases on disk: which there are, which is in use, going back to one, removing the old.

<data>/current                  a symbolic link, only ever replaced by rename(2)
<data>/releases/<id>/           store/, fast/, search/ and others, never changed once it has this name, and manifest.json
<data>/releases/.building-…/    a build under way, or what a dead one left
<data>/.lock                    held by whoever changes any of these
"""

from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kg.errors import ReleaseUnknown
from kg.release.folders import locked, remove, switch
from kg.release.manifest import MANIFEST, Manifest
from kg.release.sources import hash_files
from kg.settings import Settings


@dataclass(frozen=True)
class ReleaseInfo:
    """One release on disk."""

    id: str
    folder: Path
    published: datetime
    """When it was last put in use by a build."""
    is_current: bool


def current(data: Path) -> Path:
    """Folder of the release in use; raises ReleaseUnknown where there is none."""
    folder = (data / "current").resolve()
    if not (folder / MANIFEST).is_file():
        raise ReleaseUnknown(f"no release in {str(data)!r}; 'kg build' makes one")
    return folder


def releases(data: Path) -> list[ReleaseInfo]:
    """The releases on disk, the one built last first; without what is removed meanwhile."""
    used = (data / "current").resolve()
    found = []
    for folder in (path.parent for path in (data / "releases").glob(f"[!.]*/{MANIFEST}")):
        with suppress(FileNotFoundError):
            published = datetime.fromtimestamp(folder.stat().st_mtime, UTC)
            found.append(ReleaseInfo(folder.name, folder, published, folder.resolve() == used))
    return sorted(found, key=lambda release: (release.published, release.id), reverse=True)


def rollback(data: Path, release_id: str | None = None) -> Path:
    """Puts an earlier release in use: the named one, or the one built before that in use.

    Raises ReleaseUnknown that lists the ids where there is no such release.
    """
    with locked(data, lambda message: None):
        known = releases(data)
        ids = [release.id for release in known]
        at = next((number for number, release in enumerate(known) if release.is_current), -1)
        wanted = release_id if release_id is not None else next(iter(ids[at + 1 :]), None)
        if wanted not in ids:
            said = "no earlier release" if release_id is None else f"no release {release_id!r}"
            raise ReleaseUnknown(f"{said}; known: {', '.join(ids) or 'none'}")
        switch(data, wanted)
        return current(data)


def is_current(settings: Settings) -> bool:
    """Whether the release in use was built from the files as they are; hashes them, parses none."""
    try:
        manifest = Manifest.read(current(settings.data))
    except ReleaseUnknown:
        return False
    return manifest.input_digest == hash_files(settings.root)[1]


def prune(settings: Settings) -> None:
    """Removes all but the last releases, never the one in use, the last that files made or one that is read."""
    known = releases(settings.data)
    old = [r for r in known[max(settings.keep_releases, 1) :] if not r.is_current]
    if old:
        built = (r for r in known if _is_of_files(Manifest.read(r.folder)))
        keep = next(built, None)
        for release in old:
            if release != keep:
                remove(release.folder)


def _is_of_files(manifest: Manifest) -> bool:
    """Whether files made a release: neither writes, nor nothing at all."""
    return bool(manifest.input_digest) and not manifest.provenance
