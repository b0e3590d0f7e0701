"""Damage is found wherever it is, and what comes back from a backup is what went into it."""

import fcntl
import gc
import hashlib
import os
import random
import subprocess
import sys
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pyoxigraph as ox
import pytest
from click.testing import CliRunner

from kg import cli
from kg.engine.evaluators import Engines
from kg.errors import ReleaseDamaged, ReleaseUnknown
from kg.release import backup
from kg.release.backup import back_up, restore, verify
from kg.release.folders import locked
from kg.release.head import Head
from kg.release.history import current, releases
from kg.release.manifest import Manifest
from kg.release.publish import build
from kg.release.sums import SUMS, find_damage, seal
from kg.release.write_request import WriteRequest
from kg.release.written import start_empty
from kg.settings import Settings
from test_release import small_root

STORES = int(os.environ.get("KG_TEST_STORES", "10"))
"""Random stores that are backed up and restored; 50 is the long run."""


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Settings:
    """A release of the files, with a fast store."""
    folder = tmp_path_factory.mktemp("built")
    settings = small_root(folder)
    build(settings)
    return settings


def written(data: Path, *texts: str, keep: int = 5) -> Settings:
    """A release of these updates over an empty store."""
    settings = Settings(data=data, default_graph="plain", keep_releases=keep)
    start_empty(settings)
    write(settings, *texts)
    return settings


def write(settings: Settings, *texts: str) -> None:
    head = Head(settings)
    for text in texts:
        write_with(head, settings.data, text)
    head.close()
    gc.collect()  # the engine's lock goes with its last object


def write_with(head: Head, data: Path, text: str) -> None:
    with locked(data, print):
        head.write(WriteRequest("update", "http://x/", uuid.uuid4().hex, update=text))


def quads_of(data: Path) -> str:
    """SHA-256 of the sorted N-Quads, as the engine dumps them."""
    store = ox.Store.read_only(str(current(data) / "store"))
    lines = sorted(store.dump(format=ox.RdfFormat.N_QUADS).splitlines())
    return hashlib.sha256(b"\n".join(lines)).hexdigest()


@contextmanager
def flipped(path: Path, bit: int) -> Iterator[None]:
    """A file with one bit turned over while the block runs."""
    whole = path.read_bytes()
    damaged = bytearray(whole)
    damaged[bit // 8] ^= 1 << bit % 8
    path.write_bytes(damaged)
    try:
        yield
    finally:
        path.write_bytes(whole)


def test_a_release_that_was_served_is_whole(built: Settings, tmp_path: Path) -> None:
    fast = current(built.data) / "fast"
    Engines.open(fast.parent)  # the fast engine makes its logs, which stay empty
    logs = [path for path in fast.iterdir() if path.suffix == ".log"]
    assert logs and verify(built.data)
    back_up(built.data, tmp_path / "backup", print)
    logs[0].write_bytes(b"x")
    with pytest.raises(ReleaseDamaged, match="does not belong here"):
        verify(built.data)
    for log in logs:
        log.unlink()


def test_a_flipped_bit_in_any_file_of_a_release_is_found(built: Settings) -> None:
    dice = random.Random(20261125)
    release = current(built.data)
    assert verify(built.data).id == release.name
    files = [path for path in release.rglob("*") if path.is_file() and path.stat().st_size]
    assert {"store", "fast"} < {path.parent.name for path in files}
    chosen = files + dice.choices(files, [f.stat().st_size for f in files], k=100 - len(files))
    for path in chosen:
        bit = dice.randrange(8 * path.stat().st_size)
        with flipped(path, bit), pytest.raises(ReleaseDamaged, match="damaged"):
            verify(built.data)
    assert len(chosen) == 100 and verify(built.data)


def test_the_list_of_digests_guards_itself_bit_by_bit(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"one")
    (tmp_path / "b").mkdir()
    (tmp_path / "b" / "c").write_bytes(b"two")
    seal(tmp_path)
    assert find_damage(tmp_path) == []
    for path in (tmp_path / SUMS, tmp_path / "a", tmp_path / "b" / "c"):
        for bit in range(8 * path.stat().st_size):
            with flipped(path, bit):
                assert find_damage(tmp_path)
    (tmp_path / "d").touch()
    assert find_damage(tmp_path) == ["d: does not belong here"]
    (tmp_path / "d").unlink()
    (tmp_path / "a").unlink()
    assert find_damage(tmp_path) == ["a: not there"]


def test_the_list_of_digests_is_that_of_coreutils(built: Settings, tmp_path: Path) -> None:
    data = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }", "DROP ALL").data
    for release in (current(built.data), current(data)):
        command = ["sha256sum", "--check", "--strict", "--quiet", SUMS]
        assert subprocess.run(command, cwd=release, check=False).returncode == 0
        listed = (release / SUMS).read_text().count("\n")
        assert listed == sum(path.is_file() for path in release.rglob("*")) - 1


