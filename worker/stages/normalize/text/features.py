"""What the line model sees: numbers about each line, its neighbours and its place, for a whole capture at once.

Nothing here depends on a language but the furniture phrases. "Mass" is the characters of lines that read like
sentences; where the mass lies is where the article is. A capture of a few lines costs numpy's calls and not their
work, so rows that belong together are made by one call.
"""

from __future__ import annotations

from collections import Counter

import numpy as np

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
    Floats,
    Ints,
    Lines,
)

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
_LONG = 1024
_LENGTH = np.array([min(int(np.log2(chars + 1) * 1.5), 15) for chars in range(_LONG)]) * 32
_LAST = (_BYTES & STOP != 0) * 16
_CAPITAL = (_BYTES & CAPITAL != 0) * 8
_REACH = np.array([[-radius] for radius in WINDOWS] + [[radius + 1] for radius in WINDOWS])
_MOST_PARTS = np.array([[5], [3]], np.float32)


def first_look(lines: Lines, signs: Signs) -> Floats:
    """One column a line. Only the first FIRST_LOOK of BOTH_LOOKS rows are filled: `second_look` fills the others."""
    total = len(lines.text)
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

    totals, running = running_sums(mass, chars)
    all_mass, all_chars = totals
    index = np.arange(total, dtype=np.float32)
    np.divide(index, total, out=rows[30])
    rows[31:34] = [[np.log(total)], [np.log1p(all_mass + 1e-6)], [(all_mass + 1e-6) / all_chars]]
    np.divide(running[:, :-1], [[all_mass + 1e-6], [all_chars]], out=rows[34:36])
    np.minimum(rows[21:24:2].cumsum(axis=1), _MOST_PARTS, out=rows[36:38])  # related lists and comments begun
    before, behind = windows(running, rows[38:54])
    kernel = before[1] + behind[1] + mass
    peak = int(kernel.argmax())
    np.divide(kernel, kernel[peak] + 1e-6, out=rows[54])
    big = (mass > 80).nonzero()[0]
    _distances(index, (peak, big[0], big[-1]) if len(big) else (peak, 200, -200), 200, rows[55:58])
    near = np.zeros((8, total + 2 * NEAR), np.float32)
    near[:7, NEAR:-NEAR] = rows[[0, 1, 14, 5, 4, 18, 15]]
    near[7, NEAR:-NEAR] = mass
    neighbours(near, NEAR, rows[58:FIRST_LOOK])
    return rows


def second_look(lines: Lines, rows: Floats, p: Floats) -> Floats:
    """`rows` of a first look, with what a first judge thought of each line, its neighbours, surroundings and likes."""
    total, words = len(p), lines.words
    clipped = np.minimum(np.maximum(p, 1e-3), 1 - 1e-3)
    near = np.full((1, total + 2 * NEAR_AGAIN), -7, np.float32)
    near[0, NEAR_AGAIN:-NEAR_AGAIN] = rows[FIRST_LOOK] = np.log(clipped / (1 - clipped))
    neighbours(near, NEAR_AGAIN, rows[107:115])
    mass = words * p
    (whole, everything), running = running_sums(mass, words)
    windows(running, rows[115:131])
    np.divide(running[0, :-1], whole + 1e-6, out=rows[131])
    rows[132:134] = [[np.log1p(whole + 1e-6)], [(whole + 1e-6) / everything]]
    sure = (p > SURE).nonzero()[0]
    index = np.arange(total, dtype=np.float32)
    _distances(index, (sure[0], sure[-1]) if len(sure) else (total + 100, -100), 100, rows[134:136])
    shape = _shapes(lines)
    alike, words_alike = np.bincount(shape, mass)[shape], np.bincount(shape, words)[shape]
    np.divide(alike - mass, words_alike - words + 3, out=rows[136])
    np.log1p(words_alike, out=rows[137])
    return rows


def running_sums(mass: Floats, everything: Floats) -> tuple[list[float], Floats]:
    """Both totals, and both running sums with a leading zero."""
    running = np.zeros((2, len(mass) + 1), np.float32)
    np.add.accumulate(np.array([mass, everything]), axis=1, out=running[:, 1:])
    return running[:, -1].tolist(), running


def neighbours(padded: Floats, reach: int, out: Floats) -> None:
    """The rows of `padded` as the lines 1 to `reach` before and after have them; `reach` columns stand on each side."""
    size, width = padded.shape
    total = width - 2 * reach
    step, line = padded.strides
    moved = np.ndarray((2 * reach + 1, size, total), np.float32, padded, strides=(line, step, line))
    by_place = out.reshape(2 * reach, size, total)
    by_place[:reach], by_place[reach:] = moved[:reach], moved[reach + 1 :]


def windows(running: Floats, out: Floats) -> tuple[Floats, Floats]:
    """For each of WINDOWS: how much of a mass stands in the lines before and behind, and its share of all there.

    Returns the masses before and behind, a row for each window.
    """
    half = len(WINDOWS)
    edges = np.arange(running.shape[1] - 1) + _REACH
    sums = running.take(edges, axis=1, mode="clip")
    np.subtract(running[:, None, :-1], sums[:, :half], out=sums[:, :half])
    np.subtract(sums[:, half:], running[:, None, 1:], out=sums[:, half:])
    mass, everything = sums
    np.log1p(mass, out=out[: 2 * half])
    everything += 1
    np.divide(mass, everything, out=out[2 * half :])
    return mass[:half], mass[half:]


def _blanks_around(lines: Lines, out: Floats) -> None:
    """Blank lines before and behind each line, 4 at most; none behind the last."""
    number = np.array(lines.number, np.float32)
    out[0, 0] = out[1, -1] = 0
    np.minimum(number[1:] - number[:-1] - 1, 4, out=out[0, 1:])
    out[1, :-1] = out[0, 1:]


def _copies(lines: Lines, out: Floats) -> None:
    """How often each line occurs, whether it occurred before, and how many long lines begin as it does."""
    heads = [text[:PREFIX] for text in lines.text]
    out[2] = [len(text) > 40 for text in lines.text]
    if len(set(heads)) == len(heads):
        out[0], out[1] = 1, 0
        return
    begun, times = Counter(heads), Counter(lines.text)
    out[0] = [min(times[text], 10) for text in lines.text]
    out[2] *= [min(begun[head], 10) for head in heads]
    seen: Counter[str] = Counter()
    for i, text in enumerate(lines.text):
        out[1, i] = min(seen[text], 5)
        seen[text] += 1


def _distances(index: Floats, places: tuple[int, ...], limit: int, out: Floats) -> None:
    """How many lines each line stands behind each place, `limit` at most."""
    np.subtract(index, np.array(places, np.float32)[:, None], out=out)
    np.minimum(np.maximum(out, -limit, out=out), limit, out=out)


def _further_in(lines: Lines, mass: Floats, out: Floats) -> None:
    """How much further in a line begins than most of the mass does, in blanks."""
    if not any(lines.indent):
        out[:] = 0
        return
    indent = np.array(lines.indent)
    usual = np.bincount(indent, mass).argmax()
    np.minimum(np.maximum(indent - usual, -12), 12, out=out)


def _shapes(lines: Lines) -> Ints:
    """A number for each line's shape: length, sentence end, capital and indent."""
    shapes: Ints = _LENGTH[np.minimum(lines.chars, _LONG - 1).astype(np.intp)]
    shapes += _LAST[lines.last]
    shapes += _CAPITAL[lines.first]
    if any(lines.indent):
        shapes += np.minimum(np.array(lines.indent) // 2, 7)
    return shapes
