"""What the rules say of blocks, which the learned judge cannot know: the headline said again, captions, the standfirst,
bylines, promotion and furniture between paragraphs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np

from worker.stages.normalize.blocks import Layout
from worker.stages.normalize.blocks.marks import words_of_tag
from worker.stages.normalize.blocks.segment import ID, OPEN, Ints
from worker.stages.normalize.furniture import scan
from worker.stages.normalize.lines import letters, read_lines
from worker.stages.normalize.metadata.date_text import parse
from worker.stages.normalize.metadata.dates import CHANGED
from worker.stages.normalize.syndication import Credit, split_credit
from worker.stages.normalize.text.byline import read_byline
from worker.stages.normalize.text.date_line import read_date_line
from worker.stages.normalize.text.recognise import LATEST

SHORT = 20  # words; longer blocks are never furniture by their words
CELL = 3  # words; shorter ones in tables and lists are names: half of those taken out stood in bodies
CAPTION = 40  # words of a line with a credit
LONG = 100  # words of a block that may be a whole text said again
LINKED = 0.99  # of the letters of a short block, before or behind the text: a menu
HEAD = 100  # blocks in which a byline is looked for
CAPTION_WORDS = frozenset({"caption", "credit", "credits", "figcaption", "copyright"})
# On 300 developer pages this took as much from bodies as it kept out (F1 .9488 with it, .9489 without): mastheads of
# newsletters are not on them, and on news pages they are what else would stay.
PROMO_WORDS = frozenset({"promo", "newsletter", "advert", "advertisement", "paywall"})
STANDFIRST_WORDS = frozenset(
    {"standfirst", "dek", "deck", "subtitle", "subheadline", "subhead", "chapo", "bajada", "strapline", "summary"}
)
HEADINGS = frozenset(ID[name] for name in ("h1", "h2", "h3", "h4", "h5", "h6"))
CELLS = frozenset(ID[name] for name in ("td", "th", "li", "dt", "dd"))


class Known(NamedTuple):
    """What the metadata say that may stand in the page again."""

    headlines: tuple[str, ...] = ()
    description: str | None = None
    article_body: str | None = None  # of JSON-LD


def read_roles(layout: Layout, kept: Sequence[int], known: Known) -> dict[int, str]:
    """The roles of blocks that are no paragraphs. Captions are found everywhere, the rest among the `kept`."""
    texts, words = layout.blocks.texts, layout.blocks.words
    roles = dict.fromkeys(np.flatnonzero(_inside(layout, ID["figcaption"])).tolist(), "caption")
    headlines = {letters(headline) for headline in known.headlines}
    description = letters(known.description or "")
    first = next((at for at in kept if words[at] >= SHORT and letters(texts[at]) != description), len(texts))
    last = next((at for at in reversed(kept) if words[at] >= SHORT), 0)
    furniture, credited = _by_words(texts, [at for at in kept if at not in roles and words[at] < CAPTION])
    for number, at in enumerate(kept):
        if at in roles:
            continue
        own = _class_words(layout, at, 0)
        key = letters(texts[at]) if at <= first and words[at] < LONG else ""
        if at <= first and (key in headlines or layout.names[at] == ID["h1"]):
            roles[at] = "headline"
        elif (own & CAPTION_WORDS and words[at] < LONG) or (at in credited and _is_credited(texts[at])):
            roles[at] = "caption"
        elif at <= first and _is_standfirst(layout, at, first, own, is_told=bool(key) and key == description):
            roles[at] = "standfirst"
        elif words[at] >= SHORT:
            continue
        elif (own | _class_words(layout, at, 1)) & PROMO_WORDS:
            roles[at] = "promo"
        elif at <= first and number < HEAD and read_byline(texts[at]):
            roles[at] = "byline"
        elif at <= first and number < HEAD and layout.names[at] not in HEADINGS and _is_date(texts[at]):
            roles[at] = "date"
        elif layout.blocks.link_share[at] > LINKED and not first < at < last:
            roles[at] = "links"
        elif at in furniture and layout.names[at] not in (HEADINGS if words[at] >= CELL else HEADINGS | CELLS):
            roles[at] = "furniture"
    return roles


def first_caption(texts: Sequence[str], roles: Mapping[int, str], body: Sequence[int]) -> Credit | None:
    """Caption and credit of the first picture between the headline and the end of the `body`."""
    top = min((at for at, role in roles.items() if role == "headline"), default=0)
    end = body[-1] if body else len(texts)
    first = next((at for at in sorted(roles) if roles[at] == "caption" and top - 1 <= at <= end), None)
    if first is None:
        return None
    printed = [texts[first]]
    if roles.get(first + 1) == "caption" and split_credit(texts[first]) is None:
        printed.append(texts[first + 1])
    return split_credit(" ".join(printed)) or Credit(texts[first], None)


def _by_words(texts: Sequence[str], places: Sequence[int]) -> tuple[frozenset[int], frozenset[int]]:
    """Which of the blocks at `places` are furniture by their words, and which may hold a credit."""
    lines = read_lines("\n".join(texts[at] for at in places)) if places else None
    if lines is None:
        return frozenset(), frozenset()
    signs, at = scan(lines), [places[number - 1] for number in lines.number]
    return (
        frozenset(place for place, kind in zip(at, signs.kind, strict=True) if kind is not None),
        frozenset(at[line] for line in signs.credit),
    )


def _inside(layout: Layout, name: int) -> Ints:
    """For each block, how many elements of this name enclose it."""
    tree, tags = layout.outline, layout.tags
    steps = np.zeros(len(tags.source), np.int32)
    opens = tree.opens[tags.name[tree.opens] == name]
    steps[opens] += 1
    steps[tree.match[opens]] -= 1
    inside: Ints = np.cumsum(steps, dtype=np.int32)[np.maximum(layout.blocks.gap - 1, 0)]
    return inside


def _class_words(layout: Layout, at: int, level: int) -> frozenset[str]:
    """The class words of the element that encloses a block (level 0), or of one further out."""
    position = int(layout.enclosing[level][at])
    source = layout.tags.source[position]
    return words_of_tag(source) if layout.tags.kind[position] == OPEN and " " in source else frozenset()


def _is_standfirst(layout: Layout, at: int, first: int, own: frozenset[str], *, is_told: bool) -> bool:
    """Whether a block before the first paragraph is the standfirst: marked so, or the description, boxed."""
    if own & STANDFIRST_WORDS and layout.blocks.words[at] < LONG:
        return at < first
    return is_told and at < first < len(layout.blocks.texts) and layout.enclosing[1][at] != layout.enclosing[1][first]


def _is_date(text: str) -> bool:
    """Whether a line holds a date and nothing else, or says when the text was changed."""
    if sum(map(str.isdigit, text)) < 3:
        return False
    return read_date_line(text, LATEST) is not None or (
        CHANGED.match(text) is not None and parse(text, LATEST) is not None
    )


def _is_credited(text: str) -> bool:
    found = split_credit(text)
    return found is not None and found.credit is not None
