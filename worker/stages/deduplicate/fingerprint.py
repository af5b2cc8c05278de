"""What an article leaves behind for comparison: a few hundred bytes that stand for its text, address and site."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Sequence
from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

import numpy as np

from worker.models import Article, CaptureId
from worker.rules import DedupRules
from worker.stages.deduplicate.furniture import calls_to_action
from worker.stages.deduplicate.words import (
    Hashes,
    Places,
    Words,
    fold,
    numbers,
    runs_hashed,
    shingles,
    unspaced_share,
    words_of,
)

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
MAX_PASSAGE = 80  # characters quoted as evidence
NO_BLOCK = 0xFF
EDGE_PARAGRAPHS = 24  # furniture stands at the head and the foot of a page
_TOLD = frozenset({"sidecar", "feed", "json_ld", "meta", "time_element"})  # not guessed from URL or text
_LOW_48 = np.uint64(2**48 - 1)
_TRACKING = frozenset({"fbclid", "gclid", "mc_cid", "mc_eid", "cmp", "ocid"})  # and all that begin with utm_


class SiteParagraphs(NamedTuple):
    """A site and the paragraphs one of its pages shows, as hashes: what the index is asked about."""

    site: str
    paragraphs: tuple[int, ...]  # 48 bits each


class Fingerprint(NamedTuple):
    """An article as the story index sees it. Never crosses a queue."""

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
    lengths: tuple[int, ...] = ()  # words of each of `paragraphs` that count, at most 255; 0 for furniture
    stripped: int = 0  # paragraphs left out as furniture
    is_excerpt: bool = False
    origin: str | None = None  # site the page names as the original publisher
    seen_at: int | None = None  # capture time, seconds
    published_at: int | None = None  # seconds
    published_exactly: bool = False  # to the minute, and by the page or the feed itself
    version: str = SKETCH_VERSION
    # For evidence: the text itself, where each anchor stands in it, and each number as written.
    source: str | bytes = ""  # as printed where folding kept its length, else folded
    spans: tuple[tuple[int, int], ...] = ()
    figures: tuple[str, ...] = ()

    def passage(self, place: int) -> str:
        """The words of the anchor at this place, as printed."""
        start, end = self.spans[place] if place < len(self.spans) else (0, 0)
        piece = self.source[start:end]
        printed = piece.decode("utf-8", "replace") if isinstance(piece, bytes) else piece
        return " ".join(printed.split())[:MAX_PASSAGE]


class _Text(NamedTuple):
    """A text cut into the paragraphs that have words."""

    folded: str
    words: Words
    begins: Places  # first word of each paragraph
    ends: Places
    keys: list[int]  # 48 bits each


def paragraph_hashes(article: Article) -> SiteParagraphs:
    """The paragraphs of an article, to ask the story index which of them are known furniture of the site."""
    return SiteParagraphs(site_of(article), _edges(_text(article.text).keys))


def fingerprint(article: Article, known: Collection[int], rules: DedupRules) -> Fingerprint:
    """The fingerprint of `article` without its calls to action and without the paragraphs in `known`.

    `known` holds paragraph hashes that are furniture of the article's site, as the story index answered.
    The headline does not count: a copy under another headline is the same text.
    """
    text = _text(article.text)
    words, paragraphs = text.words, text.keys
    kept = [key not in known for key in paragraphs]
    for at in calls_to_action(words.letters):
        kept[int(text.begins.searchsorted(words.starts.searchsorted(at), "right")) - 1] = False
    of = None  # the places of the kept words; none: all
    if not all(kept):
        of = np.flatnonzero(np.repeat(np.array(kept, bool), text.ends - text.begins))
        words = words.at(of)
    hashes, shown = words.hashes, _edges(paragraphs)
    written = {crc32(number) & 0xFFFF: number for number in sorted(numbers(words))}
    found = sorted(written)
    dense = unspaced_share(text.folded) > MOSTLY
    count = len(hashes) // CHARS_A_WORD if dense else len(hashes)
    width = SHINGLE_CHARS if dense else SHINGLE_WORDS
    anchors, places = anchors_of(hashes, width)
    origin = article.original_publisher.domain if article.original_publisher else None
    captured = article.capture.captured_at
    length = dict.fromkeys(shown, 0)
    for key, keeps, begin, end in zip(paragraphs, kept, text.begins.tolist(), text.ends.tolist(), strict=True):
        if keeps and key in length:
            length[key] = min(255, end - begin)
    return Fingerprint(
        capture_id=article.capture.capture_id,
        site=site_of(article),
        language=article.language,
        url_key=url_key_of(article),
        exact_hash=hashlib.blake2b(hashes.tobytes(), digest_size=16).hexdigest(),
        anchors=anchors,
        blocks=_blocks(text, shown, places if of is None else of[places]),
        numbers=tuple(found[:MAX_NUMBERS]),
        numbers_total=len(found),
        words=count,
        too_short=count < rules.min_words,
        paragraphs=shown,
        lengths=tuple(length.values()),
        stripped=kept.count(False),
        is_excerpt=article.is_excerpt,
        origin=origin.removeprefix("www.") if origin and not is_of(site_of(article), origin) else None,
        seen_at=int(captured.timestamp()) if captured else None,
        published_at=int(article.published_at.timestamp()) if article.published_at else None,
        published_exactly=article.published_precision in {"second", "minute"} and article.published_source in _TOLD,
        source=_as_printed(article.text, text),
        spans=tuple(zip(words.starts[places].tolist(), words.ends[places + (width - 1)].tolist(), strict=True)),
        figures=tuple([written[number].decode() for number in found[:MAX_NUMBERS]]),
    )


def anchors_of(hashes: Hashes, width: int = SHINGLE_WORDS) -> tuple[tuple[int, ...], Places]:
    """Hashes of a fixed sample of the runs of `width` words, in the order of the text, and where they begin.

    FracMinHash: a run is kept when its hash is below a fraction of the range, so two texts keep the same runs
    wherever they stand, and a part keeps its share of the whole. Source: Hera, Pierce-Ward & Koslicki, Genome
    Research 2023. Only the low 48 bits are given, since the high ones are small by construction.
    """
    runs = shingles(hashes, width)
    chosen = runs < np.uint64(2**64 // RATE)
    chosen[:LEAD_SHINGLES] = runs[:LEAD_SHINGLES] < np.uint64(2**64 // LEAD_RATE)
    places = np.flatnonzero(chosen)
    if len(places) > MAX_ANCHORS:
        places = np.sort(places[np.argpartition(runs[places], MAX_ANCHORS)[:MAX_ANCHORS]])
    anchors = (runs[places] & _LOW_48).tolist()
    if len(set(anchors)) < len(anchors):
        first = {anchor: at for at, anchor in reversed(list(enumerate(anchors)))}
        kept = sorted(first.values())
        anchors, places = [anchors[at] for at in kept], places[kept]
    return tuple(anchors), places


def _as_printed(paragraphs: Sequence[str], text: _Text) -> str | bytes:
    """The text in which the words' places hold."""
    printed = "\n".join(paragraphs)
    if text.folded.isascii() and len(printed) == len(text.folded):
        return printed
    return text.words.folded