def test_a_store_that_is_whole_but_not_the_one_described_is_found(tmp_path: Path) -> None:
    data = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }").data
    release = current(data)
    store = ox.Store(str(release / "store"))
    store.update("DELETE DATA { <x:a> <x:b> 1 } ; INSERT DATA { <x:a> <x:b> 2 }")
    store.flush()
    del store
    seal(release)
    with pytest.raises(ReleaseDamaged, match="the digest of its quads"):
        verify(data)


def test_a_build_of_the_same_files_replaces_a_damaged_release(
    built: Settings, tmp_path: Path
) -> None:
    with pytest.raises(ReleaseDamaged, match="nothing tells"):
        (current(built.data) / SUMS).rename(tmp_path / "away")
        verify(built.data)
    build(built)
    assert verify(built.data).quad_sum


def random_update(dice: random.Random) -> str:
    """Quads of every kind of term in up to four graphs."""
    values = ['"深圳"@zh-Hans', '"a\\n\\"b\\""', "1.50", "true", "<http://x/ü>", "_:b1", "_:b2"]
    lines = []
    for _ in range(dice.randrange(1, 60)):
        triple = f"<x:s{dice.randrange(9)}> <x:p> {dice.choice(values)} ."
        graph = dice.randrange(4)
        lines.append(f"GRAPH <x:g{graph}> {{ {triple} }}" if graph else triple)
    return f"INSERT DATA {{ {' '.join(lines)} }}"


def test_what_is_restored_is_what_was_backed_up(built: Settings, tmp_path: Path) -> None:
    dice = random.Random(21)
    head = Head(written(data := tmp_path / "data"))
    backup, other, seen = tmp_path / "backup", tmp_path / "other", set()
    for number in range(STORES):
        if number % 3 == 2:
            write_with(head, data, "DELETE WHERE { GRAPH <x:g1> { ?s ?p ?o } } ; DROP GRAPH <x:g2>")
        write_with(head, data, random_update(dice))
        back_up(data, backup, print)
        manifest = restore(backup, other, print)
        assert quads_of(data) == quads_of(backup) == quads_of(other)
        assert manifest == Manifest.read(current(data))
        seen.add(quads_of(other))
    assert len(seen) > STORES / 2
    assert len(releases(other)) == STORES  # what was there can be rolled back to
    back_up(built.data, backup, print)
    restore(backup, other, print)
    assert quads_of(built.data) == quads_of(other)


def test_a_restored_release_takes_writes_and_a_second_backup_joins_the_first(
    tmp_path: Path,
) -> None:
    data = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }").data
    back_up(data, tmp_path / "backup", print)
    restore(tmp_path / "backup", tmp_path / "other", print)
    written(tmp_path / "other", "INSERT DATA { <x:a> <x:b> 2 }")
    assert quads_of(tmp_path / "other") != quads_of(tmp_path / "backup") == quads_of(data)
    assert verify(tmp_path / "other").counts["triples"] == 2
    back_up(tmp_path / "other", tmp_path / "backup", print)
    assert len(releases(tmp_path / "backup")) == 2
    shared = [path for path in (tmp_path / "backup").rglob("*.sst") if path.stat().st_nlink > 1]
    assert not shared  # damage to one copy is not damage to the other


