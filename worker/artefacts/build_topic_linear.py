"""Train the linear model of English: one logistic regression a topic over words and pairs of words.

Part of `build_topics`; needs scikit-learn (extra `train`); never used at run time.

The training texts carry one label each, so a text on sanctions counts as "not economy". Where the keyword families
see another topic with two hits or more, the text is left out of that topic's negatives; topics with hardly a text of
their own (labour, weather) take such texts as examples, beside those in `topic_sources/training/`.

Each topic's weights are the mean of two models, of which the second weighs a word by how unlike its share is among the
topic's texts and among the others (Wang & Manning, ACL 2012): being both linear they are one at run time. The sources
file protests under politics or crime; the vocabulary has them under conflict ("rallies, strikes, demonstrations, riots",
20000065), so there such a text is an example of that topic, and of no other.

Names tell the year and the source more than the topic, so they count for less; and how common a topic is in the
training sources says little of the next source, so half of it is taken out of the intercepts. What both are worth:
see the model card.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import scipy.sparse as sp
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import SGDClassifier

from worker.stages.classify.topics.scores import LOG_UNIT
from worker.stages.classify.topics.tokens import english_words

SEED = 20231024
CRIME, POLITICS, CONFLICT = "02000000", "11000000", "16000000"
CIVIL_UNREST = "20000065"
MAX_WORDS = 450
MIN_TEXTS = 3  # a word or pair in fewer training texts is not learnt
ALPHA, EPOCHS = 1e-6, 5
NAME_COUNTS = 0.5  # of what another word counts
NAME_SHARE, NAME_SEEN = 0.85, 4  # of a word's places inside a sentence that have a capital; places at least
INSIDE = re.compile(r"(?<=[a-z,;:)] )[A-Za-z][\w'’-]*")
PRIOR_REMOVED = 0.5  # of the log share of a topic's training texts
SEEN_HITS, FEW_TEXTS = 2, 100
NO_DATA_BIAS = -9.0
RATIO_SHARE = 0.35  # of the model whose words are weighted by how unlike their shares are, beside the plain one
JOINED_SHARE = 4  # for every 4 texts of a topic one longer text is made by joining 2 to 12 of them


class Linear(NamedTuple):
    """The model before it is packed: items across, topics down."""

    items: list[str]
    weight: npt.NDArray[np.float32]
    bias: npt.NDArray[np.float32]


def grams(text: str) -> list[str]:
    """Words and pairs (`a_b`) of the first words of `text`."""
    found = [word.decode() for word in english_words(text)[:MAX_WORDS]]
    return found + [f"{first}_{second}" for first, second in pairwise(found)]


def names(prose: Iterable[str]) -> set[str]:
    """The words that are hardly ever without a capital inside the sentences of `prose` (no headlines)."""
    seen, capital = Counter[str](), Counter[str]()
    for text in prose:
        for word in INSIDE.findall(text):
            for part in english_words(word + " "):
                seen[part.decode()] += 1
                capital[part.decode()] += word[0].isupper()
    return {word for word, times in seen.items() if times >= NAME_SEEN and capital[word] > NAME_SHARE * times}


def weighted(counts: Any) -> Any:
    """1 + ln(count), rows of length one; what the run time computes too."""
    x = counts.astype(np.float64).tocsr(copy=True)
    x.data = np.rint(LOG_UNIT * (1 + np.log(x.data)))
    norms = np.sqrt(np.asarray(x.multiply(x).sum(1))).ravel()
    return sp.diags(1 / np.maximum(norms, 1)) @ x


def train(
    texts: Sequence[str],
    labels: Sequence[str],
    tops: Sequence[str],
    keyword: dict[str, npt.NDArray[np.int8]],
    weights: Sequence[float],
    called: set[str],
    unrest: set[str],
) -> Linear:
    """The model trained on `texts`, each with the code of one topic in `labels` ("" = none of them).

    `called` are the words that count less because they are names; topics' own keywords are none. `unrest` are the words
    that tell a protest.
    """
    vectorizer = CountVectorizer(analyzer=grams, min_df=MIN_TEXTS)
    counts = vectorizer.fit_transform(texts)
    vocabulary = vectorizer.vocabulary_
    items = sorted(vocabulary, key=vocabulary.__getitem__)
    says = np.array([keyword.get(item, np.zeros(len(tops), np.int8)) for item in items], np.float32)
    hits = np.maximum((counts > 0).astype(np.float32) @ says, 0) / 2
    own = np.array([[label == top for top in tops] for label in labels])
    seen = (hits >= SEEN_HITS) & np.array([label != "" for label in labels])[:, None]
    positive = own | (seen & (own.sum(0) < FEW_TEXTS))
    used = positive | ~seen
    telling = [vocabulary[word] for word in sorted(unrest & vocabulary.keys())]
    protests = (np.asarray(counts[:, telling].sum(1)).ravel() > 0) & np.isin(labels, (POLITICS, CRIME))
    used[protests] = positive[protests] = np.array(tops) == CONFLICT
    weight_of = np.array(weights)

    joined, joined_labels = _joined(labels, tops)
    counts = sp.vstack([counts, joined @ counts]).tocsr()
    positive = np.vstack([positive, joined_labels])
    used = np.vstack([used, np.ones_like(joined_labels)])
    weight_of = np.concatenate([weight_of, np.ones(len(joined_labels))])

    share = np.log(np.maximum(own.mean(0), 1 / len(texts)))
    tamed = called - {item for item in items if item in keyword}
    counted = np.array([NAME_COUNTS if tamed & {*item.split("_")} else 1.0 for item in items])
    x = weighted(counts)
    found = (counts > 0).astype(np.float64)
    weight, bias = np.zeros((len(tops), len(items)), np.float32), np.full(len(tops), NO_DATA_BIAS, np.float32)
    for column in range(len(tops)):
        rows = np.flatnonzero(used[:, column])
        target = positive[rows, column]
        if target.sum() < 20:
            continue
        ratio = counted * _telling(found[rows], target)
        bias[column] = -PRIOR_REMOVED * (share[column] - share.max())
        for part, scaled in ((1 - RATIO_SHARE, counted), (RATIO_SHARE, ratio)):
            fitted = SGDClassifier(
                loss="log_loss", alpha=ALPHA, max_iter=EPOCHS, tol=None, average=True, random_state=SEED
            ).fit((x[rows] @ sp.diags(scaled)).tocsr(), target, sample_weight=weight_of[rows])
            weight[column] += part * fitted.coef_[0] * scaled
            bias[column] += part * fitted.intercept_[0]
    return Linear(items, weight, bias)


def _telling(found: Any, target: npt.NDArray[np.bool_]) -> npt.NDArray[np.float64]:
    """How unlike its share among the texts of a topic an item's share among the others is: |log of their ratio|."""
    inside = np.asarray(found[np.flatnonzero(target)].sum(0)).ravel() + 1
    outside = np.asarray(found[np.flatnonzero(~target)].sum(0)).ravel() + 1
    ratio: npt.NDArray[np.float64] = np.abs(np.log(inside / inside.sum() * outside.sum() / outside))
    return ratio


