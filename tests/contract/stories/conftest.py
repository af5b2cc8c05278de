"""One suite on both story indexes, with a clock in the hand of the test."""

from __future__ import annotations

import itertools
import random
from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article, BodyRef, Capture, DuplicateVerdict, Extractor, Origin, capture_id_of, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import fingerprint, paragraph_hashes
from worker.state.stories import Settled, StoryIndex
from worker.state.stories.memory import MemoryStories
from worker.state.stories.redis_index import RedisStories

RULES = DedupRules(publishers=("agency.example", "paper.example"))


class Clock:
    """Seconds since 1970, moved by hand."""

    def __init__(self) -> None:
        self.now = 1_700_000_000.0

    def __call__(self) -> float:
        return self.now


class Desk:
    """A story index and a way to hand it articles, as the pipeline does."""

    def __init__(self, index: StoryIndex, clock: Clock) -> None:
        self.index = index
        self.clock = clock

    def claim(self, article: Article) -> DuplicateVerdict:
        known = self.index.known_furniture([paragraph_hashes(article)])[0]
        return self.index.claim([fingerprint(article, known, RULES)])[0]

    def confirm(self, article: Article, verdict: DuplicateVerdict) -> bool:
        return self.index.confirm([self._settled(article, verdict)])[0]

    def abort(self, article: Article, verdict: DuplicateVerdict) -> bool:
        return self.index.abort([self._settled(article, verdict)])[0]

    def store(self, article: Article) -> DuplicateVerdict:
        """Claim it and, if it goes on, deliver it."""
        verdict = self.claim(article)
        if verdict.kind != "pending_copy":
            assert self.confirm(article, verdict)
        return verdict

    def _settled(self, article: Article, verdict: DuplicateVerdict) -> Settled:
        return Settled(article.capture.capture_id, verdict.story_id, verdict.fence)


_prefixes = itertools.count()


@pytest.fixture(params=["memory", "redis"])
def desk(request: pytest.FixtureRequest) -> Desk:
    clock = Clock()
    if request.param == "memory":
        return Desk(MemoryStories(RULES, clock=clock), clock)
    url = request.getfixturevalue("stories_redis")
    return Desk(RedisStories(url, RULES, prefix=f"t{next(_prefixes)}:", clock=clock), clock)


@pytest.fixture
def article() -> Callable[..., Article]:
    """An article of `text` at `url`; each call is a capture of its own unless `at` says it is the same."""
    captures = itertools.count()

    def make(text: str, url: str | None = "https://one.example/a", *, at: object = None, **facts: Any) -> Article:
        digest = digest_of(text)
        identity = capture_id_of("test", url, None, digest_of(digest, next(captures) if at is None else at))
        capture = Capture(
            capture_id=identity, body=BodyRef(digest=digest, size=1), origin=Origin(location="test"), url=url
        )
        paragraphs = tuple(paragraph for paragraph in text.split("\n\n") if paragraph)
        extractor = Extractor(name="test", version="1", path="test")
        return Article(capture=capture, article_id=identity, text=paragraphs, url=url, extractor=extractor, **facts)

    return make


_VOCABULARY = (
    "harbour council winter bridge report minister farmer signal measure river market engine coast valley "
    "library captain budget school weather tunnel orchard railway museum station village teacher hospital "
    "border election forest island kitchen lantern meadow number ocean paper question road summer train union "
    "visitor window yard zone answer bakery cattle driver evening factory garden holiday industry jury"
)


@pytest.fixture
def prose() -> Callable[..., str]:
    """A text of `count` words in paragraphs of 40, different for each `seed`."""

    def write(seed: int, count: int = 320) -> str:
        draw = random.Random(seed)
        words = [draw.choice(_VOCABULARY.split()) for _ in range(count)]
        return "\n\n".join(" ".join(words[i : i + 40]) + "." for i in range(0, count, 40))

    return write
