"""The owner's rules: the words that say when a name is a place and when it is none."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from worker.rules import RegionRule, RegionRules
from worker.stages.classify.regions.fold import fold
from worker.stages.classify.regions.gazetteer import OWN, Entry, owned_place
from worker.stages.classify.regions.match import Mention


def apply(mentions: Sequence[Mention], story: str, rules: RegionRules, language: str) -> list[Mention]:
    """The mentions that the owner's rules leave a place, with the place they give.

    Of the rules for a name the first that holds counts; when none holds, the name is no place. `story` is all that is
    read: headline and text. A name without a rule stays as it is.
    """
    ruled: dict[str, list[RegionRule]] = {}
    for rule in rules.rules:
        if not rule.languages or language in rule.languages:
            ruled.setdefault(fold(rule.name), []).append(rule)
    return [kept for mention in mentions if (kept := _ruled(mention, ruled.get(fold(mention.surface)), story))]


def _ruled(mention: Mention, rules: Iterable[RegionRule] | None, story: str) -> Mention | None:
    if rules is None:
        return mention
    for rule in rules:
        if holds(rule, mention, story):
            if rule.code:
                mention.entry = Entry((owned_place(rule.code),), OWN)
            return mention
    return None


def holds(rule: RegionRule, mention: Mention, story: str) -> bool:
    """Whether the words around a mention are those its rule asks for."""
    if rule.within:
        before = mention.text[max(0, mention.start - rule.within) : mention.start]
        read = f"{before}\n{mention.text[mention.end : mention.end + rule.within]}"
    else:
        read = story
    if rule.exclude and _pattern(rule.exclude).search(read):
        return False
    return not rule.words or _pattern(rule.words).search(read) is not None


def _pattern(words: Sequence[str]) -> re.Pattern[str]:
    """Whole words and phrases in any case; a star at the end stands for any ending. `re` keeps what it compiled."""
    forms = []
    for word in words:
        body = r"\s+".join(map(re.escape, word.rstrip("*").split()))
        solid = "\u3040" <= word[:1] <= "\u9fff"  # Chinese and Japanese do not part their words
        forms.append(body if solid else rf"(?<!\w){body}" + ("" if word.endswith("*") else r"(?!\w)"))
    return re.compile("|".join(forms), re.IGNORECASE)
