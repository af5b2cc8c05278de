"""Fit the calibration of the topic model: from features to the probability that a label is right.

Part of `build_topics`; needs scikit-learn (extra `train`). A handful of coefficients shared by all topics, fitted on
articles with several labels and on short texts with one, none of them a training text. What the odds are worth is then
read off articles that their coefficients have not seen.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from sklearn.isotonic import IsotonicRegression
from sklearn.linear_model import LogisticRegression

from worker.artefacts import Artefact, read
from worker.stages.classify.topics.lexicon import english
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.scores import (
    ODDS,
    as_terms,
    distinct_terms,
    keyword_features,
    linear_features,
    linear_scores,
    says_of,
)

MAX_WORDS = 450
SEED = 20231024
LEAD_WORDS, LEAD_WEIGHT = 45, 0.5  # each article once more as its first words: short texts have fewer hits
SHORT_TEXTS, SHORT_WEIGHT = 4000, 0.06  # of the single-label development texts; each counts little
FOLDS = 5
SMOOTHED = 0.6  # log odds to either side over which the reliability curve is averaged
LOG_HITS = 1  # which feature is ln(1 + distinct hits)


def features(pairs: list[tuple[str, str]], model: TopicModel) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The features of (headline, text) pairs: documents × topics × features, the linear ones last."""
    texts = english(pairs, MAX_WORDS)
    matches, heads = model.words.find(texts), texts.part[1::2]
    items = distinct_terms(matches, heads)
    linear = linear_scores(items, len(pairs), model)
    terms = as_terms(items, model)
    found, _, _ = keyword_features(terms, says_of(terms, model), len(pairs), model)
    return np.stack(found + linear_features(linear), 2)


class Part(NamedTuple):
    """Texts with their features, which labels are right, which pairs are known to be right or wrong, and a weight."""

    x: Any  # documents × topics × features
    right: Any
    used: Any
    weight: float
    fold: Any  # of each document; -1 is in none


def calibrate(artefact: Artefact, data: Path) -> dict[str, Any]:
    """The `coefficients` for texts with and without a linear model, and the `reliability` of the odds they give."""
    parts = _parts(TopicModel.from_artefacts(artefact, read("vocabulary")), data)
    coefficients: dict[str, list[float]] = {}
    reliability: dict[str, list[float]] = {}
    for name, last in (("linear", parts[0].x.shape[2]), ("keywords", parts[0].x.shape[2] - 2)):
        cut = [part._replace(x=part.x[:, :, :last]) for part in parts]
        coefficients[name] = _fitted(cut)
        reliability[name] = _reliable(*_held_out(cut))
    return {"coefficients": coefficients, "reliability": reliability}


def _parts(model: TopicModel, data: Path) -> list[Part]:
    from worker.artefacts.build_topics import rows_of

    tops = [top.removeprefix("medtop:") for top in model.tops]
    articles = [row for row in rows_of(data / "topic/wikinews_multilabel.jsonl.gz") if row["primary"]]
    several = np.array([[top in row["topics"] for top in tops] for row in articles])
    fold = np.random.default_rng(SEED).permutation(len(articles)) % FOLDS
    parts = []
    for words_kept, weight in ((MAX_WORDS, 1.0), (LEAD_WORDS, LEAD_WEIGHT)):
        pairs = [(row["title"], " ".join(row["text"].split()[:words_kept])) for row in articles]
        parts.append(Part(features(pairs, model), several, np.ones_like(several), weight, fold))

    everything = rows_of(data / "topic/dev.jsonl.gz")
    chosen = np.random.default_rng(SEED).permutation(len(everything))[:SHORT_TEXTS]
    short = [everything[number] for number in chosen]
    x = features([("", row["text"]) for row in short], model)
    gold = np.array([[top == row["medtop"] for top in tops] for row in short])
    # One label each: a topic that the keywords see as well is unknown, not wrong.
    used = gold | (x[:, :, LOG_HITS] < np.log1p(1))
    return [*parts, Part(x, gold, used, SHORT_WEIGHT, np.full(len(short), -1))]


def _fitted(parts: list[Part], without: int = -2) -> list[float]:
    """The coefficients and intercept from the documents that are not in the fold `without`."""
    kept = [part.used & (part.fold != without)[:, None] for part in parts]
    regression = LogisticRegression(C=1.0, max_iter=500).fit(
        np.concatenate([part.x[used] for part, used in zip(parts, kept, strict=True)]),
        np.concatenate([part.right[used] for part, used in zip(parts, kept, strict=True)]),
        np.concatenate([np.full(int(used.sum()), part.weight) for part, used in zip(parts, kept, strict=True)]),
    )
    return [round(float(value), 4) for value in (*regression.coef_[0], regression.intercept_[0])]


def _held_out(parts: list[Part]) -> tuple[Any, Any]:
    """Odds of the whole articles' labels, each by coefficients that have not seen the article; and which are right."""
    whole = parts[0]
    odds = np.zeros(whole.right.shape)
    for fold in range(FOLDS):
        *slopes, intercept = _fitted(parts, fold)
        held = whole.fold == fold
        odds[held] = whole.x[held] @ slopes + intercept
    return odds.ravel(), whole.right.ravel()


def _reliable(odds: Any, right: Any) -> list[float]:
    """The share of right labels at each of `ODDS`, rising strictly so that no order is lost."""
    curve = IsotonicRegression(out_of_bounds="clip").fit(odds, right)
    near = np.linspace(-SMOOTHED, SMOOTHED, 41)
    share = np.array([curve.predict(at + near).mean() for at in ODDS])
    share = np.clip(share, 0.001, 0.99) + 0.0005 * np.arange(len(ODDS))
    return [round(float(value), 4) for value in share]
