"""How long the check of a write token takes says nothing of how much of the token was right."""

import operator
import random
import statistics
import time
from collections.abc import Iterator, Mapping
from dataclasses import replace
from types import SimpleNamespace

import pytest
from flask import Flask

from kg.errors import TokenInvalid
from kg.release.written import start_empty
from kg.settings import Settings
from kg.web import create_app, writes
from test_release import small_root

TOKEN = "".join(random.Random(20261128).choices("abcdefghijklmnopqrstuvwxyz0123456789", k=100_000))
"""As long as a head can hold, which makes what is to be seen as large as it can be."""
FIRST, LAST = "first byte", "last byte"
WRONG = {
    FIRST: "#" + TOKEN[1:],
    LAST: TOKEN[:-1] + "#",
    "one byte short": TOKEN[:-1],
    "one byte long": TOKEN + "#",
}
ROUNDS = 3_000
"""Samples of each kind, 12,000 together."""
NOISE = 0.5
"""How far apart medians may lie, in widths of the middle half of the samples: 0.04 to 0.1 were
measured here, 2 to 6 for the control."""
TRIES = 3
"""A busy machine is no fault of the check: the best of three counts, for the control too."""


@pytest.fixture(scope="module")
def app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Flask]:
    """An application over an empty store that is written to with the token."""
    settings = small_root(tmp_path_factory.mktemp("timing"))
    settings = replace(settings, write_token=TOKEN, default_graph="plain", workers=1)
    start_empty(settings)
    found = create_app(settings)
    yield found
    found.extensions["kg"].pool.close()


def measure(app: Flask) -> Mapping[str, list[int]]:
    """Nanoseconds of refusing each kind of wrong token; in every round each once, in any order."""
    contexts = {
        kind: app.test_request_context(
            "/sparql/update", method="POST", headers={"Authorization": f"Bearer {token}"}
        )
        for kind, token in WRONG.items()
    }
    found: dict[str, list[int]] = {kind: [] for kind in WRONG}
    kinds = list(WRONG)
    for _ in range(ROUNDS):
        random.shuffle(kinds)
        for kind in kinds:
            with contexts[kind]:
                started = time.perf_counter_ns()
                try:
                    writes.check_writer()
                except TokenInvalid:
                    found[kind].append(time.perf_counter_ns() - started)
    return found


def distance(samples: Mapping[str, list[int]]) -> float:
    """How far the medians lie apart, in widths of the middle half of a kind's samples."""
    medians = [statistics.median(times) for times in samples.values()]
    quarters = [statistics.quantiles(times, n=4) for times in samples.values()]
    return (max(medians) - min(medians)) / statistics.median(q[2] - q[0] for q in quarters)


def test_no_time_tells_how_much_of_a_token_is_right(app: Flask) -> None:
    for _ in range(TRIES):
        found = measure(app)
        assert {len(times) for times in found.values()} == {ROUNDS}
        if distance(found) < NOISE:
            return
    pytest.fail(f"medians {distance(found):.2f} apart")


def test_the_same_measure_sees_a_comparison_that_stops_at_the_first_difference(
    app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The control: the token itself compared by `==`, in the same place."""
    monkeypatch.setattr(writes, "hash_token", lambda token: token)
    monkeypatch.setattr(writes, "hmac", SimpleNamespace(compare_digest=operator.eq))
    naive: Settings = replace(app.extensions["kg"].settings)
    object.__setattr__(naive, "write_token", TOKEN)
    monkeypatch.setattr(app.extensions["kg"], "settings", naive)
    for _ in range(TRIES):
        found = measure(app)
        assert statistics.median(found[FIRST]) < statistics.median(found[LAST])
        if distance({kind: found[kind] for kind in (FIRST, LAST)}) > 2 * NOISE:
            return
    pytest.fail("a comparison that leaks went unseen")
