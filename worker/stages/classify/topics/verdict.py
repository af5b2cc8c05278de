"""From scores to a verdict: which topics are given, with second level and evidence, or why none is."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Iterator, Sequence
from math import exp, log
from typing import Any, Literal, NamedTuple, TypedDict

import numpy as np

from worker.models import TopicEvidence, TopicVerdict
from worker.rules import TopicRules
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.owner import Ruling
from worker.stages.classify.topics.scores import BatchScores, Floats, Says, Terms, log_counts
from worker.stages.classify.topics.sections import SECTION_ODDS

Reason = Literal["too_short", "low_score", "low_margin", "unsupported_language", "no_known_words"]

RULE_FROM, RULE_SCORE = 0.1, 0.36  # a label this likely is lifted when its rule fires, to the measured precision
SUPPORT_HITS, SUPPORT_LINEAR = 3, -1.0  # half hits; log odds
PROSE_WORDS, PROSE_SHARE = 15, 0.12  # news has .3 to .45 function words, code and tables under .1
MAX_EVIDENCE = 6
CHILD_AT = 0.35  # share of the second-level hits within the topic that the best child needs
CHILD_LEAD = 1.15  # times the second child's hits
MIN_CHILD_HITS = 3 * 256  # one curated term


class Text(NamedTuple):
    """One article as it was read: how long it is and where its parts begin, in words (Chinese: characters)."""

    length: int
    starts: Sequence[int]  # first word of the headline (0) and of each paragraph
    headline_words: int
    language: str
    surface: Callable[[int, int], str]  # so many words from a place on, as one string


class Found(NamedTuple):
    """What was found in a batch, ready to be read an article at a time: scores over the topics, and the terms."""

    probability: list[list[float]]
    fires: list[list[bool]]
    lifted: list[list[float]]  # the probability, or what a fired rule makes of it
    ranked: list[list[int]]  # topics by what is lifted, best first
    supported: list[list[bool]]
    children: list[list[int]]
    terms: list[int]  # how many each article has
    speaking: Speaking
    position: list[int]
    size: list[int]  # words, or characters in Chinese, that each term covers
    function_words: list[int]


class Speaking(NamedTuple):
    """The terms that speak for a topic of an article, by article and topic, what says most first."""

    bounds: list[int]  # of the terms of each topic of each article
    term: list[int]
    strength: list[int]  # what the term says, times how often it stands there
    total: list[int]  # of each topic of each article


class Given(TypedDict):
    """A topic before its place is known; its parts are validated with all others at the end."""

    code: str
    label: str
    score: float
    second_level: dict[str, Any] | None
    evidence: Sequence[TopicEvidence | dict[str, Any]]
    method: Literal["linear", "labels", "rules", "keywords"]


def readable(scores: BatchScores, terms: Terms, says: Says, function_words: list[int], model: TopicModel) -> Found:
    """The arrays of a batch, as lists where an article has but 17 values: these are read several times as fast."""
    lifted = lift(scores.probability, scores.fires)
    return Found(
        scores.probability.tolist(),
        scores.fires.tolist(),
        lifted.tolist(),
        np.argsort(-lifted, axis=1, kind="stable").tolist(),
        supported(scores).tolist(),
        scores.children.tolist(),
        np.bincount(terms.document, minlength=len(lifted)).tolist(),
        speaking(terms, says, lifted.size),
        terms.position.tolist(),
        model.term_size[terms.term].tolist(),
        function_words,
    )


def speaking(terms: Terms, says: Says, cells: int) -> Speaking:
    """Which terms speak for which topic, the strongest first, of equals the first."""
    strength = says.value * log_counts(terms.times)[says.term]
    speaks = np.flatnonzero(strength > 0)
    strength, cell, term = strength[speaks], says.cell[speaks], says.term[speaks]
    order = np.lexsort((-strength, cell))
    return Speaking(
        cell[order].searchsorted(np.arange(cells + 1)).tolist(),
        term[order].tolist(),
        strength[order].tolist(),
        np.bincount(cell, strength, cells).astype(np.int64).tolist(),
    )


def lift(probability: Floats, fires: Any) -> Floats:
    """The probabilities, those of topics whose rule fires raised to what such a label is worth."""
    raised: Floats = np.where(fires & (probability >= RULE_FROM), np.maximum(probability, RULE_SCORE), probability)
    return raised


def supported(scores: BatchScores) -> Any:
    """Where more than a single word speaks for a topic.

    Measured on 200 texts that are no news and on short development texts: with one strong word enough, 25 of the
    former are given a topic and .95 of the latter; so 7 and .92; with -1.3 as the odds 8 and .92.
    """
    return (scores.keywords >= SUPPORT_HITS) | (scores.linear >= SUPPORT_LINEAR)


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
    for topic in sorted(scored, key=lambda topic: -topic["score"]):
        best.setdefault(topic["code"], topic)
    chosen = list(best.values())[: rules.max_topics]
    if not chosen:
        return None
    return TopicVerdict.model_validate(
        {
            "primary": chosen[0]["code"],
            "all": [{**topic, "role": "secondary" if place else "primary"} for place, topic in enumerate(chosen)],
            "release": model.release,
            "model_version": model.version,
        }
    )


def _by_model(
    text: Text, number: int, found: Found, said: Ruling, rules: TopicRules, model: TopicModel
) -> Iterator[Given]:
    """The model's topics, best first, none when it is not sure of the first."""
    probability, lifted, ranked = found.probability[number], found.lifted[number], found.ranked[number]
    if said.boosts or said.sections:
        probability = _boosted(probability, said, model)
        lifted = lift(np.array(probability), np.array(found.fires[number])).tolist()
        ranked = sorted(range(len(lifted)), key=lambda top: -lifted[top])
    first = ranked[0]
    if lifted[first] < rules.primary_at:
        return
    if not found.supported[number][first] and model.tops[first] not in said.sections:
        return
    for place, top in enumerate(ranked[: rules.max_topics]):
        code, score = model.tops[top], lifted[top]
        if place and score < rules.secondary_at:
            break
        if code not in said.forbidden:
            yield {
                "code": code,
                "label": model.vocabulary.label(code, rules.language),
                "score": round(score, 4),
                "second_level": second_level(top, number, found, rules, model),
                "evidence": [*evidence(top, number, text, found), *_section(code, said)],
                "method": "rules" if score > probability[top] else model.method(text.language),
            }


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
            child = {"code": path[1], "label": tree.label(path[1], rules.language), "score": rule.score}
        label = tree.label(first, rules.language) if path else rule.label or code
        yield {
            "code": first,
            "label": label,
            "score": rule.score,
            "second_level": child,
            "evidence": words,
            "method": "rules",
        }


