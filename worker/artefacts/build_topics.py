"""Build `topics.npz`: terms of every language, the linear model of English, and their calibration.

    python -m worker.artefacts.build_topics DATA

`DATA` holds `iptc/mediatopics.jsonl.gz`, `topic/train.jsonl.gz` (training) and `topic/wikinews_multilabel.jsonl.gz`
(calibration only). One fixed seed: the same data gives the same artefact. Sources and licences: `topics.md`.
"""

from __future__ import annotations

import gzip
import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.artefacts import Array, Artefact, write
from worker.artefacts.build_topic_calibration import calibrate
from worker.artefacts.build_topic_linear import CIVIL_UNREST, Linear, grams, names, quantised, train
from worker.artefacts.build_topic_terms import CURATED_CHILD, Table, add_families, add_labels, languages
from worker.artefacts.build_vocabulary import concepts
from worker.stages.classify.topics.lexicon import PAIR_BASE
from worker.stages.classify.topics.tokens import FUNCTION_WORDS

HERE = Path(__file__).parent
KEPT_ITEMS = 40_000  # words and pairs with the largest weights; 20,000 costs up to 1.7 points across sources
OWN_WEIGHT = 5.0  # our few texts on topics and non-topics that the training data lack
VOCABULARY_LABELS = ("ar", "da", "de", "en", "es", "fr", "nb", "pt", "sv", "zh")


def rows_of(path: Path) -> list[dict[str, Any]]:
    """The records of a gzipped JSONL file."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def written_texts() -> list[tuple[str, str]]:
    """Our own training texts with their topic; "" for texts that are no news at all."""
    return [
        (line, path.stem.replace("none", ""))
        for path in sorted((HERE / "topic_sources" / "training").glob("*.txt"))
        for line in path.read_text().splitlines()
    ]


def sections(tops: Sequence[str]) -> dict[str, str]:
    """The topic of each section name of `topic_sources/sections.toml`."""
    found: dict[str, str] = {}
    for code, names_ in tomllib.loads((HERE / "topic_sources" / "sections.toml").read_text()).items():
        for name in (" ".join(name.split()) for name in names_.split(";")):
            if code not in tops or found.setdefault(name, code) != code:
                raise SystemExit(
                    f"sections.toml: {name!r} under {code} is no first-level topic or stands under another too"
                )
    return found


def build(data: Path, target: Path = HERE / "topics.npz") -> str:
    """Write the artefact; returns its version."""
    tree = concepts(data / "iptc/mediatopics.jsonl.gz")
    live = [concept for concept in tree if not concept["retired"]]
    tops = [concept["code"].removeprefix("medtop:") for concept in live if concept["level"] == 1]
    children = [concept["code"].removeprefix("medtop:") for concept in live if concept["level"] == 2]
    rows = rows_of(data / "topic/train.jsonl.gz")
    texts, labels = [row["text"] for row in rows], [row["medtop"] for row in rows]

    own = written_texts()
    texts, labels = texts + [text for text, _ in own], labels + [label for _, label in own]
    weights = [1.0] * len(rows) + [OWN_WEIGHT] * len(own)

    table = Table(tops, children)
    known = {item for text in texts for item in grams(text) if "_" not in item}
    spoken = sorted({*languages(), *VOCABULARY_LABELS}, key=lambda language: (language != "en", language))
    for language in spoken:
        if language in languages():
            add_families(table, language, known if language == "en" else ())
        if language in VOCABULARY_LABELS:
            add_labels(table, language, tree)

    keyword = {term: table.keyword[row] for term, row in table.terms("en").items()}
    called = names(row["text"] for row in rows if row["source"] == "wikipedia-current-events")
    column = children.index(CIVIL_UNREST)
    unrest = {term for term, row in table.terms("en").items() if table.child[row][column] >= CURATED_CHILD}
    linear = train(texts, labels, tops, keyword, weights, called, unrest)
    arrays: dict[str, Array] = {
        "keyword": np.array(table.keyword),
        "child": np.array(table.child),
        "term_size": np.array([term_size(*key) for key in table.row], np.int8),
        **english(table, linear),
    }
    for language in spoken[1:]:
        terms = table.terms(language)
        arrays[f"terms_{language}"] = packed(list(terms))
        arrays[f"term_rows_{language}"] = np.array(list(terms.values()), np.int32)
    meta: dict[str, Any] = {
        "tops": tops,
        "children": children,
        "release": live[0]["release"],
        "languages": spoken[1:],
        "sections": sections(tops),
        "coefficients": {},
        "reliability": {},
    }
    # The calibration reads the model as the run time does; only the finished artefact is written.
    meta |= calibrate(Artefact("topics", "", arrays, meta), data)
    return write(target, arrays, meta)


def english(table: Table, linear: Linear) -> dict[str, Array]:
    """The closed word list of English with the weights and term rows of its items."""
    terms = table.terms("en")
    strength = np.abs(linear.weight).max(0)
    column = {item: number for number, item in enumerate(linear.items)}
    kept = {linear.items[number] for number in np.argsort(-strength, kind="stable")[:KEPT_ITEMS]} | set(terms)
    single = sorted({part for item in kept for part in item.split("_")} | FUNCTION_WORDS)
    number = {word: place for place, word in enumerate(single)}
    pairs = sorted(
        (number[a] * PAIR_BASE + number[b], item) for item in kept if "_" in item for a, b in [item.split("_")]
    )
    items = single + [item for _, item in pairs]
    weight, scale = quantised(linear.weight)
    columns = np.array([column.get(item, -1) for item in items])
    q = np.where((columns >= 0)[:, None], weight[columns], 0).astype(np.int8)
    return {
        "words": packed(single),
        "pairs": np.array([key for key, _ in pairs], np.int64),
        "term_of_item": np.array([terms.get(item, -1) for item in items], np.int32),
        "weight": q,
        "scale": scale,
        "bias": linear.bias,
    }


def term_size(language: str, term: str) -> int:
    """How many words (Chinese: characters) a term covers."""
    return len(term) if language == "zh" else 1 + term.count("_")


def packed(lines: Sequence[str]) -> npt.NDArray[np.uint8]:
    """A list of words as one array of bytes."""
    return np.frombuffer("\n".join(lines).encode(), np.uint8)


if __name__ == "__main__":
    sys.stdout.write(build(Path(sys.argv[1])) + "\n")
