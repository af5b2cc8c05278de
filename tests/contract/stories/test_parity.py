"""The Lua scripts and the index in memory say the same, whatever comes in whatever order."""

from __future__ import annotations

import itertools
import random

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from worker.models import digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint, SiteParagraphs
from worker.state.stories import Settled, StoryIndex
from worker.state.stories.memory import MemoryStories
from worker.state.stories.redis_index import RedisStories

RULES = DedupRules(df_cap=4, publishers=("site1.example",))  # small, so that anchors die
_runs = itertools.count()


class _World:
    """A stream of captures that resemble one another, drawn from few anchors, numbers, sites and addresses."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.texts = [
            (self.random.sample(range(2**48), self.random.randint(3, 20)), self.random.sample(range(2**16), 8))
            for _ in range(5)
        ]

    def fingerprint(self, number: int) -> Fingerprint:
        draw = self.random
        anchors, numbers = draw.choice(self.texts)
        anchors = [a if draw.random() < 0.85 else draw.randrange(2**48) for a in anchors]
        if draw.random() < 0.4:
            anchors = anchors[: draw.randint(1, len(anchors))]
        if draw.random() < 0.3:
            anchors = list(dict.fromkeys(anchors + draw.choice(self.texts)[0]))
        if draw.random() < 0.3:
            numbers = draw.sample(range(2**16), draw.randint(0, 10))
        exact = digest_of(anchors if draw.random() < 0.5 else number)[:32]
        return Fingerprint(
            capture_id=digest_of("capture", number),
            site=f"site{draw.randrange(3)}.example",
            language="en",
            url_key=digest_of(draw.randrange(40))[:16] if draw.random() < 0.9 else None,
            exact_hash=exact,
            anchors=tuple(anchors),
            blocks=tuple(draw.choice([0, 1, 2, 255]) for _ in anchors),
            numbers=tuple(sorted(numbers)),
            numbers_total=len(numbers) + draw.choice([0, 0, 5]),
            words=draw.choice([40, 100, 120, 150, 400, 2400]),
            too_short=draw.random() < 0.05,
            paragraphs=tuple(draw.sample(range(30), 3)),
            lengths=tuple(draw.choice([0, 5, 40, 120]) for _ in range(3)),
            is_excerpt=draw.random() < 0.2,
            origin=draw.choice([None, None, "site2.example", "example"]),
            published_at=draw.choice([None, 1_700_000_000, 1_700_000_400, 1_700_003_600]),
            published_exactly=draw.random() < 0.7,
        )


def _same(memory: StoryIndex, redis: StoryIndex, world: _World, now: list[float], steps: int) -> None:
    claimed: list[tuple[Fingerprint, Settled]] = []
    for number in range(steps):
        draw = world.random
        fingerprint = draw.choice(claimed)[0] if claimed and draw.random() < 0.15 else world.fingerprint(number)
        ask = [SiteParagraphs(site=fingerprint.site, paragraphs=fingerprint.paragraphs)]
        assert memory.known_furniture(ask) == redis.known_furniture(ask)
        expected = memory.claim([fingerprint])[0]
        assert redis.claim([fingerprint])[0] == expected, number
        claimed.append((fingerprint, Settled(fingerprint.capture_id, expected.story_id, expected.fence)))
        for _ in range(draw.choice([0, 1, 1])):
            settled = draw.choice(claimed[-4:])[1]
            what = draw.choice(["confirm", "confirm", "abort"])
            assert getattr(memory, what)([settled]) == getattr(redis, what)([settled])
        if draw.random() < 0.03:
            gone = draw.choice(claimed)[0].capture_id
            assert memory.forget(gone) == redis.forget(gone)
        now[0] += draw.choice([1, 60, 1000, 86400 if draw.random() < 0.3 else 1])
    for story_id in {settled.story_id for _, settled in claimed}:
        assert memory.story(story_id) == redis.story(story_id)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 2**32))
@example(seed=529)  # a capture judged anew after its claim was withdrawn is no longer the owner
def test_lua_decides_as_the_stage_does(stories_redis: str, seed: int) -> None:
    now = [1_700_000_000.0]
    memory = MemoryStories(RULES, clock=lambda: now[0])
    redis = RedisStories(stories_redis, RULES, prefix=f"parity{next(_runs)}:", clock=lambda: now[0])

    _same(memory, redis, _World(seed), now, steps=120)


def test_lua_decides_as_the_stage_does_while_the_tables_grow(stories_redis: str) -> None:
    now = [1_700_000_000.0]
    memory = MemoryStories(RULES, clock=lambda: now[0])
    redis = RedisStories(stories_redis, RULES, prefix=f"parity{next(_runs)}:", clock=lambda: now[0])
    draw = random.Random(7)
    phrases = draw.sample(range(2**48), 3000)  # some of them live, some dead, when the tables are split
    held: list[Fingerprint] = []

    for batch in range(40):
        prints = [_stranger(draw, phrases, held, 32 * batch + number) for number in range(32)]
        expected = memory.claim(prints)
        assert redis.claim(prints) == expected
        settled = [Settled(f.capture_id, v.story_id, v.fence) for f, v in zip(prints, expected, strict=True)]
        assert memory.confirm(settled) == redis.confirm(settled)
        held += prints
        now[0] += 3600


def _stranger(draw: random.Random, phrases: list[int], held: list[Fingerprint], number: int) -> Fingerprint:
    """A text of its own with some phrases that others have too; one in six takes half an earlier one over."""
    anchors = [draw.choice(phrases) if draw.random() < 0.2 else draw.randrange(2**48) for _ in range(30)]
    if held and draw.random() < 0.17:
        anchors[:15] = draw.choice(held).anchors[:15]
    anchors = list(dict.fromkeys(anchors))
    return Fingerprint(
        capture_id=digest_of("stranger", number),
        site=f"site{draw.randrange(9)}.example",
        language="en",
        url_key=digest_of("address", number)[:16],
        exact_hash=digest_of("text", number)[:32],
        anchors=tuple(anchors),
        blocks=(0,) * len(anchors),
        numbers=(),
        numbers_total=0,
        words=400,
        too_short=False,
        paragraphs=(number,),
        lengths=(255,),
    )
