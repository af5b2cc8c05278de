"""What the line model sees: numbers about each line, its neighbours and its place, for many captures at once.

Nothing here depends on a language but the furniture phrases. "Mass" is the characters of lines that read like
sentences; where the mass lies is where the article is. A capture of a few lines costs numpy's calls and not their
work, so rows that belong together are made by one call.
"""

from __future__ import annotations

from collections import Counter
from itertools import pairwise
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.normalize.furniture import COMMENTS, FURNITURE, KINDS, OPENER, READ_ON, RELATED, Signs
from worker.stages.normalize.lines import (
    CAPITAL,
    COMMAS,
    DIGIT,
    DIGITS,
    LETTER,
    LETTERS,
    SPACES,
    STOP,
    STOPS,
    WIDES,
    Bools,
    Floats,
    Ints,
    Lines,
)

Doubles = npt.NDArray[np.float64]

NEAR = 3  # lines before and after that are looked at one by one
NEAR_AGAIN = 4  # the same, for what a first judge thought
WINDOWS = (3, 8, 20, 50)
PREFIX = 32  # characters; lists of teasers repeat how they begin
SURE = 0.8  # probability from which a line marks the article's extent

FIRST_LOOK, BOTH_LOOKS = 106, 138  # rows

_BYTES = np.arange(256)
_FIRST = np.array([_BYTES & CAPITAL != 0, _BYTES & LETTER == 0, _BYTES & DIGIT != 0], np.float32)
_KIND = np.array(
    [[kind == k for k in (*range(len(KINDS)), -1)] for kind in (FURNITURE, OPENER, RELATED, READ_ON, COMMENTS)],
    np.float32,
)
_SHAPES = 512  # that a line may have
_LONG = 1024
_LENGTH = np.array([min(int(np.log2(chars + 1) * 1.5), 15) for chars in range(_LONG)]) * 32
_LAST = (_BYTES & STOP != 0) * 16
_CAPITAL = (_BYTES & CAPITAL != 0) * 8
_REACH = np.array([[-radius] for radius in WINDOWS] + [[radius + 1] for radius in WINDOWS])
_MOST_PARTS = np.array([[5], [3]], np.float32)


class Spans(NamedTuple):
    """Which capture each line belongs to."""

    begin: Ints  # of each capture: its first line
    end: Ints  # and the one behind its last
    size: Ints
    which: Ints  # of each line: its capture
    place: Floats  # and how many lines stand before it there

    @classmethod
    def of(cls, lines: Lines) -> Spans:
        begin, end = lines.bounds[:-1], lines.bounds[1:]
        size = end - begin
        which = np.arange(len(size)).repeat(size)
        return cls(begin, end, size, which, (np.arange(len(which)) - begin[which]).astype(np.float32))

    def reach(self, chosen: Bools, none: tuple[Ints | int, Ints | int]) -> list[Floats]:
        """The places in its capture of the first and last chosen line, a column a line; `none` where none is chosen."""
        hits = chosen.nonzero()[0]
        if not len(hits):
            return [np.broadcast_to(np.asarray(place, np.float32), self.size.shape)[self.which] for place in none]
        first = hits.take(hits.searchsorted(self.begin), mode="clip")
        last = hits.take(hits.searchsorted(self.end) - 1, mode="clip")
        has = (first >= self.begin) & (first < self.end)
        found = zip((first - self.begin, last - self.begin), none, strict=True)
        return [np.where(has, place, otherwise).astype(np.float32)[self.which] for place, otherwise in found]


