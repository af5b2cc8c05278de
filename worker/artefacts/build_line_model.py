"""Build the line model of plain text: `python -m worker.artefacts.build_line_model DATA_FOLDER`.

Reads `extraction/train_pages.jsonl.gz` of the developer data, writes `lines.npz` and its card `lines.md` beside this
file. Scores come from pages of domains held out of training. Offline only; about three minutes on one core.
"""

from __future__ import annotations

import argparse
import gzip
import hashlib
import json
import random
from collections import Counter
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.artefacts import write
from worker.artefacts.build_line_pages import Page, captures, shingles
from worker.artefacts.perceptron import Perceptron, fit, predict
from worker.stages.normalize.furniture import scan
from worker.stages.normalize.lines import Floats
from worker.stages.normalize.text.features import FIRST_LOOK, first_look, second_look

TRAIN = "extraction/train_pages.jsonl.gz"
FOLDS = 3
HIDDEN = (64, 32)
KEEP = 0.4  # out-of-fold F1 is flat from .35 to .5
HERE = Path(__file__).parent


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path, help="the developer data folder")
    source = parser.parse_args().data / TRAIN
    with gzip.open(source, "rt", encoding="utf-8") as file:
        rows = [json.loads(line) for line in file]
    pages = captures(rows)
    looks = [first_look(page.lines, scan(page.lines)) for page in pages]
    first_rows = [look[:FIRST_LOOK] for look in looks]
    everything = list(range(len(pages)))
    labels = [np.array(page.label, np.float32) for page in pages]
    weights = [_weights(page) for page in pages]
    held_out = _held_out(pages, first_rows, labels, weights)
    second_rows = [second_look(*each) for each in zip([p.lines for p in pages], looks, held_out, strict=True)]
    both_held_out = _held_out(pages, second_rows, labels, weights)
    titled = [i for i in everything if any(pages[i].headline)]
    titles = [np.array(page.headline, np.float32) for page in pages]
    alike = [np.where(title > 0, 1.0, 3.0 / len(title)).astype(np.float32) for title in titles]
    networks = {
        "first": _train(first_rows, labels, weights, everything, HIDDEN, seed=0),
        "second": _train(second_rows, labels, weights, everything, HIDDEN, seed=7),
        "headline": _train(second_rows, titles, alike, titled, HIDDEN[1:], seed=8),
    }
    figures = {"first pass": _score(pages, held_out, KEEP), "both passes": _score(pages, both_held_out, KEEP)}
    meta = {
        "keep": KEEP,
        "trained_on": TRAIN,
        "data_digest": hashlib.sha256(source.read_bytes()).hexdigest()[:16],
        "pages": len(rows),
        "domains": len({page.group for page in pages}),
    }
    version = write(HERE / "lines.npz", _arrays(networks), meta)
    card = HERE / "lines.md"
    card.write_text(
        _card(version, meta, Counter(row["source"] for row in rows), figures, sum(len(p.label) for p in pages))
    )
    print(card.read_text())


def _folds(pages: Sequence[Page]) -> npt.NDArray[np.int64]:
    groups = sorted({page.group for page in pages})
    random.Random(1).shuffle(groups)
    fold = {group: number % FOLDS for number, group in enumerate(groups)}
    return np.array([fold[page.group] for page in pages])


def _held_out(
    pages: Sequence[Page], rows: Sequence[Floats], labels: Sequence[Floats], weights: Sequence[Floats]
) -> list[Floats]:
    """For each page the probabilities by a network that saw no page of its domain."""
    folds = _folds(pages)
    out: list[Floats] = [np.empty(0, np.float32)] * len(pages)
    for fold in range(FOLDS):
        judge = _train(rows, labels, weights, np.flatnonzero(folds != fold).tolist(), HIDDEN, seed=fold)
        for i in np.flatnonzero(folds == fold).tolist():
            out[i] = predict(judge, rows[i].T)
    return out


def _weights(page: Page) -> Floats:
    """What a line counts: its tokens, as a share of the body or of the page, so that each page counts alike."""
    tokens = np.array(page.tokens, np.float32)
    weights: Floats = (tokens + 2) / (len(shingles(page.body)) + 0.3 * tokens.sum() + 10)
    return weights


def _train(
    rows: Sequence[Floats],
    labels: Sequence[Floats],
    weights: Sequence[Floats],
    chosen: Sequence[int],
    hidden: tuple[int, ...],
    *,
    seed: int,
) -> Perceptron:
    x = np.concatenate([rows[i] for i in chosen], axis=1).T
    y, weight = (np.concatenate([values[i] for i in chosen]) for values in (labels, weights))
    return fit(x, y, weight, hidden=hidden, seed=seed)


def _score(pages: Sequence[Page], scores: Sequence[Floats], keep: float) -> tuple[float, float, float]:
    """F1, precision and recall of 4-grams over whole captures, as means over captures."""
    precisions, recalls = [], []
    for page, score in zip(pages, scores, strict=True):
        if not page.whole:
            continue
        got = shingles("\n".join(text for text, p in zip(page.lines.text, score, strict=True) if p >= keep))
        gold = shingles(page.body)
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total() if gold else 1.0)
    precision, recall = float(np.mean(precisions)), float(np.mean(recalls))
    return 2 * precision * recall / (precision + recall), precision, recall


def _arrays(networks: dict[str, Perceptron]) -> dict[str, Any]:
    arrays: dict[str, Any] = {}
    for name, network in networks.items():
        arrays[f"{name}_mean"], arrays[f"{name}_scale"] = network.mean, network.scale
        for i, (weights, bias) in enumerate(network.layers):
            arrays[f"{name}_w{i}"], arrays[f"{name}_b{i}"] = weights.astype(np.float16), bias.astype(np.float16)
    return arrays


def _card(
    version: str,
    meta: dict[str, Any],
    sources: Counter[str],
    figures: dict[str, tuple[float, float, float]],
    lines: int,
) -> str:
    listed = "\n".join(f"- {name}: {count} pages" for name, count in sources.most_common())
    scores = "\n".join(f"| {name} | {f1:.3f} | {p:.3f} | {r:.3f} |" for name, (f1, p, r) in figures.items())
    return f"""# Line model of plain text (`lines.npz`)

Version {version}. Says how likely each line of a flattened page is article body. Two networks of
{HIDDEN[0]} and {HIDDEN[1]} rectifiers on features of the line, its neighbours and its place
(`worker/stages/normalize/text/features.py`); the second also sees what the first thought. Weights in half precision,
numpy only at run time. A line is kept from {KEEP} on. A third network says which line is the headline.

## Data

{meta["pages"]} pages of {meta["domains"]} domains, flattened in several styles and cropped: {lines:,} lines. The pages
belong to their publishers and are not shipped; weights are numbers, not text.
Digest of the file: {meta["data_digest"]}.

{listed}

WCXB annotations: CC BY 4.0. article-extraction-dataset and readability: Apache-2.0. Fundus: MIT.
Nearly all pages are English; other languages rest on features that know no language and on the furniture phrases.

## Figures

4-gram F1 on whole captures of domains held out ({FOLDS} folds):

| | F1 | precision | recall |
|---|---|---|---|
{scores}

Floors on data no domain of which was trained on: `tests/quality/test_normalize_text.py`.

## Rebuild

`python -m worker.artefacts.build_line_model DATA_FOLDER` (extra `train` is not needed: numpy and selectolax only).
"""


if __name__ == "__main__":
    main()
