"""What an article leaves behind for comparison: a few hundred bytes that stand for its text, address and site."""

from __future__ import annotations

import hashlib
from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import accumulate
from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from worker.models import Article, CaptureId, Message
from worker.rules import DedupRules
from worker.stages.deduplicate.furniture import is_call_to_action
from worker.stages.deduplicate.words import fold, lines_of_words, numbers, unspaced_share

SKETCH_VERSION = "v1"  # part of every key: sketches of two versions never meet
SHINGLE_WORDS = 5
SHINGLE_CHARS = 9  # in scripts without spaces, where a word has one to three characters (judgement)
CHARS_A_WORD = 2  # there, for the word count
MOSTLY = 0.4  # of the characters, spaces and punctuation included
RATE = 16  # one shingle in 16 is an anchor; 1/24 and 1/32 cost .013 and .032 F1 on the developer file
LEAD_SHINGLES = 64  # the opening is sampled more densely: excerpts are made of it
LEAD_RATE = 8
MAX_ANCHORS = 64
MAX_NUMBERS = 31  # two bytes each: with 31 the record stays below Redis's 64-byte listpack value
NO_BLOCK = 0xFF
EDGE_PARAGRAPHS = 24  # furniture stands at the head and the foot of a page

# Odd constants: of the golden ratio, and of MurmurHash3's finaliser (public domain).
_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xFF51AFD7ED558CCD)
_MIX_2 = np.uint64(0xC4CEB9FE1A85EC53)
_SHIFT = np.uint64(33)
_TRACKING = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "cmp", "ocid"})  # and all that begin with utm_


class SiteParagraphs(Message):
    """A site and the paragraphs one of its pages shows, as hashes: what the index is asked about."""

    site: str
    paragraphs: tuple[int, ...]  # 48 bits each


class Fingerprint(Message):
    """An article as the story index sees it."""

    capture_id: CaptureId
    site: str
    language: str
    url_key: str | None  # 16 hex digits; null where the capture has no address
    exact_hash: str  # 32 hex digits over the words
    anchors: tuple[int, ...]  # 48 bits each, in the order of the text
    blocks: tuple[int, ...]  # for each anchor the place of its paragraph in `paragraphs`; NO_BLOCK: not there
    numbers: tuple[int, ...]  # 16 bits each, ascending, at most MAX_NUMBERS
    numbers_total: int  # of the full set
    words: int  # after the furniture is gone
    too_short: bool
    paragraphs: tuple[int, ...]  # what the site showed, furniture and all, for the index to learn from
    stripped: int = 0  # paragraphs left out as furniture
    is_excerpt: bool = False
    origin: str | None = None  # site the page names as the original publisher
    seen_at: int | None = None  # capture time, seconds
    published_at: int | None = None  # seconds
    version: str = SKETCH_VERSION


class _Paragraph:
    """A paragraph that has words."""

    __slots__ = ("folded", "key", "line", "words")

    def __init__(self, words: list[bytes], line: bytes, folded: str) -> None:
        self.words = words
        self.line = line  # the words alone
        self.folded = folded  # with its punctuation
        self.key = int.from_bytes(hashlib.blake2b(line, digest_size=6).digest(), "little")


def paragraph_hashes(article: Article) -> SiteParagraphs:
    """The paragraphs of an article, to ask the story index which of them are known furniture of the site."""
    return SiteParagraphs(site=site_of(article), paragraphs=_edges([each.key for each in _paragraphs(article.text)]))


def fingerprint(article: Article, known: Collection[int], rules: DedupRules) -> Fingerprint:
    """The fingerprint of `article` without its calls to action and without the paragraphs in `known`.

    `known` holds paragraph hashes that are furniture of the article's site, as the story index answered.
    The headline does not count: a copy under another headline is the same text.
    """
    paragraphs = _paragraphs(article.text)
    shown = _edges([each.key for each in paragraphs])
    kept = [each for each in paragraphs if each.key not in known and not is_call_to_action(each.line)]
    words = [word for each in kept for word in each.words]
    text = "\n".join(each.folded for each in kept)
    found = {crc32(number.encode()) & 0xFFFF for number in numbers(text)}
    dense = unspaced_share(text) > MOSTLY
    count = len(words) // CHARS_A_WORD if dense else len(words)
    anchors, places = anchors_of(words, SHINGLE_CHARS if dense else SHINGLE_WORDS)
    origin = article.original_publisher.domain if article.original_publisher else None
    captured = article.capture.captured_at
    return Fingerprint(
        capture_id=article.capture.capture_id,
        site=site_of(article),
        language=article.language,
        url_key=url_key_of(article),
        exact_hash=hashlib.blake2b(b" ".join(words), digest_size=16).hexdigest(),
        anchors=anchors,
        blocks=_blocks(kept, shown, places),
        numbers=tuple(sorted(found)[:MAX_NUMBERS]),
        numbers_total=len(found),
        words=count,
        too_short=count < rules.min_words,
        paragraphs=shown,
        stripped=len(paragraphs) - len(kept),
        is_excerpt=article.is_excerpt,
        origin=origin.removeprefix("www.") if origin else None,
        seen_at=int(captured.timestamp()) if captured else None,
        published_at=int(article.published_at.timestamp()) if article.published_at else None,
    )


