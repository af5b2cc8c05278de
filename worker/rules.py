"""What the owner decides: frozen, validated, read by the stages as an argument.

Configuration forbids unknown keys, because typos must speak. Each number tells where it was measured
or that it is a judgement.
"""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from worker.models import DuplicateKind


class Rules(BaseModel):
    """The base of all rules."""

    model_config = ConfigDict(frozen=True, extra="forbid", defer_build=True)  # once, as part of the whole


class NormalizeRules(Rules):
    max_body_bytes: int = Field(default=8 * 1024 * 1024, gt=0)  # bytes; larger is dropped as too_large
    max_depth: int = Field(default=512, gt=0)  # open tags; the deepest of 300 real pages had 38
    max_attributes: int = Field(default=512, gt=0)  # in one tag; the most of 300 real pages was 30
    max_text_run: int = Field(default=2 * 1024 * 1024, gt=0)  # characters in one text node
    min_words: int = Field(default=20, ge=0)  # fewer, and without a headline: too_short
    infer_dates: bool = False  # true: ask htmldate when a page names no date; always flagged date_inferred


class DedupRules(Rules):
    window_days: int = Field(default=28, gt=0)  # days a story is remembered
    budget_mb: int = Field(default=0, ge=0)  # MiB the index may hold; over it, the oldest goes first; 0: no bound
    # Fewer words are never merged by text: at one anchor in eight runs, 36 words leave four anchors on average. At 30,
    # two briefs of 30 words of the developer file were merged into longer pages; 32 to 40 find the same copies.
    min_words: int = Field(default=36, ge=0)
    lease_s: int = Field(default=900, gt=0)  # seconds a pending claim is held before another may take over
    df_cap: int = Field(default=16, gt=1, le=16)  # stories; an anchor owned by as many is dead
    # An anchor is a sampled run of words. Merge at `same_at` of the anchors, but at `few_same_at` where fewer than
    # `few_anchors` speak: of 375 merges in 7,000 Reuters stories that left 23 doubtful ones instead of 67.
    same_at: float = Field(default=0.4, gt=0, le=1)
    few_same_at: float = Field(default=0.7, gt=0, le=1)
    few_anchors: int = Field(default=6, gt=0)
    min_anchors: int = Field(default=3, gt=0)  # fewer shared are chance
    related_at: float = Field(default=0.3, gt=0, le=1)  # below `same_at`: said, never dropped (judgement)
    # Reports made from one template share their words and differ in their numbers.
    min_numbers: int = Field(default=4, gt=0)  # fewer comparable numbers say nothing
    numbers_agree_at: float = Field(default=0.55, ge=0, le=1)  # half is what two reports of one template reach
    # Short items under one long footer share the footer: on one site something else must be shared as well, once
    # each of the two texts has so many words of its own (counted by anchors, 2 to 13 such items were merged on the
    # developer file, depending on which runs of words were sampled).
    min_fresh_words: int = Field(default=12, gt=0)
    excerpt_below: float = Field(default=0.6, gt=0)  # words of this text / words of the held one
    fuller_above: float = Field(default=1.25, gt=1)  # longer: it supersedes the held one
    digest_above: float = Field(default=5.0, gt=1)  # still longer: it contains the held one (judgement)
    # Which capture stands for its story: a fuller text always; else the better source, else who published it first.
    publishers: tuple[str, ...] = Field(default=(), max_length=31)  # domains, the best first; others come after them
    earlier_by_s: int = Field(
        default=600, ge=0
    )  # seconds, where both tell the minute (judgement); 0: time never counts
    furniture_urls: int = Field(default=8, gt=1)  # addresses of a site that show one paragraph; two stories also do


class RegionRule(Rules):
    """When a name is a place. Of the rules for one name the first that holds counts; when none holds it is no place."""

    name: str = Field(min_length=1)
    code: str = ""  # of the place; none: what the gazetteer says
    words: tuple[str, ...] = ()  # any of these must be found; none: always. `minist*` any ending
    exclude: tuple[str, ...] = ()  # none of these may be found
    within: int = Field(default=0, ge=0, le=1000)  # characters on each side of the name; 0: headline and text
    languages: tuple[str, ...] = ()  # two letters; none: all


class RegionRules(Rules):
    about_share: float = Field(default=0.3, gt=0, le=1)  # of the top score; less is a mention
    names: dict[str, str] = Field(default_factory=dict)  # the owner's own names → region code
    ignore: tuple[str, ...] = ()  # phrases that are no place
    rules: tuple[RegionRule, ...] = ()
    boosts: dict[str, Annotated[float, Field(ge=0, le=10)]] = Field(default_factory=dict)  # country → times its weight


class TopicRule(Rules):
    """What the owner says of one topic. `words` and `exclude` are whole words or phrases; `minist*` any ending."""

    code: str = Field(min_length=1)  # medtop:… of the first or second level, or one's own as in local:harbour
    label: str = ""  # of one's own topic
    words: tuple[str, ...] = ()  # what must be found
    min_hits: int = Field(default=1, gt=0)  # distinct ones of `words`
    exclude: tuple[str, ...] = ()  # any of these found: the topic is never given
    boost: float = 0.0  # log odds to add instead of giving the topic; below 0 makes it rarer
    score: float = Field(default=0.9, gt=0, le=1)  # of the topic when it is given
    languages: tuple[str, ...] = ()  # two letters; none: all


class TopicRules(Rules):
    language: str = "en-GB"  # of the labels
    primary_at: float = Field(default=0.27, ge=0, le=1)
    secondary_at: float = Field(default=0.33, ge=0, le=1)
    max_topics: int = Field(default=4, gt=0)
    min_words: int = Field(default=8, ge=0)  # fewer words in headline and text: too_short
    topics: tuple[TopicRule, ...] = ()


class Condition(Rules):
    """What an article must be for a route to take it. All that is given must hold; a list means any of it.

    Codes: regions are ISO 3166-1 alpha-2 (`VE`), ISO 3166-2 (`US-FL`) or UN M49 (`m49:005`, by name
    `region:south-america`); topics are `medtop:…` codes and hold for their children too.
    """

    regions: tuple[str, ...] = ()  # what the story is about
    primary_region: tuple[str, ...] = ()
    mentions: tuple[str, ...] = ()  # about or mentioned
    topics: tuple[str, ...] = ()
    primary_topic: tuple[str, ...] = ()
    min_topic_score: float | None = Field(default=None, ge=0, le=1)
    min_region_score: float | None = Field(default=None, ge=0, le=1)
    languages: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    publishers: tuple[str, ...] = ()  # names or domains, of the copy or of the original
    duplicates: tuple[DuplicateKind, ...] = ()
    flags: tuple[str, ...] = ()  # quality flags
    is_excerpt: bool | None = None
    min_words: int | None = Field(default=None, ge=0)
    max_words: int | None = Field(default=None, ge=0)
    published_after: str | None = None  # ISO 8601 date or time
    published_before: str | None = None
    words: tuple[str, ...] = ()  # words or phrases in headline or text, whole words, any case
    all: tuple[Condition, ...] = ()
    any: tuple[Condition, ...] = ()
    not_: Condition | None = Field(default=None, alias="not")


class Route(Rules):
    """One rule of `routes.toml`. The first that matches wins, unless it says `continue`."""

    name: str = Field(min_length=1)
    when: Condition = Condition()
    sinks: tuple[str, ...] = ()  # none: matched and kept nowhere, on purpose
    duplicates: tuple[Literal["near_copy", "excerpt"], ...] = ()  # copies this route wants as well
    continue_: bool = Field(default=False, alias="continue")
    why: str = ""  # for people
