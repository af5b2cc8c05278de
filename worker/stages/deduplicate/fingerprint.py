"""What an article leaves behind for comparison: a few hundred bytes that stand for its text, address and site."""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_right
from collections.abc import Collection, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode, urlsplit
from zlib import crc32

import numpy as np

from worker.models import Article, CaptureId
from worker.rules import DedupRules
from worker.stages.deduplicate.furniture import is_call_to_action
from worker.stages.deduplicate.words import (
    Hashes,
    Line,
    Places,
    fold,
    lines_of,
    numbers,
    shingles,
    unspaced_share,
    word_hashes,
)

SKETCH_VERSION = "v2"  # part of every key: sketches of two versions never meet
SHINGLE_WORDS = 5
SHINGLE_CHARS = 9  # in scripts without spaces, where a word has one to three characters (judgement)
CHARS_A_WORD = 2  # there, for the word count
MOSTLY = 0.4  # of the characters, spaces and punctuation included
RATE = 16  # one shingle in 16 is an anchor; 1/24 and 1/32 cost .013 and .032 F1 on the developer file
LEAD_SHINGLES = 64  # the opening is sampled more densely: excerpts are made of it
LEAD_RATE = 8
MAX_ANCHORS = 64
MAX_NUMBERS = 31  # two bytes each: with 31 the record stays below Redis's 64-byte listpack value
TOGETHER = 16  # texts hashed at once; arrays of 32 are so large that libc asks the kernel for each: twice the time
MAX_PASSAGE = 80  # characters quoted as evidence
NO_BLOCK = 0xFF
EDGE_PARAGRAPHS = 24  # furniture stands at the head and the foot of a page
_TOLD = frozenset({"sidecar", "feed", "json_ld", "meta", "time_element"})  # not guessed from URL or text
_LOW_48 = np.uint64(2**48 - 1)
_ONE_IN_RATE, _ONE_IN_LEAD_RATE = np.uint64(2**64 // RATE), np.uint64(2**64 // LEAD_RATE)
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
    # For evidence: the text as printed, its folded words, where each anchor begins in them, each number as written.
    printed: tuple[str, ...] = ()
    text: bytes = b""
    places: tuple[int, ...] = ()
    width: int = SHINGLE_WORDS
    figures: tuple[str, ...] = ()

    def passage(self, place: int) -> str:
        """The words of the anchor at this place as printed; where printing changed letters, as folded."""
        if place >= len(self.places):
            return ""
        begin = self.places[place]
        words = [word.decode("utf-8", "replace") for word in self.text.split()[begin : begin + self.width]]
        gap = r"\W*" if self.width == SHINGLE_CHARS else r"\W+"
        wanted = re.compile(r"(?<!\w)" + gap.join(map(re.escape, words)), re.IGNORECASE)
        found = wanted.search("\n".join(self.printed))
        return " ".join((found[0] if found else " ".join(words)).split())[:MAX_PASSAGE]


class _Text(NamedTuple):
    dense: bool  # mostly in a script without spaces
    lines: list[Line]
    shown: tuple[int, ...]  # paragraphs, as hashes


class _Kept(NamedTuple):
    """What is left of a text without furniture and calls to action."""

    lines: list[Line]
    letters: bytes
    words: int
    width: int  # of its runs, in words


def paragraph_hashes(article: Article) -> SiteParagraphs:
    """The paragraphs of an article, to ask the story index which of them are known furniture of the site."""
    return SiteParagraphs(site_of(article), _text(article.text).shown)


def fingerprint(article: Article, known: Collection[int], rules: DedupRules) -> Fingerprint:
    """The fingerprint of one article; of many, `fingerprints` takes half the time."""
    return fingerprints([article], [known], rules)[0]


def fingerprints(articles: Sequence[Article], known: Sequence[Collection[int]], rules: DedupRules) -> list[Fingerprint]:
    """The fingerprint of each article without its calls to action and without the paragraphs known as furniture.

    `known` holds for each article the paragraph hashes that are furniture of its site, as the story index answered.
    The headline does not count: a copy under another headline is the same text.
    """
    texts = [_text(article.text) for article in articles]
    kept = [_kept(text, furniture) for text, furniture in zip(texts, known, strict=True)]
    return [_fingerprint(*each, rules) for each in zip(articles, texts, kept, samples_of(kept), strict=True)]


def _kept(text: _Text, known: Collection[int]) -> _Kept:
    lines = [line for line in text.lines if line.key not in known and not is_call_to_action(line.letters)]
    width = SHINGLE_CHARS if text.dense else SHINGLE_WORDS
    return _Kept(lines, b" ".join([line.letters for line in lines]), sum([line.words for line in lines]), width)


def _fingerprint(article: Article, text: _Text, kept: _Kept, sample: Sample, rules: DedupRules) -> Fingerprint:
    at = {key: place for place, key in enumerate(text.shown)}
    lengths, block, begins, begin = [0] * len(at), [], [], 0
    for line in kept.lines:
        place = at.get(line.key, NO_BLOCK)
        if place != NO_BLOCK:
            lengths[place] = min(255, line.words)
        block.append(place)
        begin += line.words
        begins.append(begin)
    found = numbers(b"\n".join([line.folded for line in kept.lines]))
    written = {crc32(number) & 0xFFFF: number for number in sorted(found)}
    sampled = sorted(written)[:MAX_NUMBERS]
    count = kept.words // CHARS_A_WORD if text.dense else kept.words
    site, url, published_at = site_of(article), url_key_of(article), article.published_at
    origin = article.original_publisher.domain if article.original_publisher else None
    captured = article.capture.captured_at
    return Fingerprint(
        capture_id=article.capture.capture_id,
        site=site,
        language=article.language,
        url_key=url,
        exact_hash=hashlib.blake2b(kept.letters, digest_size=16).hexdigest(),
        anchors=sample.anchors,
        blocks=tuple([block[bisect_right(begins, place)] for place in sample.places]),
        numbers=tuple(sampled),
        numbers_total=len(written),
        words=count,
        too_short=count < rules.min_words,
        paragraphs=text.shown,
        lengths=tuple(lengths),
        stripped=len(text.lines) - len(kept.lines),
        is_excerpt=article.is_excerpt,
        origin=origin.removeprefix("www.") if origin and not is_of(site, origin) else None,
        seen_at=int(captured.timestamp()) if captured else None,
        published_at=int(published_at.timestamp()) if published_at else None,
        published_exactly=article.published_precision in {"second", "minute"} and article.published_source in _TOLD,
        printed=article.text,
        text=kept.letters,
        places=sample.places,
        width=kept.width,
        figures=tuple([written[number].decode() for number in sampled]),
    )


class Sample(NamedTuple):
    """Hashes of a fixed sample of the runs of words of a text, in its order, and where they begin."""

    anchors: tuple[int, ...]
    places: tuple[int, ...]


def samples_of(texts: Sequence[_Kept]) -> list[Sample]:
    """The sample of each text. Texts of one width are hashed together, which costs a third of one by one."""
    samples = [Sample((), ())] * len(texts)
    for width in {text.width for text in texts}:
        all_of_width = [at for at, text in enumerate(texts) if text.width == width and text.words >= width]
        for first in range(0, len(all_of_width), TOGETHER):
            some = all_of_width[first : first + TOGETHER]
            hashes = word_hashes(b" ".join([texts[at].letters for at in some]))
            for at, sample in zip(some, anchors_of(hashes, [texts[at].words for at in some], width), strict=True):
                samples[at] = sample
    return samples


def anchors_of(hashes: Hashes, words: Sequence[int], width: int = SHINGLE_WORDS) -> list[Sample]:
    """Of texts one behind the other, each of so many words: a fixed sample of its runs of `width` words.

    FracMinHash: a run is kept when its hash is below a fraction of the range, so two texts keep the same runs
    wherever they stand, and a part keeps its share of the whole. Source: Hera, Pierce-Ward & Koslicki, Genome
    Research 2023. Only the low 48 bits are given, since the high ones are small by construction.
    """
    runs = shingles(hashes, width)
    ends = list(accumulate(words))
    below = np.full(len(runs), _ONE_IN_RATE)
    for size, end in zip(words, ends, strict=True):
        below[end - size : end - size + LEAD_SHINGLES] = _ONE_IN_LEAD_RATE
    for end in ends:
        below[end - width + 1 : end] = 0  # runs that reach into the next text
    places: Places = (runs < below).nonzero()[0]
    cuts = [0, *np.searchsorted(places, ends).tolist()]
    samples = []
    for begin, first, last in zip([0, *ends], cuts, cuts[1:], strict=False):
        own = places[first:last]
        if len(own) > MAX_ANCHORS:
            own = np.sort(own[np.argpartition(runs[own], MAX_ANCHORS)[:MAX_ANCHORS]])
        at: dict[int, int] = {}
        for anchor, place in zip((runs[own] & _LOW_48).tolist(), (own - begin).tolist(), strict=True):
            at.setdefault(anchor, place)
        samples.append(Sample(tuple(at), tuple(at.values())))
    return samples


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


@lru_cache(maxsize=128)  # asked for twice in a batch: for the furniture and for the fingerprint
def _text(paragraphs: tuple[str, ...]) -> _Text:
    folded = fold("\n".join(paragraphs))
    lines = lines_of(folded)
    return _Text(unspaced_share(folded) > MOSTLY, lines, _edges([line.key for line in lines]))


def _edges(hashes: Sequence[int]) -> tuple[int, ...]:
    if len(hashes) > 2 * EDGE_PARAGRAPHS:
        hashes = [*hashes[:EDGE_PARAGRAPHS], *hashes[-EDGE_PARAGRAPHS:]]
    return tuple(dict.fromkeys(hashes))
