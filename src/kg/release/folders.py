"""The folders of releases: who may change them, where one is made, and the switch to it."""

import ctypes
import fcntl
import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final

from kg.release.sums import sync

BUILDING: Final = ".building-"
_AT_FDCWD: Final = -100
_RENAME_EXCHANGE: Final = 2


@contextmanager
def locked(data: Path, report: Callable[[str], None]) -> Iterator[None]:
    """Waits until no other process builds or rolls back; the kernel frees the lock of a dead one."""
    (data / "releases").mkdir(parents=True, exist_ok=True)
    with (data / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            report("wait for another build")
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@contextmanager
def building_folder(data: Path) -> Iterator[Path]:
    """A folder beside the releases to make one in, then to be renamed; gone where it was not.

    Removes what dead builds left, which is safe because the caller holds the lock.
    """
    folder = data / "releases"
    for stale in folder.glob(f"{BUILDING}*"):
        remove(stale)
    building = Path(tempfile.mkdtemp(prefix=BUILDING, dir=folder))
    building.chmod(0o755)  # mkdtemp makes it private
    try:
        yield building
    finally:
        with suppress(OSError):
            remove(building)


def remove(folder: Path) -> None:
    """Removes a release or what a build left, unless somebody reads it; then the next build does."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Renamed first: what a killed removal leaves must not look like a release.
        leaving = Path(tempfile.mkdtemp(prefix=f"{BUILDING}leaving-", dir=folder.parent))
        folder.rename(leaving)
        shutil.rmtree(leaving)
    except BlockingIOError:
        pass
    finally:
        os.close(handle)


def replace_release(building: Path, target: Path) -> None:
    """Gives a finished folder its name; a release of that name goes, where it can in one atomic step."""
    if target.exists() and not _exchange(building, target):
        target.rename(tempfile.mkdtemp(prefix=f"{BUILDING}leaving-", dir=target.parent))
    if not target.exists():
        building.rename(target)


def _exchange(one: Path, other: Path) -> bool:
    """Whether two folders have exchanged their names; not every file system can.

    https://man7.org/linux/man-pages/man2/rename.2.html
    """
    names = os.fsencode(one), os.fsencode(other)
    rename = getattr(ctypes.CDLL(None), "renameat2", lambda *arguments: -1)
    return rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE) == 0


def switch(data: Path, release_id: str) -> None:
    """Points `current` at a release in one atomic step, which outlives a loss of power."""
    sync(data / "releases")
    beside = data / ".current"
    beside.unlink(missing_ok=True)
    beside.symlink_to(Path("releases") / release_id)
    beside.replace(data / "current")
    sync(data)
