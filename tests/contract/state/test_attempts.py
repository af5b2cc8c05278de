"""One suite, every counter of attempts."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from worker.errors import TransientError
from worker.state.attempts import Attempts, MemoryAttempts, open_attempts
from worker.state.redis_server import connect


@pytest.fixture(params=["redis", "memory"])
def attempts(request: pytest.FixtureRequest) -> Iterator[Attempts]:
    url = str(request.getfixturevalue("redis_url")) if request.param == "redis" else "memory://"
    attempts = open_attempts(url)
    yield attempts
    attempts.close()
    attempts.close()


def test_attempts_are_counted_for_each_message_of_each_stage(attempts: Attempts) -> None:
    counted = [attempts.begin("normalize", "m1"), attempts.begin("normalize", "m1"), attempts.begin("normalize", "m2")]

    assert [*counted, attempts.begin("route", "m1")] == [1, 2, 1, 1]


def test_a_message_that_is_done_is_forgotten(attempts: Attempts) -> None:
    attempts.begin("normalize", "m1")

    attempts.done("normalize", "m1")
    attempts.done("normalize", "never begun")

    assert attempts.begin("normalize", "m1") == 1


def test_an_attempt_that_was_ended_from_outside_does_not_count(attempts: Attempts) -> None:
    attempts.begin("normalize", "m1")
    attempts.begin("normalize", "m1")

    attempts.pardon("normalize", "m1")
    attempts.pardon("normalize", "never begun")

    assert attempts.begin("normalize", "m1") == 2
    assert attempts.begin("normalize", "never begun") == 1


def test_a_counter_in_redis_never_stays_for_ever(redis_url: str) -> None:
    attempts = open_attempts(redis_url, ttl_s=100)

    attempts.begin("deliver", "m1")

    client = connect(redis_url)
    assert [0 < client.ttl(key) <= 100 for key in client.scan_iter()] == [True]
    client.close()
    attempts.close()


def test_a_counter_in_memory_forgets_itself_as_well() -> None:
    now = 0.0
    attempts = MemoryAttempts(ttl_s=100, clock=lambda: now)
    attempts.begin("deliver", "m1")

    now = 101.0

    assert attempts.begin("deliver", "m1") == 1


def test_a_redis_that_is_away_is_transient(tmp_path: Path) -> None:
    with pytest.raises(TransientError):
        open_attempts(f"redis+socket://{tmp_path}/no.sock").begin("route", "m1")
