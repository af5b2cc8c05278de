"""Make `body.npz`, the judge of HTML blocks: `python -m worker.artefacts.build_body_model DATA_FOLDER`.

Reads `extraction/train_pages.jsonl.gz` of the developer data: {"domain", "source", "html", "body"} a line. A block's
label is the share of its tokens that stand in 4-grams of the labelled body. Needs the extra `train`; four minutes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from hashlib import blake2b, sha256
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
from selectolax.lexbor import LexborHTMLParser

from worker.artefacts import perceptron, write
from worker.artefacts.build_line_pages import shingles
from worker.stages.normalize.blocks import EDITION, BodyModel, Layout, features, lay_out, second_look, segment
from worker.stages.normalize.blocks.features import Matrix
from worker.stages.normalize.blocks.marks import ClassWords, words_of_tag
from worker.stages.normalize.blocks.segment import CLOSE, OPEN

TOKEN = re.compile(r"\w+")
MIN_DOMAINS = 6  # in which a class word must stand to get a weight
FOLDS = 3
SECOND_SEED = 10
MAX_DEPTH = 200


KEEP = 0.45  # out-of-fold F1 is flat from .35 to .5
DOUBTFUL = 0.05  # share of training pages, judged out of fold, that count as doubtful
TRAIN = "extraction/train_pages.jsonl.gz"


class Page(NamedTuple):
    domain: str
    source: str
    body: str
    layout: Layout
    labels: Matrix
    weights: Matrix
    class_words: list[frozenset[str]]  # of all ancestors, a set a block


def read_pages(path: Path) -> Iterator[Page]:
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            found = segment(LexborHTMLParser(row["html"]))
            if found is None or not row["body"]:
                continue
            layout = lay_out(*found, ClassWords({}))
            labels, weights = label(layout.blocks.texts, row["body"])
            yield Page(row["domain"], row["source"], row["body"], layout, labels, weights, ancestor_words(layout))


def label(texts: Sequence[str], body: str) -> tuple[Matrix, Matrix]:
    """How much of each block is body, and how much the block counts.

    Of identical blocks only as many are body as the body holds, those in the best neighbourhood first.
    """
    gold = TOKEN.findall(body)
    wanted = set(zip(gold, gold[1:], gold[2:], gold[3:], strict=False))
    tokens: list[str] = []
    owner: list[int] = []
    for index, text in enumerate(texts):
        found = TOKEN.findall(text)
        tokens += found
        owner += [index] * len(found)
    covered = np.zeros(len(tokens) + 3, bool)
    for start, gram in enumerate(zip(tokens, tokens[1:], tokens[2:], tokens[3:], strict=False)):
        if gram in wanted:
            covered[start : start + 4] = True
    size = np.bincount(owner, minlength=len(texts)).astype(np.float32)
    share: Matrix = (np.bincount(owner, covered[: len(tokens)], len(texts)) / np.maximum(size, 1)).astype(np.float32)
    _thin_repeats(texts, share, " ".join(gold))
    weights = (size + 2) / (len(gold) + 0.3 * len(tokens) + 1)
    return share, weights.astype(np.float32)


def _thin_repeats(texts: Sequence[str], share: Matrix, gold: str) -> None:
    around = np.convolve(np.pad(share, 2, mode="edge"), [1, 1, 0, 1, 1], "valid")
    places: dict[str, list[int]] = {}
    for index, text in enumerate(texts):
        if share[index] > 0.5:
            places.setdefault(text, []).append(index)
    for text, where in places.items():
        if len(where) > 1:
            allowed = max(gold.count(" ".join(TOKEN.findall(text))), 1)
            for index in sorted(where, key=lambda at: -around[at])[allowed:]:
                share[index] = 0


def ancestor_words(layout: Layout) -> list[frozenset[str]]:
    """The class words of each block's ancestors, the body's own left out."""
    tree, source = layout.outline, layout.tags.source
    body = int(tree.opens[0]) if len(tree.opens) else -1
    known: dict[int, frozenset[str]] = {body: frozenset()}
    open_now: list[int] = []
    chain: dict[int, frozenset[str]] = {}
    for position in range(len(source)):
        kind = layout.tags.kind[position]
        if position in known or kind == OPEN:
            if kind == OPEN:
                above = chain[open_now[-1]] if open_now else frozenset()
                own = known.get(position)
                if own is None:
                    own = words_of_tag(source[position]) if " " in source[position] else frozenset()
                chain[position] = above | own if len(open_now) < MAX_DEPTH else above
                open_now.append(position)
        elif kind == CLOSE and open_now:
            open_now.pop()
    return [chain.get(int(element), frozenset()) for element in layout.enclosing[0]]


def fold_of(domain: str, folds: int = FOLDS) -> int:
    """The fold of a domain: all pages of one domain are in one."""
    return int.from_bytes(blake2b(domain.encode(), digest_size=4).digest()) % folds


def learn_class_words(pages: Sequence[Page]) -> dict[str, float]:
    """The weight of each class word, from a logistic regression that also sees length, links, stops and paragraphs."""
    from scipy.sparse import csr_matrix, hstack
    from sklearn.linear_model import SGDClassifier

    domains: dict[str, set[str]] = {}
    for page in pages:
        for word in set().union(*page.class_words):
            domains.setdefault(word, set()).add(page.domain)
    vocabulary = sorted(word for word, where in domains.items() if len(where) >= MIN_DOMAINS)
    number = {word: index for index, word in enumerate(vocabulary)}
    columns, starts = [], [0]
    for page in pages:
        for words in page.class_words:
            columns += [number[word] for word in words if word in number]
            starts.append(len(columns))
    shape = (len(starts) - 1, len(vocabulary))
    sparse = csr_matrix((np.ones(len(columns)), columns, starts), shape)
    dense = np.concatenate([features(page.layout)[:, [0, 3, 10, 17]] for page in pages])
    dense = (dense - dense.mean(0)) / (dense.std(0) + 1e-6)
    labels = np.concatenate([page.labels for page in pages]) > 0.5
    weights = np.concatenate([page.weights for page in pages])
    weights = np.minimum(weights / weights.mean(), perceptron.HEAVIEST)
    model = SGDClassifier(loss="log_loss", alpha=3e-5, max_iter=8, tol=None, average=True, random_state=0)
    model.fit(hstack([sparse, csr_matrix(dense)]).tocsr(), labels, sample_weight=weights)
    return dict(zip(vocabulary, model.coef_[0][: len(vocabulary)].astype(float).tolist(), strict=True))


def matrix(pages: Sequence[Page], class_words: Mapping[str, float]) -> list[Matrix]:
    """The features of each page's blocks, seen with `class_words`."""
    known = ClassWords(class_words)
    return [features(lay_out(page.layout.blocks, page.layout.tags, known)) for page in pages]


