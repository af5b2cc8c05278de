"""What holds of duplicates for any text, batch and order."""

from __future__ import annotations

import itertools
import random

from hypothesis import given, settings
from hypothesis import strategies as st

from worker.models import Article, BodyRef, Capture, Extractor, Origin, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint, fingerprint
from worker.state.stories import Settled
from worker.state.stories.memory import MemoryStories

RULES = DedupRules()
VOCABULARY = [f"{a}{b}{c}" for a, b, c in itertools.product(("ba", "ko", "ri", "tu"), repeat=3)]


def _fingerprint(number: int, text: str) -> Fingerprint:
    capture = Capture(
        capture_id=digest_of(number), body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="test")
    )
    article = Article(
        capture=capture,
        article_id=digest_of(number),
        text=tuple(text.split("\n\n")),
        url=f"https://site{number}.example/a",
        extractor=Extractor(name="test", version="1", path="test"),
    )
    return fingerprint(article, (), RULES)


def _text(seed: int, words: int = 240) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(VOCABULARY) for _ in range(words))


def _stream(seed: int) -> list[Fingerprint]:
    """Stories, their copies with a line more, and their excerpts, shuffled."""
    draw = random.Random(seed)
    texts = []
    for story in range(4):
        text = _text(seed * 10 + story)
        texts += [text, text + " " + _text(seed * 10 + 7, 12), " ".join(text.split()[:130])]
    draw.shuffle(texts)
    return [_fingerprint(number, text) for number, text in enumerate(texts)]


def _stories(stream: list[Fingerprint], batch: int = 1) -> list[tuple[str, str]]:
    index = MemoryStories(RULES, clock=lambda: 1.7e9)
    verdicts = []
    for start in range(0, len(stream), batch):
        part = stream[start : start + batch]
        for verdict, each in zip(index.claim(part), part, strict=True):
            while verdict.kind == "pending_copy":
                verdict = index.claim([each])[0]  # noqa: PLW2901
            index.confirm([Settled(each.capture_id, verdict.story_id, verdict.fence)])
            verdicts.append((verdict.kind, verdict.story_id))
    return verdicts


@given(st.integers(0, 10**6), st.integers(2, 12))
@settings(max_examples=25, deadline=None)
def test_verdicts_do_not_depend_on_batch_boundaries(seed: int, batch: int) -> None:
    stream = _stream(seed)

    # Within a batch nothing is settled yet, so compare what is final: which capture belongs to which story.
    assert [story for _, story in _stories(stream, batch)] == [story for _, story in _stories(stream)]


@given(st.integers(0, 10**6), st.randoms(use_true_random=False))
@settings(max_examples=25, deadline=None)
def test_order_of_arrival_does_not_change_how_many_stories_there_are(seed: int, order: random.Random) -> None:
    stream = _stream(seed)
    shuffled = order.sample(stream, len(stream))

    assert len({story for _, story in _stories(shuffled)}) == len({story for _, story in _stories(stream)}) == 4


@given(st.integers(0, 10**6), st.data())
@settings(max_examples=50, deadline=None)
def test_any_change_of_space_and_quote_is_an_exact_copy(seed: int, data: st.DataObject) -> None:
    words = _text(seed, 60).split()
    gaps = st.sampled_from([" ", "  ", "\u00a0", "\u2009", "\n\n", " “", "” ", " — ", ", ", "\t", " \u200b"])
    retyped = "".join(word + data.draw(gaps) for word in words)

    assert _fingerprint(1, retyped).exact_hash == _fingerprint(2, " ".join(words)).exact_hash


@given(st.text())
def test_any_text_has_a_fingerprint(text: str) -> None:
    found = _fingerprint(1, text)

    assert len(found.anchors) == len(found.blocks) <= 64
    assert found == _fingerprint(1, text)
    assert all(0 <= anchor < 2**48 for anchor in found.anchors)