def first_look(lines: Lines, signs: Signs) -> Floats:
    """One column a line. Only the first FIRST_LOOK of BOTH_LOOKS rows are filled: `second_look` fills the others."""
    total, spans = len(lines.text), Spans.of(lines)
    rows = np.empty((BOTH_LOOKS, total), np.float32)
    counts, chars, words = lines.counts, lines.chars, lines.words
    mass = chars * ((counts[STOPS] > 0) & (words > 8))
    ends_stop = (lines.last & STOP) != 0

    rows[0], rows[1], rows[2] = chars, words, counts[COMMAS]
    np.log1p(rows[:3], out=rows[:3])
    np.divide(counts[:5], words, out=rows[3:8])  # letters, capitals, stops, commas, quotes
    rows[8] = counts[STOPS]
    np.divide(counts[DIGITS], chars, out=rows[9])
    np.subtract(1, (counts[LETTERS] + counts[SPACES]) / chars, out=rows[10])
    rows[11:14] = _FIRST[:, lines.first]
    rows[14], rows[15], rows[16] = ends_stop, lines.ends, counts[WIDES] > 0
    rows[17], rows[18] = signs.covered, signs.menu
    rows[19:24] = _KIND[:, [-1 if kind is None else kind for kind in signs.kind]]
    _further_in(lines, mass, rows[24])
    _blanks_around(lines, rows[25:27])
    _copies(lines, rows[27:30])

    totals, running = running_sums(mass, chars, spans)
    all_mass, all_chars = totals[:, spans.which]
    np.divide(spans.place, spans.size[spans.which], out=rows[30])
    rows[31], rows[32] = np.log(spans.size)[spans.which], np.log1p(totals[0] + 1e-6)[spans.which]
    all_mass += 1e-6
    np.divide(all_mass, all_chars, out=rows[33])
    np.divide(running[:, :-1] - running[:, spans.begin[spans.which]], [all_mass, all_chars], out=rows[34:36])
    begun = rows[21:24:2].cumsum(axis=1)  # related lists and comments
    before_it = np.where(spans.begin, begun[:, spans.begin - 1], 0)
    np.minimum(begun - before_it[:, spans.which], _MOST_PARTS, out=rows[36:38])
    before, behind = windows(running, spans, rows[38:54])
    kernel = before[1] + behind[1] + mass
    highest = np.maximum.reduceat(kernel, spans.begin)[spans.which]
    np.divide(kernel, highest + 1e-6, out=rows[54])
    peak, _ = spans.reach(kernel == highest, (0, 0))
    _distances(spans, [peak, *spans.reach(mass > 80, (200, -200))], 200, rows[55:58])
    seen = np.empty((8, total), np.float32)
    seen[:7], seen[7] = rows[[0, 1, 14, 5, 4, 18, 15]], mass
    neighbours(seen, spans, NEAR, 0, rows[58:FIRST_LOOK])
    return rows


def second_look(lines: Lines, rows: Floats, p: Floats) -> Floats:
    """`rows` of a first look, with what a first judge thought of each line, its neighbours, surroundings and likes."""
    spans, words = Spans.of(lines), lines.words
    clipped = np.minimum(np.maximum(p, 1e-3), 1 - 1e-3)
    rows[FIRST_LOOK] = np.log(clipped / (1 - clipped))
    neighbours(rows[FIRST_LOOK : FIRST_LOOK + 1], spans, NEAR_AGAIN, -7, rows[107:115])
    mass = words * p
    totals, running = running_sums(mass, words, spans)
    whole, everything = totals[:, spans.which]
    windows(running, spans, rows[115:131])
    np.divide(running[0, :-1] - running[0, spans.begin[spans.which]], whole + 1e-6, out=rows[131])
    rows[132], rows[133] = np.log1p(totals[0] + 1e-6)[spans.which], (whole + 1e-6) / everything
    _distances(spans, spans.reach(p > SURE, (spans.size + 100, -100)), 100, rows[134:136])
    shape = _shapes(lines) + _SHAPES * spans.which
    alike, words_alike = np.bincount(shape, mass)[shape], np.bincount(shape, words)[shape]
    np.divide(alike - mass, words_alike - words + 3, out=rows[136])
    np.log1p(words_alike, out=rows[137])
    return rows


def running_sums(mass: Floats, everything: Floats, spans: Spans) -> tuple[Doubles, Doubles]:
    """Both totals of each capture, and both running sums over all lines with a leading zero."""
    running = np.zeros((2, len(mass) + 1))
    np.cumsum([mass, everything], axis=1, out=running[:, 1:])
    return running[:, spans.end] - running[:, spans.begin], running


