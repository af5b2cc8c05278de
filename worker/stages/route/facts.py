"""What conditions ask about an article, worked out when first asked."""

from __future__ import annotations

import re
from functools import cached_property, lru_cache

from worker.models import CleanArticle, DuplicateKind, RegionScore, TopicLabel, TopicScore

NEVER_ROUTED: frozenset[DuplicateKind] = frozenset({"recapture", "exact_copy", "pending_copy"})
ON_REQUEST: frozenset[DuplicateKind] = frozenset({"near_copy", "excerpt"})  # only to routes that ask for them

_UNSPACED = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"  # Thai … Han
# Compiled when needed: wide ranges take 5 ms of each start.
_WORD = rf"[{_UNSPACED}]|[^\W_{_UNSPACED}]+(?:['’.-][^\W_{_UNSPACED}]+)*"


class Facts:
    """An article as conditions see it."""

    def __init__(self, clean: CleanArticle) -> None:
        self.clean = clean
        self.article = clean.article

    @cached_property
    def about(self) -> tuple[RegionScore, ...]:
        return (*self.clean.regions.about, *self.clean.regions.subdivisions)

    @cached_property
    def named(self) -> tuple[RegionScore, ...]:
        return (*self.about, *self.clean.regions.mentioned)

    @cached_property
    def topics(self) -> tuple[TopicScore | TopicLabel, ...]:
        return tuple(one for topic in self.clean.topics.all for one in (topic, topic.second_level) if one is not None)

    @cached_property
    def primary_topics(self) -> tuple[TopicScore | TopicLabel, ...]:
        primary = self.clean.topics.primary
        ours = [topic for topic in self.clean.topics.all if topic.code == primary]
        return tuple(one for topic in ours for one in (topic, topic.second_level) if one is not None)

    @cached_property
    def publishers(self) -> frozenset[str]:
        """Names and domains of who served this copy and who wrote it, in lower case."""
        organisations = (self.article.publisher, self.article.original_publisher)
        known = [value for one in organisations if one is not None for value in (one.name, one.domain)]
        return frozenset(value.casefold() for value in known if value)

    @cached_property
    def words(self) -> int:
        """Words of the text. In scripts without spaces each character counts, as word processors do."""
        return sum(len(re.findall(_WORD, paragraph)) for paragraph in self.article.text)

    @cached_property
    def reading(self) -> str:
        """Headline and text as one, for words and phrases."""
        return "\n".join((self.article.headline or "", *self.article.text))


@lru_cache(maxsize=1024)
def pattern(phrase: str) -> re.Pattern[str]:
    """A whole word or phrase in any case and spacing; `sanction*` stands for all that begin so.

    >>> bool(pattern("oil price*").search("Oil\\nprices rose"))
    True
    >>> bool(pattern("oil").search("turmoil"))
    False
    """
    stem = phrase.strip().removesuffix("*")
    body = r"\s+".join(re.escape(word) for word in stem.split())
    starts = r"\b" if _is_spaced(stem[:1]) else ""
    ends = r"\b" if _is_spaced(stem[-1:]) and not phrase.strip().endswith("*") else ""
    return re.compile(starts + body + ends, re.IGNORECASE)


def _is_spaced(char: str) -> bool:
    return bool(re.match(rf"[^\W{_UNSPACED}]", char))
