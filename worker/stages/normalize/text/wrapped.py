"""Hard-wrapped text, as in mail and old archives: its paragraphs as one line each again."""

from __future__ import annotations

import re
from itertools import pairwise

NARROWEST, WIDEST = 40, 100  # characters of the longest line; wider is no wrapping, narrower no prose
LEAST_PAIRS = 3  # lines that are full and have another right below
LONGEST = 20_000  # characters of a paragraph; a hostile one would be copied once for each of its lines
FULL_SHARE = 0.75  # of the lines with another below that must be full; in lists and menus few are
_OWN_LINE = re.compile(r"\s*(?:[-–—*•·>|#=+]|\d{1,3}[.)]|\[\d+\])\s")  # begins an item or a quotation
_WIDE_SIGN = "\u2e80"  # from here on scripts without blanks
_HYPHENED = re.compile(r"[^\W\d_]-$")


def unwrap(text: str) -> str:
    """`text` with its paragraphs on one line each, where a column broke them; else `text` itself.

    A line was broken by a column when the first word of the next would not have fitted. That must hold for most
    lines that have another right below, so verses, menus and tables stay as they are.
    """
    lines = text.split("\n")
    if any(len(line) > 2 * WIDEST and " " in line[:WIDEST].strip() and not line[WIDEST:].isspace() for line in lines):
        return text  # as most are: nothing more need be known
    column = max((len(line.rstrip()) for line in lines if " " in line.strip() or _is_wide(line)), default=0)
    if not NARROWEST <= column <= WIDEST:
        return text
    follows = [_may_follow(line, below) for line, below in pairwise(lines)]
    full = [can and _is_full(line, below, column) for can, (line, below) in zip(follows, pairwise(lines), strict=True)]
    if sum(full) < max(LEAST_PAIRS, FULL_SHARE * sum(follows)):
        return text
    joined = lines[:1]
    for line, above_full in zip(lines[1:], full, strict=True):
        if above_full and len(joined[-1]) < LONGEST:
            joined[-1] = _join(joined[-1], line)
        else:
            joined.append(line)
    return "\n".join(joined)


def _may_follow(line: str, below: str) -> bool:
    """Whether `below` may go on with the paragraph of `line`: not after a blank, indented further, or as an item."""
    indent, further = len(line) - len(line.lstrip()), len(below) - len(below.lstrip())
    return bool(line.strip() and below.strip()) and further <= indent and _OWN_LINE.match(below) is None


def _is_full(line: str, below: str, column: int) -> bool:
    """Whether what `below` begins with would not have fitted behind `line`."""
    line = line.rstrip()
    first = 1 if _is_wide(line) else 1 + len(below.split(maxsplit=1)[0])
    return len(line) + first > column - _is_wide(line)


def _is_wide(line: str) -> bool:
    return line.rstrip()[-1:] >= _WIDE_SIGN


def _join(line: str, below: str) -> str:
    line, below = line.rstrip(), below.strip()
    tight = (_is_wide(line) and below[0] >= _WIDE_SIGN) or (_HYPHENED.search(line[-2:]) and below[0].islower())
    return f"{line}{below}" if tight else f"{line} {below}"