def neighbours(rows: Floats, spans: Spans, reach: int, outside: float, out: Floats) -> None:
    """`rows` as the lines 1 to `reach` before and after have them; `outside` where the capture has no such line."""
    size, total = rows.shape
    padded = np.full((size, total + reach * (len(spans.size) + 1)), outside, np.float32)
    at = np.arange(total) + reach * (spans.which + 1)
    padded[:, at] = rows
    steps = [*range(-reach, 0), *range(1, reach + 1)]
    for step, near in zip(steps, out.reshape(2 * reach, size, total), strict=True):
        padded.take(at + step, axis=1, out=near, mode="clip")


def windows(running: Doubles, spans: Spans, out: Floats) -> tuple[Floats, Floats]:
    """For each of WINDOWS: how much of a mass stands in the lines before and behind, and its share of all there.

    Returns the masses before and behind, a row for each window.
    """
    half = len(WINDOWS)
    edges = np.arange(running.shape[1] - 1) + _REACH
    np.maximum(edges[:half], spans.begin[spans.which], out=edges[:half])
    np.minimum(edges[half:], spans.end[spans.which], out=edges[half:])
    sums = running.take(edges, axis=1)
    np.subtract(running[:, None, :-1], sums[:, :half], out=sums[:, :half])
    np.subtract(sums[:, half:], running[:, None, 1:], out=sums[:, half:])
    mass, everything = sums.astype(np.float32)
    np.log1p(mass, out=out[: 2 * half])
    everything += 1
    np.divide(mass, everything, out=out[2 * half :])
    return mass[:half], mass[half:]


def _blanks_around(lines: Lines, out: Floats) -> None:
    """Blank lines before and behind each line, 4 at most; none before the first and behind the last."""
    number = np.array(lines.number, np.float32)
    np.minimum(number[1:] - number[:-1] - 1, 4, out=out[0, 1:])
    out[1, :-1] = out[0, 1:]
    out[0, lines.bounds[:-1]] = out[1, lines.bounds[1:] - 1] = 0


def _copies(lines: Lines, out: Floats) -> None:
    """How often each line occurs, whether it occurred before, and how many long lines begin as it does."""
    out[0], out[1] = 1, 0
    out[2] = lines.chars > 40
    for begin, end in pairwise(lines.bounds.tolist()):
        texts = lines.text[begin:end]
        heads = [text[:PREFIX] for text in texts]
        if len(set(heads)) == len(heads):
            continue
        begun, times = Counter(heads), Counter(texts)
        seen: Counter[str] = Counter()
        for i, (text, head) in enumerate(zip(texts, heads, strict=True), begin):
            if begun[head] == 1:
                continue
            out[0, i], out[1, i] = min(times[text], 10), min(seen[text], 5)
            out[2, i] *= min(begun[head], 10)
            seen[text] += 1


def _distances(spans: Spans, places: list[Floats], limit: int, out: Floats) -> None:
    """How many lines each line stands behind each place in its capture, `limit` at most."""
    for place, row in zip(places, out, strict=True):
        np.subtract(spans.place, place, out=row)
    np.minimum(np.maximum(out, -limit, out=out), limit, out=out)


def _further_in(lines: Lines, mass: Floats, out: Floats) -> None:
    """How much further in a line begins than most of the mass of its capture does, in blanks."""
    out[:] = 0
    for begin, end in pairwise(lines.bounds.tolist()):
        if any(lines.indent[begin:end]):
            indent = np.array(lines.indent[begin:end])
            usual = np.bincount(indent, mass[begin:end]).argmax()
            np.minimum(np.maximum(indent - usual, -12), 12, out=out[begin:end], casting="unsafe")


def _shapes(lines: Lines) -> Ints:
    """A number for each line's shape: length, sentence end, capital and indent."""
    shapes: Ints = _LENGTH[np.minimum(lines.chars, _LONG - 1).astype(np.intp)]
    shapes += _LAST[lines.last]
    shapes += _CAPITAL[lines.first]
    if any(lines.indent):
        shapes += np.minimum(np.array(lines.indent) // 2, 7)
    return shapes