def _section(code: str, said: Ruling) -> list[dict[str, Any]]:
    """The section's name as evidence for its topic; its weight is none, as weights are shares of the words."""
    return [{"kind": "section", "text": said.sections[code]}] if code in said.sections else []


def _boosted(probability: list[float], said: Ruling, model: TopicModel) -> list[float]:
    boosted = list(probability)
    for code, boost in (*said.boosts.items(), *((code, SECTION_ODDS) for code in said.sections)):
        path = model.vocabulary.path(code)
        if path:
            top = model.tops.index(path[0])
            p = min(max(boosted[top], 1e-6), 1 - 1e-6)
            boosted[top] = 1 / (1 + exp(-(log(p / (1 - p)) + boost)))
    return boosted


def second_level(top: int, number: int, found: Found, rules: TopicRules, model: TopicModel) -> dict[str, Any] | None:
    """The child of `top` that most of the words speak for, where one clearly leads."""
    places, children = model.children_of[top], found.children[number]
    hits = [children[place] for place in places]
    best, total = max(hits), sum(hits)
    if best < MIN_CHILD_HITS or best < CHILD_AT * total:
        return None
    first = hits.index(best)
    hits[first] = 0
    if best < CHILD_LEAD * max(hits):
        return None
    code = model.children[places[first]]
    score = round(best / total * found.probability[number][top], 4)
    return {"code": code, "label": model.vocabulary.label(code, rules.language), "score": score}


def evidence(top: int, number: int, text: Text, found: Found) -> list[TopicEvidence | dict[str, Any]]:
    """The words that speak most for `top`, as they stand in the article."""
    terms, cell = found.speaking, number * len(found.ranked[number]) + top
    begin, end = terms.bounds[cell], terms.bounds[cell + 1]
    looked_at = slice(begin, min(end, begin + 2 * MAX_EVIDENCE))
    shown: dict[str, TopicEvidence | dict[str, Any]] = {}
    for term, strength in zip(terms.term[looked_at], terms.strength[looked_at], strict=True):
        if len(shown) == MAX_EVIDENCE:
            break
        place = found.position[term]
        surface = text.surface(place, found.size[term])
        if surface not in shown:
            part = bisect_right(text.starts, place) - 1
            shown[surface] = {
                "kind": "word",
                "text": surface,
                "paragraph": part - 1 if part else None,
                "weight": round(strength / terms.total[cell], 3),
            }
    return list(shown.values())


def known_reason(text: Text, number: int, found: Found, rules: TopicRules) -> Reason | None:
    """Why an article cannot be judged at all, if so."""
    length = text.length
    if length < rules.min_words:
        return "too_short"
    if text.language == "en" and length >= PROSE_WORDS and found.function_words[number] < PROSE_SHARE * length:
        return "low_score"  # a table, a list, code
    if not found.terms[number]:
        return "no_known_words"
    return None