def _blocks(text: _Text, shown: Sequence[int], places: Places) -> tuple[int, ...]:
    """For each word in `places`, where its paragraph stands in `shown`."""
    at = {key: place for place, key in enumerate(shown)}
    keys = text.keys
    return tuple([at.get(keys[one], NO_BLOCK) for one in (text.begins.searchsorted(places, "right") - 1).tolist()])


def site_of(article: Article) -> str:
    """The site an article was served by: host of its address, else the publisher's domain, else its source."""
    if article.url and (host := _address(article.url)[0]):
        return host
    if article.publisher and article.publisher.domain:
        return article.publisher.domain.removeprefix("www.")
    return article.capture.source


def is_of(site: str, domain: str) -> bool:
    """Whether a site belongs to a domain.

    >>> is_of("news.one.example", "one.example"), is_of("someone.example", "one.example")
    (True, False)
    """
    domain = domain.removeprefix("www.")
    return site == domain or site.endswith("." + domain)


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
    except ValueError:  # "http://[": keep it as it is
        return "", url, ""
    if not parts.query:
        return host, parts.path.rstrip("/"), ""
    query = [pair for pair in parse_qsl(parts.query, keep_blank_values=True) if not _is_tracking(pair[0].lower())]
    return host, parts.path.rstrip("/"), urlencode(sorted(query))


def _is_tracking(name: str) -> bool:
    return name in _TRACKING or name.startswith("utm_")


@lru_cache(maxsize=64)  # asked for twice in a batch: for the furniture and for the fingerprint
def _text(paragraphs: tuple[str, ...]) -> _Text:
    folded = fold("\n".join(paragraphs))
    words = words_of(folded)
    lines, count = words.lines, len(words.lines)
    edges = np.flatnonzero(lines[1:] != lines[:-1]) + 1
    begins = np.concatenate(([0], edges)) if count else edges
    ends = np.concatenate((edges, [count])) if count else edges
    return _Text(folded, words, begins, ends, (runs_hashed(words.hashes, begins, ends) & _LOW_48).tolist())


def _edges(hashes: Sequence[int]) -> tuple[int, ...]:
    if len(hashes) > 2 * EDGE_PARAGRAPHS:
        hashes = [*hashes[:EDGE_PARAGRAPHS], *hashes[-EDGE_PARAGRAPHS:]]
    return tuple(dict.fromkeys(hashes))
