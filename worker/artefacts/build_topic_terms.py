"""The table of terms: which words, pairs and stems of which language speak for which IPTC topic.

Read from the keyword families in `topic_sources/families/` (our own writing) and from the labels of the vocabulary.
Part of `build_topics`; never used at run time.
"""

from __future__ import annotations

import tomllib
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from worker.stages.classify.topics.tokens import english_words, words

FAMILIES = Path(__file__).parent / "topic_sources" / "families"
STRONG, WEAK, BLOCK = 2, 1, -2  # half hits
CURATED_CHILD, LABEL_CHILD = 3, 2  # what a term says for a second-level topic
MAX_LABEL_WORDS = 2
# Languages whose words grow at the end: a label's word is taken as a stem there when it is this long.
STEM_LABELS_FROM = {"de": 6, "da": 6, "sv": 6, "nb": 6, "es": 6, "pt": 6, "fr": 6, "ar": 5}
LABEL_LANGUAGE = {"en": "en-GB", "zh": "zh-Hans", "pt": "pt-PT"}
# Label words that say too little, or mostly something else, when they stand in running text.
VAGUE_LABELS = frozenset(
    words(
        """name names party parties water people children adults men women values lead silver gold iron energy power
        plan speech family food land test statistic history language game club nature resource record final plants
        animal sign drug drugs art law economy market books book fire metal brand trade worker image"""
    )
)


@dataclass
class Table:
    """Rows of the table of terms; a term of one language has one row."""

    tops: Sequence[str]
    children: Sequence[str]
    keyword: list[npt.NDArray[np.int8]] = field(default_factory=list)
    child: list[npt.NDArray[np.int8]] = field(default_factory=list)
    row: dict[tuple[str, str], int] = field(default_factory=dict)

    def add(self, key: tuple[str, str], top: str, child: str | None, says: tuple[int, int]) -> None:
        """Let the (language, term) `key` say so much for a top, and for a child of it; the stronger word wins."""
        if key not in self.row:
            self.row[key] = len(self.keyword)
            self.keyword.append(np.zeros(len(self.tops), np.int8))
            self.child.append(np.zeros(len(self.children), np.int8))
        keyword, column = self.keyword[self.row[key]], self.tops.index(top)
        keyword[column] = says[0] if says[0] < 0 else max(says[0], int(keyword[column]))
        if child is not None:
            cell = self.children.index(child)
            self.child[self.row[key]][cell] = max(says[1], int(self.child[self.row[key]][cell]))

    def terms(self, language: str) -> dict[str, int]:
        """The terms of `language` and their rows."""
        return {term: row for (spoken, term), row in self.row.items() if spoken == language}


def split(language: str, text: str) -> list[str]:
    """The words of `text` as the run time parts them in `language`."""
    return [word.decode() for word in english_words(text + " ")] if language == "en" else words(text)


def languages() -> list[str]:
    """The languages that have a file of families, English first."""
    return sorted((path.stem for path in FAMILIES.glob("*.toml")), key=lambda name: (name != "en", name))


def families(language: str) -> Iterator[tuple[str, str, str]]:
    """Every (top, family, term) of a language's file."""
    for top, named in tomllib.loads((FAMILIES / f"{language}.toml").read_text()).items():
        for family, terms in named.items():
            for term in terms.split():
                yield top, family, term


def add_families(table: Table, language: str, known_words: Iterable[str] = ()) -> None:
    """Add a language's families; for English, stems become the words among `known_words` that begin so."""
    known = sorted(known_words)
    for top, family, written in families(language):
        name, _, manner = family.partition("-")
        says = {"weak": WEAK, "actor": WEAK, "not": BLOCK}.get(manner or name, STRONG)
        child = name if name in table.children else None
        for term in _forms(language, written, known):
            table.add((language, term), top, child, (says, CURATED_CHILD))


def add_labels(table: Table, language: str, concepts: Sequence[dict[str, Any]]) -> None:
    """Add the vocabulary's own labels of live concepts: a weak word for the top, a good one for the child."""
    for concept in concepts:
        if concept["retired"] or concept["level"] == 1:
            continue
        top, child = (code.removeprefix("medtop:") for code in concept["path"][:2])
        label = concept["labels"].get(LABEL_LANGUAGE.get(language, language), "").split("(")[0]
        if language == "zh":
            parts = [part for part in _split_label(label) if 2 <= len(part) <= 8]
        else:
            stem_from = STEM_LABELS_FROM.get(language, 99)
            parts = []
            for part in _split_label(label):
                found = split(language, part)
                if not found or len(found) > MAX_LABEL_WORDS or (len(found) == 1 and found[0] in VAGUE_LABELS):
                    continue
                parts.append("_".join(word + "*" if len(word) >= stem_from else word for word in found))
        for term in parts:
            table.add((language, term), top, child, (WEAK, LABEL_CHILD))


def _split_label(label: str) -> list[str]:
    for joint in (",", "，", "、", " and ", " und ", " og ", " och ", " y ", " e ", " et ", "和", "与", "；", "/"):
        label = label.replace(joint, "\n")
    return [part.strip() for part in label.split("\n") if part.strip()]


def _forms(language: str, written: str, known: Sequence[str]) -> list[str]:
    if language == "zh":
        return [written.rstrip("*")]
    stem = written.endswith("*")
    found = split(language, written.rstrip("*").replace("_", " "))
    if not 1 <= len(found) <= 2 or len(found) < written.count("_") + 1:
        raise SystemExit(f"families/{language}.toml: {written!r} is not one word or a pair of words")
    if language != "en":
        if stem:  # a pair with a star bends in both words
            found = [word + "*" for word in found]
        elif written.count("*"):
            raise SystemExit(f"families/{language}.toml: {written!r} has a star inside")
        return ["_".join(found)]
    if not stem:
        return ["_".join(found)]
    place, endings = bisect_left(known, found[-1]), {found[-1], found[-1] + "s"}
    while place < len(known) and known[place].startswith(found[-1]):
        endings.add(known[place])
        place += 1
    return ["_".join([*found[:-1], ending]) for ending in sorted(endings)]