def test_a_damaged_release_is_neither_backed_up_nor_restored(tmp_path: Path) -> None:
    data = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }").data
    back_up(data, tmp_path / "backup", print)
    before = quads_of(data)
    for folder in (data, tmp_path / "backup"):
        write(Settings(data=folder, default_graph="plain"), "INSERT DATA { <x:a> <x:b> 2 }")
        with flipped(next((current(folder) / "store").glob("*.sst")), 100):
            with pytest.raises(ReleaseDamaged):
                back_up(folder, tmp_path / "new", print)
            with pytest.raises(ReleaseDamaged):
                restore(folder, tmp_path / "new", print)
            assert not (tmp_path / "new" / "current").exists()
    restore(tmp_path / "backup", tmp_path / "third", print)
    assert quads_of(tmp_path / "third") != before
    path = next((current(tmp_path / "third") / "store").glob("*.sst"))
    path.write_bytes(b"gone")
    restore(
        tmp_path / "backup", tmp_path / "third", print
    )  # of the same id: the good one replaces it
    assert verify(tmp_path / "third")


def test_a_killed_backup_leaves_the_earlier_one_in_use_and_whole(
    built: Settings, tmp_path: Path
) -> None:
    dice = random.Random(7)
    earlier = written(tmp_path / "earlier", "INSERT DATA { <x:a> <x:b> 1 }").data
    target, seen = tmp_path / "backup", set()
    back_up(earlier, target, print)
    first = current(target).name
    code = "import sys; from pathlib import Path; from kg.release.backup import back_up; print(flush=True); back_up(Path(sys.argv[1]), Path(sys.argv[2]), lambda said: None)"
    for _ in range(8):
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(built.data), str(target)], stdout=subprocess.PIPE
        )
        assert process.stdout
        process.stdout.readline()
        time.sleep(dice.uniform(0, 0.1))
        process.kill()
        process.communicate()
        seen.add(verify(target).id)
    assert seen <= {first, current(built.data).name}  # one or the other, and whole
    assert verify(back_up(built.data, target, print) and target).id == current(built.data).name
    write(Settings(data=earlier, default_graph="plain"), "INSERT DATA { <x:a> <x:b> 2 }")
    back_up(earlier, target, print)  # the next copy removes what the dead ones left
    assert not list((target / "releases").glob(".*"))


def test_a_release_that_a_backup_reads_is_not_removed_and_writes_go_on(tmp_path: Path) -> None:
    settings = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }", keep=1)
    held = current(settings.data)
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_SH)
    write(settings, "INSERT DATA { <x:a> <x:b> 2 }")
    assert held.is_dir() and held != current(settings.data)
    os.close(handle)
    write(settings, "INSERT DATA { <x:a> <x:b> 3 }")
    assert not held.is_dir()


def test_a_release_that_is_verified_is_not_removed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }", keep=1)
    held = current(settings.data)

    def find_damage(release: Path) -> list[str]:
        write(settings, "INSERT DATA { <x:a> <x:b> 2 }")
        return []

    monkeypatch.setattr(backup, "find_damage", find_damage)
    assert verify(settings.data).id == held.name != current(settings.data).name
    write(settings, "INSERT DATA { <x:a> <x:b> 3 }")
    assert not held.is_dir()


def test_the_commands_say_what_they_did_and_end_with_1_for_damage(tmp_path: Path) -> None:
    settings = written(tmp_path / "data", "INSERT DATA { <x:a> <x:b> 1 }")
    release = current(settings.data).name

    def run(*words: str, code: int = 0) -> str:
        result = CliRunner().invoke(cli.main, list(words), env=settings.to_environment())
        assert result.exit_code == code, result.output
        return result.output

    assert run("verify") == f"whole: {release}\n"
    target = str(tmp_path / "backup")
    assert f"backup of {release} in {target}" in run("backup", target)
    assert run("restore", target, "--check") == f"whole {release}\n"
    assert run("restore", target).endswith(f"release {release}\n")
    assert "no release 'nope'" in run("verify", "nope", code=1)
    assert "is the data folder itself" in run("backup", str(settings.data), code=1)
    with flipped(tmp_path / "backup" / "current" / "manifest.json", 9):
        assert "manifest.json: not the bytes" in run("restore", target, "--check", code=1)
        assert "manifest.json: not the bytes" in run("restore", target, code=1)
    with pytest.raises(ReleaseUnknown):
        verify(tmp_path / "nothing")
