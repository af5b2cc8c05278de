"""Fit the calibration of the topic model: from features to the probability that a label is right.

Part of `build_topics`; needs scikit-learn (extra `train`). A handful of coefficients shared by all topics, fitted on
whole articles with several labels, never on the training texts.
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
from worker.stages.classify.topics.tokens import words

MAX_WORDS = 450


def features(pairs: list[tuple[str, str]], model: TopicModel) -> np.ndarray[Any, np.dtype[np.float64]]:
    """The features of (headline, text) pairs: documents × topics × features, the linear ones last."""
    headlines = [words(headline) for headline, _ in pairs]
    tokens = [(head + words(text))[:MAX_WORDS] for head, (_, text) in zip(headlines, pairs, strict=True)]
    matches, heads = model.words.find(tokens), np.array([len(head) for head in headlines])
    linear = linear_scores(distinct_terms(matches, heads), len(pairs), model)
    found, _, _ = keyword_features(distinct_terms(as_terms(matches, model), heads), len(pairs), model)
    return np.stack(found + linear_features(linear), 2)


def calibrate(artefact: Artefact, data: Path) -> dict[str, Any]:
    """The `coefficients` for texts with and without a linear model."""
    from worker.artefacts.build_topics import rows_of

    model = TopicModel.from_artefacts(artefact, read("vocabulary"))
    articles = [row for row in rows_of(data / "topic/wikinews_multilabel.jsonl.gz") if row["primary"]]
    x = features([(row["title"], row["text"]) for row in articles], model)
    y = np.array([[top.removeprefix("medtop:") in row["topics"] for top in model.tops] for row in articles])
    fitted = {}
    for name, last in (("linear", x.shape[2]), ("keywords", x.shape[2] - 2)):
        regression = LogisticRegression(C=1.0).fit(x[:, :, :last].reshape(-1, last), y.ravel())
        fitted[name] = [round(float(value), 4) for value in (*regression.coef_[0], regression.intercept_[0])]
    return {"coefficients": fitted}
