"""`SHA256SUMS`: the digest of every file of a release, in the form that `sha256sum --check` reads.

The engine's own checksums are looked at only where a block is read, and do not cover every byte.
"""

import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from kg.engine.evaluators import FAST
from kg.release.bulk import hash_file

SUMS: Final = "SHA256SUMS"


def seal(release: Path, parent: Path | None = None) -> None:
    """Writes the digests of a finished release, and sees to it that its files are on the disk.

    What the release shares with its `parent`, as hard links, is neither read nor written again, so
    the cost is that of the files that differ: 1 s a GB and processor.
    """
    known = _read(parent) if parent else {}

    def digest_of(name: str) -> str:
        path = release / name
        if parent and name in known and _is_link(path, parent / name):
            return known[name]
        digest = hash_file(path)
        sync(path)
        return digest

    names = _names(release)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        sums = dict(zip(names, pool.map(digest_of, names), strict=True))
    text = "".join(f"{digest}  {name}\n" for name, digest in sums.items())
    beside = release / f".{SUMS}"
    beside.write_text(text, encoding="utf-8")
    sync(beside)
    beside.replace(release / SUMS)
    for folder in {(release / name).parent for name in sums} | {release}:
        sync(folder)


def find_damage(release: Path) -> list[str]:
    """What is wrong with the files of a release, one sentence each; reads every byte."""
    known = _read(release)
    if not known:
        return [f"{SUMS}: not there, or cannot be read; nothing tells whether the files are whole"]
    there = set(_names(release))
    problems = [f"{name}: not there" for name in known.keys() - there]
    problems += [
        f"{name}: does not belong here"
        for name in there - known.keys()
        if not _is_empty_log(release, name)
    ]
    for name in sorted(there & known.keys()):
        try:
            if hash_file(release / name) != known[name]:
                problems.append(f"{name}: not the bytes that were written")
        except OSError as error:
            problems.append(f"{name}: cannot be read: {error.strerror}")
    return sorted(problems)


def _is_empty_log(release: Path, name: str) -> bool:
    """Whether a file is one of those that the fast engine makes when it opens its store for reading."""
    return (
        name.startswith(f"{FAST}/")
        and name.endswith(".log")
        and not (release / name).stat().st_size
    )


def sync(path: Path) -> None:
    """Waits until a file, or the entries of a folder, are on the disk."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _names(release: Path) -> list[str]:
    """Paths of the files of a release below its folder, in order, but for the list itself."""
    paths = (path for path in release.rglob("*") if path.is_file())
    names = (path.relative_to(release).as_posix() for path in paths)
    return sorted(name for name in names if name not in (SUMS, f".{SUMS}"))


def _read(release: Path) -> dict[str, str]:
    """Digests by name; empty where the list is not there or is damaged."""
    try:
        # No reading of lines: that takes a flipped line feed for one of the other line ends.
        lines = (release / SUMS).read_bytes().decode().removesuffix("\n").split("\n")
        return {name: digest for digest, name in (line.split("  ", 1) for line in lines)}
    except (OSError, ValueError):
        return {}


def _is_link(path: Path, other: Path) -> bool:
    try:
        return path.samefile(other)
    except OSError:
        return False
