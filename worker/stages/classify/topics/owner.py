"""The owner's topic rules: topics of their own, and words that give, lift or forbid a topic of the vocabulary."""

from __future__ import annotations

import difflib
import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from types import MappingProxyType
from typing import NamedTuple

from worker.errors import ConfigError
from worker.models import TopicEvidence
from worker.rules import TopicRule, TopicRules
from worker.stages.classify.topics.vocabulary import PREFIX, Vocabulary, normal

MAX_CHARS = 20_000  # of an article that the owner's words are looked for in


class Ruling(NamedTuple):
    """What the owner's rules say of one article; keyed by code."""

    given: dict[str, tuple[TopicRule, tuple[TopicEvidence, ...]]]
    boosts: dict[str, float]  # log odds
    forbidden: frozenset[str]
    sections: Mapping[str, str] = MappingProxyType({})  # topics that names around the article hint at


class _Compiled(NamedTuple):
    rule: TopicRule
    words: re.Pattern[str] | None
    exclude: re.Pattern[str] | None


NOTHING = Ruling({}, {}, frozenset())


def resolve(rules: TopicRules, vocabulary: Vocabulary) -> tuple[TopicRules, list[str]]:
    """The rules with retired codes replaced by their live ancestors, and a warning for each.

    Raises ConfigError for a code that the vocabulary does not know (one with another prefix is the owner's own), and
    for a rule that can never say anything.
    """
    topics, warnings = [], []
    for number, rule in enumerate(rules.topics, 1):
        code = rule.code
        if code.startswith(PREFIX) or code.isdigit():
            live = vocabulary.live(code)
            if live is None:
                raise ConfigError(
                    f"topics.toml: [[topics]] {number}: {code!r} is no code of IPTC Media Topics {vocabulary.release}; "
                    f"{_suggestion(code, vocabulary)}a topic of your own takes another prefix, as in local:harbour"
                )
            if vocabulary.is_retired(code):
                warnings.append(f"topics.toml: [[topics]] {number}: {code} is retired; {live} is used")
            code = live
        useless = _useless(rule)
        if useless:
            raise ConfigError(f"topics.toml: [[topics]] {number} ({rule.code}): {useless}")
        topics.append(rule.model_copy(update={"code": code}))
    return rules.model_copy(update={"topics": tuple(topics)}), warnings


def _useless(rule: TopicRule) -> str:
    """Why the rule can never say anything; empty when it can."""
    if not (rule.words or rule.exclude or rule.boost):
        return "has neither words nor exclude nor boost, so it says nothing; give it one of them"
    endless = any(word.endswith("*") for word in rule.words)
    if rule.words and not endless and rule.min_hits > len(set(rule.words)):
        return f"needs {rule.min_hits} different words but lists {len(set(rule.words))}; lower min_hits or add words"
    return ""


def _suggestion(code: str, vocabulary: Vocabulary) -> str:
    """The live code that was likely meant, by its label ("medtop:politics") or its digits; empty when none is near."""
    wanted = normal(code).removeprefix(PREFIX).strip().lower()
    by_label = {vocabulary.label(live).lower(): live for live in reversed(list(vocabulary))}  # of namesakes the upper
    label = difflib.get_close_matches(wanted.replace("-", " ").replace("_", " "), by_label, n=1, cutoff=0.8)
    digits = difflib.get_close_matches(normal(wanted), list(vocabulary), n=1, cutoff=0.9)
    meant = by_label[label[0]] if label else digits[0] if digits else None
    return f"did you mean {meant!r} ({vocabulary.label(meant)})? " if meant else ""


def ruling(headline: str | None, paragraphs: Sequence[str], language: str, rules: TopicRules) -> Ruling:
    """What the owner's rules say of an article."""
    if not rules.topics:
        return NOTHING
    parts: list[tuple[int | None, str]] = [(None, headline or ""), *enumerate(paragraphs)]
    room, read = MAX_CHARS, []
    for number, part in parts:
        read.append((number, part[:room]))
        room -= len(part)
        if room <= 0:
            break
    given: dict[str, tuple[TopicRule, tuple[TopicEvidence, ...]]] = {}
    boosts: dict[str, float] = {}
    forbidden: set[str] = set()
    for rule, words, exclude in _compiled(rules):
        if rule.languages and language not in rule.languages:
            continue
        if exclude and any(exclude.search(part) for _, part in read):
            forbidden.add(rule.code)
            continue
        found = _found(words, read) if words else {}
        if words and len(found) < rule.min_hits:
            continue
        if rule.boost:
            boosts[rule.code] = boosts.get(rule.code, 0.0) + rule.boost
        elif words and (rule.code not in given or rule.score > given[rule.code][0].score):
            given[rule.code] = (
                rule,
                tuple(
                    TopicEvidence(kind="rule", text=text, paragraph=number, weight=round(1 / len(found), 3))
                    for text, number in found.items()
                ),
            )
    return Ruling(given, boosts, frozenset(forbidden))


def _found(words: re.Pattern[str], parts: Sequence[tuple[int | None, str]]) -> dict[str, int | None]:
    """The distinct words found, in lower case, with the first paragraph of each."""
    found: dict[str, int | None] = {}
    for number, part in parts:
        for match in words.finditer(part):
            found.setdefault(match.group().lower(), number)
    return found


@lru_cache(maxsize=16)
def _compiled(rules: TopicRules) -> tuple[_Compiled, ...]:
    return tuple(_Compiled(rule, _pattern(rule.words), _pattern(rule.exclude)) for rule in rules.topics)


def _pattern(words: Sequence[str]) -> re.Pattern[str] | None:
    """Whole words and phrases, any case, any white space between; a star at the end stands for any ending."""
    if not words:
        return None
    forms = []
    for word in sorted(words, key=lambda word: (-len(word), word)):
        body = r"\s+".join(re.escape(part) for part in word.rstrip("*").split())
        spaced = bool(re.match(r"[^\u3040-\u9fff]", word))  # Chinese and Japanese do not part their words
        start, end = (r"(?<!\w)", r"\w*" if word.endswith("*") else r"(?!\w)") if spaced else ("", "")
        forms.append(start + body + end)
    return re.compile("|".join(forms), re.IGNORECASE)
