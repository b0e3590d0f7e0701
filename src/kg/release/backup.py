"""Whether a release is whole, and copies of it: a backup is a data folder like the one in use.

So `KG_DATA=<backup> kg serve` serves it, `kg releases` lists it, and to restore is to back up in the
other direction. A copy gets its name and is put in use only when every byte of it was read back.
"""

import shutil
from collections.abc import Callable
from pathlib import Path

import pyoxigraph as ox

from kg.current import HeldRelease
from kg.engine.evaluators import STORE
from kg.errors import ReleaseDamaged, ReleaseUnknown
from kg.release.changes import count_and_sum
from kg.release.folders import building_folder, locked, replace_release, switch
from kg.release.history import current, releases
from kg.release.manifest import Manifest
from kg.release.sums import find_damage, sync

Report = Callable[[str], None]


def verify(data: Path, release_id: str | None = None) -> Manifest:
    """Reads a release from end to end, that in use without an id: every byte, then every quad.

    About 0.5 s a GB and 6 µs a quad. Raises ReleaseUnknown, and ReleaseDamaged that lists what is
    wrong: a flipped byte in any file, a file too few or too many, a digest or count that differs.
    """
    held = HeldRelease(_find_release(data, release_id) if release_id else _link(data))
    return _verify(held.folder, held.folder.name)


def back_up(data: Path, target: Path, report: Report) -> Manifest:
    """Copies the release in use into another data folder and puts it in use there.

    The copy shares no file with the original. What was in the target stays, as an earlier release,
    and in use until the copy is whole. Raises ReleaseUnknown, and ReleaseDamaged where the original
    or the copy is not what was written.
    """
    if target.resolve() == data.resolve():
        raise ReleaseUnknown(f"{str(target)!r} is the data folder itself")
    if not target.is_dir():
        target.mkdir(parents=True)
    held = HeldRelease(_link(data))  # nobody removes it; writes go on
    release = held.folder
    with locked(target, report):
        copy = target / "releases" / release.name
        if not copy.is_dir() or find_damage(copy) or find_damage(release):
            report(f"copy release {release.name}")
            with building_folder(target) as building:
                shutil.copytree(release, building, dirs_exist_ok=True)
                _verify(building, release.name)
                _sync_all(building)
                replace_release(building, copy)
        switch(target, release.name)
        return Manifest.read(copy)


def restore(source: Path, data: Path, report: Report, *, check_only: bool = False) -> Manifest:
    """Puts the release that is in use in a backup in use here; with `check_only` only reads it.

    Raises as `back_up` and `verify` do; the release in use is then untouched.
    """
    return verify(source) if check_only else back_up(source, data, report)


def _find_release(data: Path, release_id: str) -> Path:
    """Folder of a release. Raises ReleaseUnknown that lists the ids where there is none of this id."""
    known = {release.id: release.folder for release in releases(data)}
    if release_id not in known:
        raise ReleaseUnknown(f"no release {release_id!r}; known: {', '.join(known) or 'none'}")
    return known[release_id]


def _link(data: Path) -> Path:
    """What names the release in use. Raises ReleaseUnknown where there is none."""
    current(data)
    return data / "current"


def _verify(release: Path, name: str) -> Manifest:
    problems = find_damage(release)
    if not problems:
        manifest = Manifest.read(release)
        try:
            count, quad_sum = count_and_sum(ox.Store.read_only(str(release / STORE)))
        except OSError as error:
            problems = [f"{STORE}: cannot be read: {error}"]
        else:
            known = manifest.counts["quads"] + manifest.counts["triples"]
            if count != known:
                problems.append(f"{STORE}: holds {count:,} quads; the manifest says {known:,}")
            if manifest.quad_sum and manifest.quad_sum != f"{quad_sum:064x}":
                problems.append(f"{STORE}: the digest of its quads is not that of the manifest")
    if problems:
        raise ReleaseDamaged(f"release {name!r} is damaged:\n" + "\n".join(problems))
    return manifest


def _sync_all(folder: Path) -> None:
    for path in (*folder.rglob("*"), folder):
        sync(path)