def _joined(labels: Sequence[str], tops: Sequence[str]) -> tuple[Any, npt.NDArray[np.bool_]]:
    """A matrix that adds up texts of one topic into longer ones, as articles are 10 to 30 times as long; its labels."""
    random = np.random.default_rng(SEED)
    groups: list[npt.NDArray[np.int64]] = []
    names: list[int] = []
    for column, top in enumerate(tops):
        members = np.array([number for number, label in enumerate(labels) if label == top])
        for _ in range(len(members) // JOINED_SHARE):
            groups.append(random.choice(members, random.integers(2, 13)))
            names.append(column)
    rows = np.repeat(np.arange(len(groups)), [len(group) for group in groups])
    matrix = sp.csr_matrix((np.ones(len(rows)), (rows, np.concatenate(groups))), shape=(len(groups), len(labels)))
    return matrix, np.eye(len(tops), dtype=bool)[names]


def quantised(weight: npt.NDArray[np.float32]) -> tuple[npt.NDArray[np.int8], npt.NDArray[np.float32]]:
    """Items down, topics across, int8, and one scale a topic."""
    scale = np.abs(weight).max(1) / 127
    scale[scale == 0] = 1
    return np.rint(weight / scale[:, None]).astype(np.int8).T, scale.astype(np.float32)
