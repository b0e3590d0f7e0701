"""The link `current` of a data folder, and the release it leads to, kept while somebody reads it.

The engine opens a file of a store when a query first needs it, so a release that is removed while a
query runs takes the query with it. Readers therefore share a lock on the folder of the release, and
who removes a folder asks for the lock first: flock(2), which the kernel frees where a process dies.
"""

import fcntl
import os
import weakref
from pathlib import Path


def read_link(link: str | Path) -> str:
    """What a link such as `current` names now; a microsecond. A folder that is no link names itself."""
    try:
        return os.readlink(link)  # noqa: PTH115  # a Path costs ten times as much
    except OSError:
        return os.path.realpath(link)


class HeldRelease:
    """The release that a link leads to, held from the beginning to `let_go`, or the end of the object."""

    def __init__(self, link: Path) -> None:
        """Raises FileNotFoundError where it leads to no folder."""
        self._link = os.fspath(link)
        while True:
            handle = os.open(link, os.O_RDONLY | os.O_DIRECTORY)
            self._close = weakref.finalize(self, os.close, handle)
            self._handle, self._status = handle, os.fstat(handle)
            self.folder = link.resolve()
            if self.hold():
                return
            self._close()  # replaced in between

    def hold(self) -> bool:
        """Holds it, again after `let_go`; whether the link still leads to it, in 3 µs."""
        try:
            fcntl.flock(self._handle, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:  # somebody removes it just now
            return False
        return self.is_current()

    def let_go(self) -> None:
        """Lets others remove it from now on."""
        fcntl.flock(self._handle, fcntl.LOCK_UN)

    def is_current(self) -> bool:
        """Whether the link still leads to this folder, rather than to another or one put in its place."""
        try:
            # The number of a folder is not given to another one while it is open.
            return os.path.samestat(os.stat(self._link), self._status)  # noqa: PTH116  # as above
        except FileNotFoundError:
            return False
