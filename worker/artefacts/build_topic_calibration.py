"""Fit the calibration of the topic model: from features to the probability that a label is right.

Part of `build_topics`; needs scikit-learn (extra `train`). A handful of coefficients shared by all topics, fitted on
articles with several labels and on short texts with one, none of them a training text.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
from sklearn.linear_model import LogisticRegression

from worker.artefacts import Artefact, read
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.scores import (
    as_terms,
    distinct_terms,
    keyword_features,
    linear_features,
    linear_scores,
)
from worker.stages.classify.topics.tokens import english_words

MAX_WORDS = 450
SEED = 20231024
LEAD_WORDS, LEAD_WEIGHT = 45, 0.5  # each article once more as its first words: short texts have fewer hits
SHORT_TEXTS, SHORT_WEIGHT = 4000, 0.03  # of the single-label development texts; each counts little
LOG_HITS = 1  # which feature is ln(1 + distinct hits)


def features(pairs: list[tuple[str, str]], model: TopicModel) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The features of (headline, text) pairs: documents × topics × features, the linear ones last."""
    headlines = [english_words(headline) for headline, _ in pairs]
    tokens = [(head + english_words(text))[:MAX_WORDS] for head, (_, text) in zip(headlines, pairs, strict=True)]
    matches, heads = model.words.find(tokens), np.array([len(head) for head in headlines])
    items = distinct_terms(matches, heads)
    linear = linear_scores(items, len(pairs), model)
    found, _, _ = keyword_features(as_terms(items, model), len(pairs), model)
    return np.stack(found + linear_features(linear), 2)


def calibrate(artefact: Artefact, data: Path) -> dict[str, Any]:
    """The `coefficients` for texts with and without a linear model."""
    from worker.artefacts.build_topics import rows_of

    model = TopicModel.from_artefacts(artefact, read("vocabulary"))
    tops = [top.removeprefix("medtop:") for top in model.tops]
    articles = [row for row in rows_of(data / "topic/wikinews_multilabel.jsonl.gz") if row["primary"]]
    several = np.array([[top in row["topics"] for top in tops] for row in articles])
    parts = []
    for words_kept, weight in ((MAX_WORDS, 1.0), (LEAD_WORDS, LEAD_WEIGHT)):
        pairs = [(row["title"], " ".join(row["text"].split()[:words_kept])) for row in articles]
        parts.append((features(pairs, model), several, np.ones_like(several), weight))

    everything = rows_of(data / "topic/dev.jsonl.gz")
    chosen = np.random.default_rng(SEED).permutation(len(everything))[:SHORT_TEXTS]
    short = [everything[number] for number in chosen]
    x = features([("", row["text"]) for row in short], model)
    gold = np.array([[top == row["medtop"] for top in tops] for row in short])
    # One label each: a topic that the keywords see as well is unknown, not wrong.
    parts.append((x, gold, gold | (x[:, :, LOG_HITS] < np.log1p(1)), SHORT_WEIGHT))

    fitted = {}
    for name, last in (("linear", x.shape[2]), ("keywords", x.shape[2] - 2)):
        regression = LogisticRegression(C=1.0, max_iter=500).fit(
            np.concatenate([part[used][:, :last] for part, _, used, _ in parts]),
            np.concatenate([labels[used] for _, labels, used, _ in parts]),
            np.concatenate([np.full(int(used.sum()), weight) for _, _, used, weight in parts]),
        )
        fitted[name] = [round(float(value), 4) for value in (*regression.coef_[0], regression.intercept_[0])]
    return {"coefficients": fitted}
