"""An index with a memory budget stays within it, and what is oldest goes first."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable, Iterator

import pytest

from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint
from worker.state.redis_server import connect
from worker.state.stories import Settled, StoryIndex
from worker.state.stories.memory import MemoryStories
from worker.state.stories.redis_index import RedisStories

BUDGET_MB = 1
RULES = DedupRules(budget_mb=BUDGET_MB)
MANY = {"memory": 900, "redis": 5000}  # captures: several times what the budget holds
BATCH = 32
_prefixes = itertools.count()


def _stream(count: int) -> list[Fingerprint]:
    draw = random.Random(5)
    return [
        Fingerprint(
            capture_id=draw.randbytes(32).hex(),
            site=f"site{draw.randrange(20)}.example",
            language="en",
            url_key=draw.randbytes(8).hex(),
            exact_hash=draw.randbytes(16).hex(),
            anchors=tuple(draw.getrandbits(48) for _ in range(22)),
            blocks=(255,) * 22,
            numbers=tuple(sorted(draw.sample(range(2**16), 11))),
            numbers_total=11,
            words=400,
            too_short=False,
            paragraphs=(),
        )
        for _ in range(count)
    ]


class Case:
    def __init__(self, kind: str, index: StoryIndex, weight: Callable[[], int]) -> None:
        self.index, self.weight = index, weight
        self.stream = _stream(MANY[kind])

    def claim_all(self) -> list[int]:
        """The weight after every tenth batch."""
        weights = []
        for start in range(0, len(self.stream), BATCH):
            part = self.stream[start : start + BATCH]
            verdicts = self.index.claim(part)
            self.index.confirm(
                [Settled(f.capture_id, v.story_id, v.fence) for f, v in zip(part, verdicts, strict=True)]
            )
            if start % (10 * BATCH) == 0:
                weights.append(self.weight())
        return weights


@pytest.fixture(params=["memory", "redis"])
def case(request: pytest.FixtureRequest) -> Iterator[Case]:
    now = [1_700_000_000.0]
    if request.param == "memory":
        memory = MemoryStories(RULES, clock=lambda: now[0])
        yield Case("memory", memory, lambda: memory.size().bytes)
        return
    url = request.getfixturevalue("stories_redis")
    client = connect(url)
    redis = RedisStories(url, RULES, prefix=f"budget{next(_prefixes)}:", clock=lambda: now[0])

    def weight() -> int:
        """What the server charges for each key of the index."""
        pipe = client.pipeline(transaction=False)
        for key in client.scan_iter(f"{redis.key}*", count=1000):
            pipe.memory_usage(key, samples=0)
        return sum(one or 0 for one in pipe.execute())

    yield Case("redis", redis, weight)
    redis.close()
    client.close()


def test_index_stays_within_its_budget(case: Case) -> None:
    weights = case.claim_all()

    # What goes is removed over a few batches.
    assert max(weights) < 1.15 * BUDGET_MB * 2**20
    assert max(weights) > 0.7 * BUDGET_MB * 2**20
    assert case.index.size().budget_bytes == BUDGET_MB * 2**20


def test_oldest_is_forgotten_first_and_counted(case: Case) -> None:
    case.claim_all()
    size = case.index.size()
    held = size.captures

    assert size.forgotten > 0
    assert size.forgotten + held == len(case.stream)
    newest = [each._replace(capture_id="ff" * 32) for each in case.stream[-held:]]
    oldest = [each._replace(capture_id="ee" * 32) for each in case.stream[: size.forgotten]]
    assert {case.index.claim([each])[0].kind for each in (newest[0], newest[-1])} <= {"recapture"}
    assert [case.index.claim([each])[0].kind for each in (oldest[0],)] == ["new"]


def test_without_a_budget_nothing_is_forgotten_early(case: Case) -> None:
    unbounded = MemoryStories(DedupRules(), clock=lambda: 1_700_000_000.0)

    unbounded.claim(case.stream)

    assert unbounded.size().forgotten == 0
    assert unbounded.size().captures == len(case.stream)
