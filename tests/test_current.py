"""The release in use: who reads it keeps it, who asks again gets the one in use by then."""

import fcntl
import gc
import os
import shutil
import threading
import time
import weakref
from dataclasses import replace
from pathlib import Path

import pytest

from kg.current import HeldRelease
from kg.release import folders
from kg.release.folders import building_folder, remove, replace_release, switch
from kg.release.history import current, releases
from kg.settings import Settings
from kg.web import create_app
from kg.web.lists.listing import LISTS
from serving import serving

PARTS = 120
"""So many cubed are 2 million rows, some seconds of work before the second part of the query begins."""
LONG = """SELECT (COUNT(*) AS ?n) {
{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i FILTER(REGEX(CONCAT(STR(?a), STR(?f), STR(?i)), 'zz')) }
UNION { GRAPH ?g { ?s ?p <x:o> } } }"""


def make(data: Path, name: str, text: str = "") -> Path:
    folder = data / "releases" / name
    folder.mkdir(parents=True)
    (folder / "text").write_text(text or name)
    return folder


def test_a_query_that_runs_keeps_its_release(tmp_path: Path) -> None:
    """The engine opens files when it first needs them; here after three writes that keep no release."""
    with serving(tmp_path / "data", keep_releases=1, query_timeout_seconds=60.0) as served:
        triples = " ".join(f"<x:s{number}> <x:p> <x:o{number}> ." for number in range(PARTS))
        assert served.update(f"INSERT DATA {{ {triples} }}").status == 204
        for number in range(6):  # each leaves files of its own; 16 of a release are opened at once
            text = f"INSERT DATA {{ GRAPH <x:g{number}> {{ <x:a> <x:q> <x:o>, {number} }} }}"
            assert served.update(text).status == 204
        release = current(served.data)
        assert len(list((release / "store").glob("*.sst"))) > 16
        answers = []
        asking = threading.Thread(target=lambda: answers.append(served.ask(LONG)))
        asking.start()
        time.sleep(0.5)
        for number in range(3):
            assert served.update(f"INSERT DATA {{ <x:z> <x:z> {number} }}").status == 204
        assert asking.is_alive() and release.is_dir()
        asking.join()
        assert [answer.body for answer in answers] == [b"?n\n6\n"]
        assert served.send("GET", "/").status == 200  # the pages leave the release of the start
        assert served.update("INSERT DATA { <x:z> <x:z> 3 }").status == 204
        assert release not in {found.folder for found in releases(served.data)}


def test_what_is_held_stays_until_it_is_let_go(tmp_path: Path) -> None:
    folder = make(tmp_path, "a")
    switch(tmp_path, "a")
    held = HeldRelease(tmp_path / "current")
    remove(folder)
    assert folder.is_dir() and held.is_current()
    held.let_go()
    assert held.hold()
    remove(folder)
    assert folder.is_dir()
    held.let_go()
    handle = os.open(folder, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)  # as who removes it does, for as long as that takes
    assert not held.hold()
    os.close(handle)
    assert held.hold()
    del held
    remove(folder)
    assert not list((tmp_path / "releases").iterdir())


def test_another_release_and_another_folder_of_the_same_name_are_noticed(tmp_path: Path) -> None:
    make(tmp_path, "a")
    switch(tmp_path, "a")
    held = HeldRelease(tmp_path / "current")
    make(tmp_path, "b")
    assert held.hold()
    switch(tmp_path, "b")
    assert not held.hold()
    switch(tmp_path, "a")
    assert held.hold()
    with building_folder(tmp_path) as building:
        (building / "text").write_text("a, once more")
        replace_release(building, tmp_path / "releases" / "a")
    assert not held.hold() and HeldRelease(tmp_path / "current").is_current()
    shutil.rmtree(tmp_path / "releases")
    assert not held.hold()
    with pytest.raises(FileNotFoundError):
        HeldRelease(tmp_path / "current")


def test_a_release_is_replaced_in_one_step(tmp_path: Path) -> None:
    target, missed, done = make(tmp_path, "a"), [], threading.Event()

    def look() -> None:
        while not done.is_set():
            try:
                (target / "text").read_text()
            except FileNotFoundError:
                missed.append(time.time())

    looking = threading.Thread(target=look)
    looking.start()
    for number in range(200):
        with building_folder(tmp_path) as building:
            (building / "text").write_text(str(number))
            replace_release(building, target)
    done.set()
    looking.join()
    assert not missed and (target / "text").read_text() == "199"
    assert [folder.name for folder in (tmp_path / "releases").iterdir()] == ["a"]


def test_where_names_cannot_be_exchanged_a_release_is_replaced_in_two_steps(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(folders, "_exchange", lambda one, other: False)
    target = make(tmp_path, "a")
    with building_folder(tmp_path) as building:
        (building / "text").write_text("new")
        replace_release(building, target)
    assert (target / "text").read_text() == "new"
    with building_folder(tmp_path):
        pass
    assert [folder.name for folder in (tmp_path / "releases").iterdir()] == ["a"]


def test_readers_that_begin_while_releases_go_always_find_one(tmp_path: Path) -> None:
    """Each release is removed as soon as the next is in use."""
    make(tmp_path, "0")
    switch(tmp_path, "0")
    done, seen = threading.Event(), set()

    def read() -> None:
        while not done.is_set():
            held = HeldRelease(tmp_path / "current")
            for _ in range(3):
                seen.add((held.folder / "text").read_text())

    readers = [threading.Thread(target=read) for _ in range(3)]
    for reader in readers:
        reader.start()
    for number in range(1, 200):
        make(tmp_path, str(number))
        switch(tmp_path, str(number))
        remove(tmp_path / "releases" / str(number - 1))
    done.set()
    for reader in readers:
        reader.join()
    assert len(seen) > 20


def test_pages_of_a_release_that_is_over_leave_nothing_of_it_open(
    settings: Settings, tmp_path: Path
) -> None:
    """What pages have worked out of it is kept by release, and no longer than the release."""
    release = shutil.copytree(current(settings.data), tmp_path / "releases" / "a")
    switch(tmp_path, "a")
    app = create_app(replace(settings, data=tmp_path))
    client = app.test_client()
    rules = [rule for rule in app.url_map.iter_rules() if "GET" in (rule.methods or ())]
    pages = {rule.rule for rule in rules if not rule.arguments}
    pages |= {"/network?chain=humanoid", "/search?q=robot", "/export/all.ttl", "/chains/humanoid"}
    pages |= {f"/{name}?sort=label" for name in LISTS}
    answers = [client.get(page, headers={"Accept": "text/html"}) for page in sorted(pages)]
    assert sum(bool(answer.get_data()) for answer in answers if answer.status_code == 200) > 25
    store = weakref.ref(app.extensions["kg"].store())
    shutil.copytree(release, tmp_path / "releases" / "b")
    switch(tmp_path, "b")
    assert client.get("/").status_code == 200
    gc.collect()
    assert store() is None
    remove(release)
    assert not release.exists()
    app.extensions["kg"].pool.close()