class Trained(NamedTuple):
    first: perceptron.Perceptron
    second: perceptron.Perceptron
    class_words: dict[str, float]
    doubt: float
    figures: dict[str, tuple[float, float, float]]  # F1, precision, recall out of fold


def train(pages: Sequence[Page]) -> Trained:
    """Both judges and the class words. While they train, what they see of a page was learned from other domains."""
    folds = np.array([fold_of(page.domain) for page in pages])
    rows: list[Matrix] = [np.empty(0, np.float32)] * len(pages)
    for fold in range(FOLDS):
        words = learn_class_words([page for page, where in zip(pages, folds, strict=True) if where != fold])
        inside = np.flatnonzero(folds == fold)
        for index, found in zip(inside.tolist(), matrix([pages[at] for at in inside.tolist()], words), strict=True):
            rows[index] = found
    first = _held_out(pages, rows, folds, seed=0)
    both = [
        np.concatenate([found, second_look(page.layout, scores)], axis=1)
        for page, found, scores in zip(pages, rows, first, strict=True)
    ]
    second = _held_out(pages, both, folds, seed=SECOND_SEED)
    mean: list[Matrix] = [((one + other) / 2).astype(np.float32) for one, other in zip(first, second, strict=True)]
    doubts = [BodyModel.doubts(page.layout.blocks.words, found) for page, found in zip(pages, mean, strict=True)]
    return Trained(
        _fit(pages, rows, range(len(pages)), seed=0),
        _fit(pages, both, range(len(pages)), seed=SECOND_SEED),
        learn_class_words(pages),
        round(float(np.quantile(doubts, 1 - DOUBTFUL)), 3),
        {"first network": _figures(pages, first), "mean of both": _figures(pages, mean)},
    )


def _held_out(pages: Sequence[Page], rows: Sequence[Matrix], folds: npt.NDArray[Any], *, seed: int) -> list[Matrix]:
    """For each page the probabilities by a judge that saw no page of its domain."""
    scores: list[Matrix] = [np.empty(0, np.float32)] * len(pages)
    for fold in range(FOLDS):
        judge = _fit(pages, rows, np.flatnonzero(folds != fold).tolist(), seed=seed + fold)
        for index in np.flatnonzero(folds == fold).tolist():
            scores[index] = perceptron.predict(judge, rows[index])
    return scores


def _fit(pages: Sequence[Page], rows: Sequence[Matrix], chosen: Sequence[int], *, seed: int) -> perceptron.Perceptron:
    return perceptron.fit(
        np.concatenate([rows[at] for at in chosen]),
        np.concatenate([pages[at].labels for at in chosen]),
        np.concatenate([pages[at].weights for at in chosen]),
        seed=seed,
    )


def _figures(pages: Sequence[Page], scores: Sequence[Matrix]) -> tuple[float, float, float]:
    precisions, recalls = [], []
    for page, found in zip(pages, scores, strict=True):
        texts = page.layout.blocks.texts
        got, gold = shingles("\n".join(texts[at] for at in np.flatnonzero(found > KEEP))), shingles(page.body)
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total())
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    return 2 * precision * recall / (precision + recall), precision, recall


def arrays_of(trained: Trained) -> dict[str, npt.NDArray[Any]]:
    arrays: dict[str, npt.NDArray[Any]] = {
        "class_words": np.frombuffer("\n".join(trained.class_words).encode(), np.uint8),
        "class_weights": np.array(list(trained.class_words.values()), np.float32),
    }
    for name, judge in (("first", trained.first), ("second", trained.second)):
        arrays |= {f"{name}_mean": judge.mean, f"{name}_scale": judge.scale}
        for number, (weights, biases) in enumerate(judge.layers):
            arrays |= {f"{name}_w{number}": weights.astype(np.float16), f"{name}_b{number}": biases}
    return arrays


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the developer data folder")
    parser.add_argument("--out", type=Path, default=Path(__file__).parent)
    options = parser.parse_args()
    source = options.data / TRAIN
    pages = list(read_pages(source))
    trained = train(pages)
    meta = {
        "features": EDITION,
        "keep": KEEP,
        "doubt": trained.doubt,
        "data_digest": sha256(source.read_bytes()).hexdigest()[:16],
        "pages": len(pages),
        "domains": len({page.domain for page in pages}),
    }
    version = write(options.out / "body.npz", arrays_of(trained), meta)
    print(version, meta, trained.figures, Counter(page.source for page in pages))


if __name__ == "__main__":
    main()
