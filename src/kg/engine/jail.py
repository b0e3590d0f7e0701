"""What a process gives up before it touches foreign text: the network and other programs.

A seccomp filter (https://docs.kernel.org/userspace-api/seccomp_filter.html), which needs no
privilege and cannot be taken back. An earlier jail left no free file descriptor; but the engine
opens the files of a store when it first reads them, all but the first 16, and where it could not
it asked for memory without end.
"""

import ctypes
import errno
import platform
from typing import Final

from kg.errors import WorkerFailed

_X32: Final = 0x40000000
"""Numbers from here on are the x32 variants of the calls."""
_REFUSED: Final = {
    # audit architecture; socket, connect, execve, execveat, io_uring_setup
    "x86_64": (0xC000003E, (41, 42, 59, 322, 425)),
    "aarch64": (0xC00000B7, (198, 203, 221, 281, 425)),
}
_PR_SET_NO_NEW_PRIVS, _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER = 38, 22, 2
_LOAD, _EQUAL, _AT_LEAST, _RETURN = 0x20, 0x15, 0x35, 0x06
_NUMBER_AT, _ARCHITECTURE_AT = 0, 4
_ALLOW, _ERRNO, _KILL = 0x7FFF0000, 0x00050000, 0x80000000


class _Step(ctypes.Structure):
    """One instruction of the filter, `struct sock_filter`."""

    _fields_ = (
        ("code", ctypes.c_ushort),
        ("if_true", ctypes.c_ubyte),
        ("if_false", ctypes.c_ubyte),
        ("value", ctypes.c_uint32),
    )


class _Program(ctypes.Structure):
    """The filter, `struct sock_fprog`."""

    _fields_ = (("length", ctypes.c_ushort), ("steps", ctypes.POINTER(_Step)))


def close_network() -> None:
    """From here on this process opens no socket and starts no program: the calls fail with EACCES.

    Holds for the calling thread and those it starts, so it comes before the first store is opened.
    Raises WorkerFailed where this machine has no such filter: foreign text is then not evaluated.
    """
    if platform.machine() not in _REFUSED:
        raise WorkerFailed(f"no way to close the network is known on {platform.machine()!r}")
    architecture, numbers = _REFUSED[platform.machine()]
    steps = [
        _Step(_LOAD, 0, 0, _ARCHITECTURE_AT),
        _Step(_EQUAL, 1, 0, architecture),
        _Step(_RETURN, 0, 0, _KILL),
        _Step(_LOAD, 0, 0, _NUMBER_AT),
        _Step(_AT_LEAST, len(numbers) + 1, 0, _X32),
        *(_Step(_EQUAL, len(numbers) - at, 0, number) for at, number in enumerate(numbers)),
        _Step(_RETURN, 0, 0, _ALLOW),
        _Step(_RETURN, 0, 0, _ERRNO | errno.EACCES),
    ]
    program = _Program(len(steps), (_Step * len(steps))(*steps))
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) or libc.prctl(
        _PR_SET_SECCOMP, _SECCOMP_MODE_FILTER, ctypes.byref(program), 0, 0
    ):
        raise WorkerFailed(f"the network cannot be closed: error {ctypes.get_errno()}")
