"""The folders of releases: who may change them, where one is made, and the switch to it."""

import fcntl
import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from kg.release.sums import sync

BUILDING: Final = ".building-"


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
        shutil.rmtree(stale)
    building = Path(tempfile.mkdtemp(prefix=BUILDING, dir=folder))
    building.chmod(0o755)  # mkdtemp makes it private
    try:
        yield building
    finally:
        shutil.rmtree(building, ignore_errors=True)


def replace_release(building: Path, target: Path) -> None:
    """Gives a finished folder its name; a damaged release of that name goes."""
    leaving = target.with_name(f"{BUILDING}leaving-{target.name}")
    if target.exists():
        target.rename(leaving)
    building.rename(target)
    shutil.rmtree(leaving, ignore_errors=True)


def switch(data: Path, release_id: str) -> None:
    """Points `current` at a release in one atomic step, which outlives a loss of power."""
    sync(data / "releases")
    beside = data / ".current"
    beside.unlink(missing_ok=True)
    beside.symlink_to(Path("releases") / release_id)
    beside.replace(data / "current")
    sync(data)
