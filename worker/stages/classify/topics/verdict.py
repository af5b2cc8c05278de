"""From scores to a verdict: which topics are given, with second level and evidence, or why none is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from math import exp, log
from typing import Any, Literal, NamedTuple

import numpy as np

from worker.models import TopicEvidence, TopicLabel, TopicVerdict
from worker.rules import TopicRules
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.owner import Ruling
from worker.stages.classify.topics.scores import BatchScores, Terms, log_counts

Reason = Literal["too_short", "low_score", "low_margin", "unsupported_language", "no_known_words"]

RULE_FROM, RULE_SCORE = 0.1, 0.36  # a label this likely is lifted when its rule fires, to the measured precision
SUPPORT_HITS, SUPPORT_LINEAR = 3, -1.3  # half hits; log odds
PROSE_WORDS, PROSE_SHARE = 15, 0.12  # news has .3 to .45 function words, code and tables under .1
MAX_EVIDENCE = 6
CHILD_AT = 0.35  # share of the second-level hits within the topic that the best child needs
CHILD_LEAD = 1.15  # times the second child's hits
MIN_CHILD_HITS = 3 * 256  # one curated term


class Text(NamedTuple):
    """The words of one article and where its parts begin."""

    words: Sequence[Any]  # bytes in English, else str
    starts: Sequence[int]  # first word of the headline (0) and of each paragraph
    headline_words: int
    language: str

    def surface(self, place: int, size: int) -> str:
        """The words from `place` on as one string."""
        shown = [word if isinstance(word, str) else word.decode() for word in self.words[place : place + size]]
        if size == 1:
            return shown[0]
        return ("" if self.language == "zh" else " ").join(shown)


class Found(NamedTuple):
    """What was found in a batch, ready to be read an article at a time: scores over the topics, and the terms."""

    probability: list[list[float]]
    keywords: list[list[int]]
    linear: list[list[float]]
    children: list[list[int]]
    fires: list[list[bool]]
    says: Any  # what each term says for each topic, times how often it stands there
    position: list[int]
    size: list[int]  # words, or characters in Chinese, that each term covers
    bounds: list[int]  # of each article's terms
    function_words: list[int]


class Given(NamedTuple):
    """A topic before its place is known; its evidence is not yet validated, which is done for all at once."""

    code: str
    label: str
    score: float
    second_level: TopicLabel | None
    evidence: Sequence[TopicEvidence | dict[str, Any]]
    method: Literal["linear", "labels", "rules", "keywords"]


def readable(scores: BatchScores, terms: Terms, function_words: list[int], model: TopicModel) -> Found:
    """The arrays of a batch as lists: for 17 topics of one article these are several times as fast."""
    return Found(
        scores.probability.tolist(),
        scores.keywords.tolist(),
        scores.linear.tolist(),
        scores.children.tolist(),
        scores.fires.tolist(),
        (model.keyword[terms.term] * log_counts(terms.times)[:, None]).T.copy(),
        terms.position.tolist(),
        model.term_size[terms.term].tolist(),
        np.searchsorted(terms.document, np.arange(len(scores.probability) + 1)).tolist(),
        function_words,
    )


def abstain(reason: Reason, model: TopicModel) -> TopicVerdict:
    """No topic, and why."""
    return TopicVerdict(abstain_reason=reason, release=model.release, model_version=model.version)


def decide(text: Text, number: int, found: Found, said: Ruling, rules: TopicRules, model: TopicModel) -> TopicVerdict:
    """The topics of article `number` whose probability is high enough, and those the owner's rules give, best first."""
    reason = known_reason(text, number, found, rules)
    if reason:
        return by_owner_alone(said, rules, model) or abstain(reason, model)
    scored = [*_by_model(text, number, found, said, rules, model), *_by_owner(said, rules, model)]
    return _ranked(scored, rules, model) or abstain("low_score", model)


def by_owner_alone(said: Ruling, rules: TopicRules, model: TopicModel) -> TopicVerdict | None:
    """The verdict on a text that the model cannot judge; None when no rule of the owner gives a topic."""
    return _ranked(list(_by_owner(said, rules, model)), rules, model)


def _ranked(scored: list[Given], rules: TopicRules, model: TopicModel) -> TopicVerdict | None:
    best: dict[str, Given] = {}
    for topic in sorted(scored, key=lambda topic: -topic.score):
        best.setdefault(topic.code, topic)
    chosen = list(best.values())[: rules.max_topics]
    if not chosen:
        return None
    return TopicVerdict.model_validate(
        {
            "primary": chosen[0].code,
            "all": [
                topic._asdict() | {"role": "secondary" if place else "primary"} for place, topic in enumerate(chosen)
            ],
            "release": model.release,
            "model_version": model.version,
        }
    )


