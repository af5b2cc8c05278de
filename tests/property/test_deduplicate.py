"""What holds of duplicates for any text, batch and order."""

from __future__ import annotations

import itertools
import random
import unicodedata
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from worker.models import Article, BodyRef, Capture, DuplicateVerdict, Extractor, Origin, digest_of
from worker.rules import DedupRules
from worker.stages.deduplicate import Fingerprint, fingerprint
from worker.state.stories import Settled, StoryIndex
from worker.state.stories.memory import MemoryStories
from worker.state.stories.redis_index import RedisStories

RULES = DedupRules()
_prefixes = itertools.count()
VOCABULARY = [f"{a}{b}{c}" for a, b, c in itertools.product(("ba", "ko", "ri", "tu"), repeat=3)]


@pytest.fixture(params=["memory", "redis"], scope="module")
def empty_index(request: pytest.FixtureRequest) -> Callable[[], StoryIndex]:
    """A way to get an index that holds nothing."""
    if request.param == "memory":
        return lambda: MemoryStories(RULES, clock=lambda: 1.7e9)
    url = request.getfixturevalue("stories_redis")
    return lambda: RedisStories(url, RULES, prefix=f"property{next(_prefixes)}:", clock=lambda: 1.7e9)


def _fingerprint(number: int, text: str, *, is_excerpt: bool = False) -> Fingerprint:
    capture = Capture(
        capture_id=digest_of(number), body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="test")
    )
    article = Article(
        capture=capture,
        article_id=digest_of(number),
        text=tuple(text.split("\n\n")),
        url=f"https://site{number}.example/a",
        extractor=Extractor(name="test", version="1", path="test"),
        is_excerpt=is_excerpt,
    )
    return fingerprint(article, (), RULES)


def _text(seed: int, words: int = 240) -> str:
    draw = random.Random(seed)
    return " ".join(draw.choice(VOCABULARY) for _ in range(words))


def _stream(seed: int) -> list[Fingerprint]:
    """Four stories, each with a copy that has a line more, a part, and a teaser of 60 words; shuffled."""
    draw = random.Random(seed)
    texts = []
    for story in range(4):
        text = _text(seed * 10 + story, 400)
        words = text.split()
        line = _text(seed * 10 + 7 + story, 12)
        texts += [
            (text, False),
            (text + " " + line, False),
            (" ".join(words[:230]), False),
            (" ".join(words[:60]), True),
        ]
    draw.shuffle(texts)
    return [_fingerprint(number, text, is_excerpt=is_excerpt) for number, (text, is_excerpt) in enumerate(texts)]


def _verdicts(index: StoryIndex, stream: list[Fingerprint], batch: int = 1) -> list[DuplicateVerdict]:
    """The final verdicts: what waits for a claim of its batch is asked again when that is settled."""
    verdicts = []
    for start in range(0, len(stream), batch):
        part = stream[start : start + batch]
        for verdict, each in zip(index.claim(part), part, strict=True):
            while verdict.kind == "pending_copy":
                verdict = index.claim([each])[0]  # noqa: PLW2901
            index.confirm([Settled(each.capture_id, verdict.story_id, verdict.fence)])
            verdicts.append(verdict)
    return verdicts


@given(seed=st.integers(0, 10**6), batch=st.integers(2, 16))
@settings(max_examples=15, deadline=None)
def test_verdicts_do_not_depend_on_batch_boundaries(
    empty_index: Callable[[], StoryIndex], seed: int, batch: int
) -> None:
    stream = _stream(seed)

    assert _verdicts(empty_index(), stream, batch) == _verdicts(empty_index(), stream)


@given(seed=st.integers(0, 10**6), order=st.randoms(use_true_random=False))
@settings(max_examples=15, deadline=None)
def test_order_of_arrival_does_not_change_how_many_stories_there_are(
    empty_index: Callable[[], StoryIndex], seed: int, order: random.Random
) -> None:
    stream = _stream(seed)
    shuffled = order.sample(stream, len(stream))

    counts = {len({verdict.story_id for verdict in _verdicts(empty_index(), each)}) for each in (stream, shuffled)}

    # A teaser of which less than three runs were sampled is a story of its own, in whatever order (3 of 100).
    assert len(counts) == 1
    assert counts <= {4, 5, 6}


WORDS = "office flower café farmer's state-run naïve affair 1,204 5.4 Zürich don't façade river council".split()
GAPS = [
    " ",
    "  ",
    "\u00a0",
    "\u2009",
    "\u3000",
    "\n\n",
    " “",
    "” ",
    " — ",
    " – ",
    "\t",
    " \u200b",
    "… ",
    " • ",
    "\r\n",
    "\u202f",
]
LIGATURES = {"ffi": "\ufb03", "ff": "\ufb00", "fl": "\ufb02"}


def _retyped(word: str, how: str, at: int) -> str:
    """A word as another system would print it."""
    match how:
        case "decomposed":
            return unicodedata.normalize("NFD", word)
        case "capitals":
            return word.upper()
        case "soft hyphen" | "joiner":
            middle = at % len(word)
            return word[:middle] + ("\u00ad" if how == "soft hyphen" else "\u200d") + word[middle:]
        case "ligatures":
            for plain, ligature in LIGATURES.items():
                word = word.replace(plain, ligature)
            return word
        case "full width":
            return "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in word)
        case "quotes":
            return word.replace("'", "’").replace("-", "\u2011")
    return word


@given(data=st.data())
@settings(max_examples=40, deadline=None)
def test_any_retyping_is_an_exact_copy(empty_index: Callable[[], StoryIndex], data: st.DataObject) -> None:
    words = data.draw(st.lists(st.sampled_from(WORDS), min_size=40, max_size=90))
    ways = ["as it is", "decomposed", "capitals", "soft hyphen", "joiner", "ligatures", "full width", "quotes"]
    way = st.tuples(st.sampled_from(ways), st.integers(0, 20), st.sampled_from(GAPS))
    drawn = data.draw(st.lists(way, min_size=len(words), max_size=len(words)))
    retyped = "".join(_retyped(word, how, at) + gap for word, (how, at, gap) in zip(words, drawn, strict=True))
    index, first, second = empty_index(), _fingerprint(1, " ".join(words)), _fingerprint(2, retyped)

    verdicts = _verdicts(index, [first, second])

    assert [verdict.kind for verdict in verdicts] == ["new", "exact_copy"]
    assert verdicts[1].of == first.capture_id
    assert first.numbers == second.numbers


@given(st.text())
def test_any_text_has_a_fingerprint(text: str) -> None:
    found = _fingerprint(1, text)

    assert len(found.anchors) == len(found.blocks) <= 64
    assert found == _fingerprint(1, text)
    assert all(0 <= anchor < 2**48 for anchor in found.anchors)
