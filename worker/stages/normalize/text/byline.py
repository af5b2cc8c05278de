"""Bylines: "By Ana Ruiz and John Smith, Reuters" to names."""

from __future__ import annotations

import re
from functools import cache

from worker.stages.normalize.furniture import words_of
from worker.stages.normalize.lines import PRINTED_DAY
from worker.stages.normalize.sections import MULTIWORD
from worker.stages.normalize.syndication import find_organisation

MAX_BYLINE = 140  # characters
_END = re.compile(
    rf"\s*(?:{PRINTED_DAY}|\d|[|•·●⋅]|\s[—–-]\s|(?<=[a-zà-ÿ])(?:Updated|Published|Posted)\b"
    r"|\b(?:Updated|Published|Posted|Special to|Staff Writer|Staff Reporter|in [A-Z][a-z]+)\b)"
)
_AND = re.compile(r"\s*(?:[,;/&、，・]|\s(?:and|y|e|und|et|en|i|и|و|with|con|com)\s)\s*")
_NOBODY = frozenset(
    ["the", "a", "an", "this", "that", "it", "we", "our", "us", "your", "my", "his", "her", "their", "staff", "admin"]
)


@cache
def _opener() -> re.Pattern[str]:
    longest_first = sorted(words_of("bylines"), key=len, reverse=True)
    spaced = "|".join(re.escape(word) for word in longest_first if word < "\u0e00")
    dense = "|".join(re.escape(word) for word in longest_first if word >= "\u0e00")
    return re.compile(rf"^(?:(?:{spaced})(?:\s*[:：]\s*|\s+)|(?:{dense or '(?!)'})[:：/\s]*)", re.IGNORECASE)


def read_byline(line: str) -> tuple[str, ...] | None:
    """The names of a byline in print order (an organisation is allowed); None where `line` is no byline.

    >>> read_byline("By Ana Ruiz and John Smith, Reuters")
    ('Ana Ruiz', 'John Smith')
    >>> read_byline("By Monday the rain had stopped.") is None
    True
    """
    if len(line) > MAX_BYLINE:
        return None
    opening = _opener().match(line)
    if opening is None:
        return None
    printed = line[opening.end() :]
    if cut := _END.search(printed):
        printed = printed[: cut.start()]
    parts = [part.strip(" .:()") for part in _AND.split(printed) if part.strip(" .:()")]
    names = [part for part in parts if _is_name(part)]
    if not names or names[0] != parts[0]:
        return None
    people = [name for name in names if find_organisation(name) is None]
    return tuple(dict.fromkeys(people or names[:1]))


def read_name(line: str) -> str | None:
    """The name of a line that holds one in two to four capitalised words, a post behind a comma allowed; else None.

    >>> read_name("Maren Solheim, transport correspondent")
    'Maren Solheim'
    >>> read_name("Latin America") is None
    True
    """
    name, _, post = line.partition(",")
    words = name.split()
    if not 2 <= len(words) <= 4 or len(post.split()) > 5 or tuple(name.casefold().split()) in MULTIWORD:
        return None
    spelt = all(
        word[0].isupper() and not word.isupper() and word.replace("-", "").replace("’", "").isalpha() for word in words
    )
    return name if spelt and (not post or post.strip()[:1].islower()) else None


def _is_name(part: str) -> bool:
    words = part.split()
    if part[:1] >= "\u0e00" or "\u0590" <= part[:1] < "\u0900":  # scripts without capitals
        return len(part) <= 30
    if not 1 <= len(words) <= 5 or words[0].casefold() in _NOBODY - {"the"}:
        return False
    if len(words) == 1 and find_organisation(part) is None and not part.isupper():
        return False
    capitals = sum(word[:1].isupper() for word in words)
    return words[0][:1].isupper() and words[-1][:1].isupper() and capitals * 2 >= len(words)