def _by_model(
    text: Text, number: int, found: Found, said: Ruling, rules: TopicRules, model: TopicModel
) -> Iterator[Given]:
    """The model's topics, best first, none when it is not sure of the first."""
    probability = _boosted(found.probability[number], said, model)
    lifted = [
        max(p, RULE_SCORE) if fires and p >= RULE_FROM else p
        for p, fires in zip(probability, found.fires[number], strict=True)
    ]
    ranked = sorted(range(len(lifted)), key=lambda top: -lifted[top])
    if lifted[ranked[0]] < rules.primary_at or not supported(ranked[0], number, found):
        return
    for place, top in enumerate(ranked[: rules.max_topics]):
        code, score = model.tops[top], lifted[top]
        if place and score < rules.secondary_at:
            break
        if code not in said.forbidden:
            yield Given(
                code,
                model.vocabulary.label(code, rules.language),
                round(score, 4),
                second_level(top, number, found, rules, model),
                evidence(top, number, text, found),
                "rules" if score > probability[top] else model.method(text.language),
            )


def _by_owner(said: Ruling, rules: TopicRules, model: TopicModel) -> Iterator[Given]:
    """The topics that the owner's rules give."""
    tree = model.vocabulary
    for code, (rule, words) in said.given.items():
        path = tree.path(code)
        first = path[0] if path else code
        if first in said.forbidden:
            continue
        child = None
        if len(path) > 1:
            child = TopicLabel(code=path[1], label=tree.label(path[1], rules.language), score=rule.score)
        label = tree.label(first, rules.language) if path else rule.label or code
        yield Given(first, label, rule.score, child, words, "rules")


def _boosted(probability: list[float], said: Ruling, model: TopicModel) -> list[float]:
    if not said.boosts:
        return probability
    boosted = list(probability)
    for code, boost in said.boosts.items():
        path = model.vocabulary.path(code)
        if path:
            top = model.tops.index(path[0])
            p = min(max(boosted[top], 1e-6), 1 - 1e-6)
            boosted[top] = 1 / (1 + exp(-(log(p / (1 - p)) + boost)))
    return boosted


def supported(top: int, number: int, found: Found) -> bool:
    """Whether more than a single word speaks for `top`.

    Measured on 200 texts that are no news and on short development texts: with one strong word enough, 25 of the
    former are given a topic and .95 of the latter; so 5 and .90; with -0.8 as the odds 3 and .88.
    """
    return found.keywords[number][top] >= SUPPORT_HITS or found.linear[number][top] >= SUPPORT_LINEAR


def second_level(top: int, number: int, found: Found, rules: TopicRules, model: TopicModel) -> TopicLabel | None:
    """The child of `top` that most of the words speak for, where one clearly leads."""
    all_hits = found.children[number]
    hits = {place: all_hits[place] for place in model.children_of[top]}
    first, *others = sorted(hits, key=lambda place: -hits[place])
    best, runner_up = hits[first], hits[others[0]] if others else 0
    share = best / max(sum(hits.values()), 1)
    if best < MIN_CHILD_HITS or share < CHILD_AT or best < CHILD_LEAD * runner_up:
        return None
    code = model.children[first]
    score = round(share * found.probability[number][top], 4)
    return TopicLabel(code=code, label=model.vocabulary.label(code, rules.language), score=score)


def evidence(top: int, number: int, text: Text, found: Found) -> list[TopicEvidence | dict[str, Any]]:
    """The words that speak most for `top`, as they stand in the article."""
    own = slice(found.bounds[number], found.bounds[number + 1])
    says = found.says[top, own].tolist()
    position, size = found.position[own], found.size[own]
    known = [term for term, strength in enumerate(says) if strength > 0]
    known.sort(key=says.__getitem__, reverse=True)
    total = sum(map(says.__getitem__, known))
    shown: dict[str, TopicEvidence | dict[str, Any]] = {}
    for term in known[: 2 * MAX_EVIDENCE]:
        place = position[term]
        surface = text.surface(place, size[term])
        if surface not in shown:
            part = bisect_right(text.starts, place) - 1
            shown[surface] = {
                "kind": "word",
                "text": surface,
                "paragraph": part - 1 if part else None,
                "weight": round(says[term] / total, 3),
            }
            if len(shown) == MAX_EVIDENCE:
                break
    return list(shown.values())


def known_reason(text: Text, number: int, found: Found, rules: TopicRules) -> Reason | None:
    """Why an article cannot be judged at all, if so."""
    length = len(text.words)
    if length < rules.min_words:
        return "too_short"
    if text.language == "en" and length >= PROSE_WORDS and found.function_words[number] < PROSE_SHARE * length:
        return "low_score"  # a table, a list, code
    if found.bounds[number] == found.bounds[number + 1]:
        return "no_known_words"
    return None