def anchors_of(words: Sequence[bytes], width: int = SHINGLE_WORDS) -> tuple[tuple[int, ...], list[int]]:
    """Hashes of a fixed sample of the runs of `width` words, in the order of the text, and where they begin.

    FracMinHash: a run is kept when its hash is below a fraction of the range, so two texts keep the same runs
    wherever they stand, and a part keeps its share of the whole. Source: Hera, Pierce-Ward & Koslicki, Genome
    Research 2023. Only the low 48 bits are given, since the high ones are small by construction.
    """
    hashes = _shingles(words, width)
    limit = np.full(len(hashes), np.uint64(2**64 // RATE))
    limit[:LEAD_SHINGLES] = 2**64 // LEAD_RATE
    places = np.flatnonzero(hashes < limit)
    if len(places) > MAX_ANCHORS:
        places = np.sort(places[np.argpartition(hashes[places], MAX_ANCHORS)[:MAX_ANCHORS]])
    first: dict[int, int] = {}
    for anchor, place in zip((hashes[places] & np.uint64(2**48 - 1)).tolist(), places.tolist(), strict=True):
        first.setdefault(anchor, place)
    return tuple(first), list(first.values())


def _shingles(words: Sequence[bytes], width: int) -> NDArray[np.uint64]:
    count = len(words) - width + 1
    if count < 1:
        return np.empty(0, np.uint64)
    # crc32 and not hash(): Python salts its own, and a sketch must agree across processes.
    token = np.fromiter(map(crc32, words), np.uint64, len(words))
    token += np.uint64(1)
    total = token[:count].copy()
    for place in range(1, width):
        total *= _GOLDEN
        total += token[place : place + count]
    total ^= total >> _SHIFT
    total *= _MIX_1
    total ^= total >> _SHIFT
    total *= _MIX_2
    total ^= total >> _SHIFT
    return total


def _blocks(kept: Sequence[_Paragraph], shown: Sequence[int], places: Sequence[int]) -> tuple[int, ...]:
    """For each word in `places`, where its paragraph stands in `shown`."""
    at = {key: place for place, key in enumerate(shown)}
    ends = list(accumulate(len(each.words) for each in kept))
    return tuple(at.get(kept[bisect_right(ends, place)].key, NO_BLOCK) for place in places)


def site_of(article: Article) -> str:
    """The site an article was served by: host of its address, else the publisher's domain, else its source."""
    if article.url and (host := _address(article.url)[0]):
        return host
    if article.publisher and article.publisher.domain:
        return article.publisher.domain.removeprefix("www.")
    return article.capture.source


def url_key_of(article: Article) -> str | None:
    """The identity of an article's address, or None when it has none.

    The page's own canonical link counts while it stays on the host and names a page: links to another site mean
    syndication, links to the front page are a common mistake.
    """
    if not article.url:
        return None
    address = _address(article.url)
    if article.canonical_url:
        canonical = _address(article.canonical_url)
        if canonical[0] == address[0] and canonical[1]:
            address = canonical
    return hashlib.blake2b("\n".join(address).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@lru_cache(maxsize=256)
def _address(url: str) -> tuple[str, str, str]:
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").removeprefix("www.")
        query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(pair[0].lower())]
    except ValueError:  # "http://[": keep it as it is
        return "", url, ""
    return host, parts.path.rstrip("/"), urlencode(sorted(query))


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith("utm_")


@lru_cache(maxsize=64)  # asked for twice in a batch: for the furniture and for the fingerprint
def _paragraphs(text: tuple[str, ...]) -> tuple[_Paragraph, ...]:
    folded = fold("\n".join(text))
    pairs = zip(lines_of_words(folded), folded.split("\n"), strict=True)
    return tuple(_Paragraph(words, b" ".join(words), paragraph) for words, paragraph in pairs if words)


def _edges(hashes: Sequence[int]) -> tuple[int, ...]:
    if len(hashes) > 2 * EDGE_PARAGRAPHS:
        hashes = [*hashes[:EDGE_PARAGRAPHS], *hashes[-EDGE_PARAGRAPHS:]]
    return tuple(dict.fromkeys(hashes))
