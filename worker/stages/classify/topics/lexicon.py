"""Which known terms stand where in a text: numbers in, numbers out, no judgement.

English, the language with a trained model, has a closed word list: every word becomes a number and a whole batch is
looked up at once, words as the bytes they are split into. The other languages have stems (`minist*`), because nothing
was seen of how their words bend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import chain, repeat
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
PAIR_BASE = 1 << 20  # a pair of words is first * PAIR_BASE + second
ITEMS = 1 << 20  # so many numbers of items fit the key by which matches are sorted
PAIR_REACH = 2  # words after the first in which the second of a pair may stand: "golpe de estado"
STEM_LENGTHS = (2, 24)  # characters; the shortest and longest stem that is looked for
ARABIC_PREFIX = re.compile(r"^(?:[وف]?[بك]?ال|[وف]?لل)(?=\w{3})")  # and, by, like, the; for the


class Matches(NamedTuple):
    """Parallel arrays: item number, place in the text of that document, document number."""

    item: Ints
    position: Ints
    document: Ints


class WordList:
    """A closed list of words and pairs of words: items 0 … W-1 are words, W … W+P-1 pairs."""

    def __init__(self, words: Sequence[bytes], pairs: Ints) -> None:
        self.words = words
        self._number = {word: number for number, word in enumerate(words)}
        self._pairs = pairs
        # Words that some pair begins or ends with; the last place is for what is no listed word.
        self._begins, self._ends = np.zeros((2, len(words) + 1), np.bool_)
        self._begins[pairs // PAIR_BASE] = True
        self._ends[pairs % PAIR_BASE] = True
        self.size = len(words) + len(pairs)
        if self.size > ITEMS:
            raise ValueError(f"the word list has {self.size} items, at most {ITEMS} fit a key")

    def find(self, texts: Sequence[Sequence[bytes]]) -> Matches:
        """Every word and pair of words of `texts` that is listed, words first."""
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        total = int(lengths.sum())
        numbers = np.fromiter(map(self._number.get, chain.from_iterable(texts), repeat(-1)), np.int64, total)
        document = np.repeat(np.arange(len(texts)), lengths)
        position = np.arange(total) - np.repeat(np.cumsum(lengths) - lengths, lengths)
        known = np.flatnonzero(numbers >= 0)
        if not len(known) or not len(self._pairs):
            return Matches(numbers[known], position[known], document[known])
        both = np.flatnonzero(self._begins[numbers[:-1]] & self._ends[numbers[1:]] & (document[:-1] == document[1:]))
        keys = numbers[both] * PAIR_BASE + numbers[both + 1]
        place = np.searchsorted(self._pairs, keys)
        listed = np.flatnonzero(self._pairs[np.minimum(place, len(self._pairs) - 1)] == keys)
        both, place = both[listed], place[listed]
        return Matches(
            np.concatenate([numbers[known], place + len(self.words)]),
            np.concatenate([position[known], position[both]]),
            np.concatenate([document[known], document[both]]),
        )


class StemList:
    """Stems, words and pairs of one language, each with the number of its row in the table of terms."""

    def __init__(self, language: str, terms: Sequence[str], rows: Sequence[int]) -> None:
        """`terms` are `word`, `stem*` or `a_b` (either part may be a stem)."""
        self.language = language
        self._exact: dict[str, list[int]] = {}
        self._stems: dict[str, list[int]] = {}
        self._pairs: dict[str, list[tuple[str, int]]] = {}  # first part → (second part, row)
        for term, row in zip(terms, rows, strict=True):
            first, _, second = term.partition("_")
            if second:
                self._pairs.setdefault(first, []).append((second, row))
            elif first.endswith("*"):
                self._stems.setdefault(first[:-1], []).append(row)
            else:
                self._exact.setdefault(first, []).append(row)
        lengths = {len(stem) for stem in self._stems} | {len(first) - 1 for first in self._pairs if first.endswith("*")}
        self._lengths = sorted(length for length in lengths if length <= STEM_LENGTHS[1])

    def find(self, texts: Sequence[Sequence[str]]) -> Matches:
        """Every listed term of `texts`."""
        found: list[tuple[int, int, int]] = []
        seen: dict[str, tuple[list[int], list[tuple[str, int]]]] = {}
        for number, text in enumerate(texts):
            for place, word in enumerate(text):
                known = seen.get(word)
                if known is None:
                    known = seen[word] = self._look_up(word)
                rows, pairs = known
                found.extend((row, place, number) for row in rows)
                if pairs:
                    near = [form for other in text[place + 1 : place + 1 + PAIR_REACH] for form in self._forms(other)]
                    found.extend((row, place, number) for part, row in pairs if _fits(near, part))
        columns = np.array(found, np.int64).reshape(-1, 3)
        return Matches(columns[:, 0], columns[:, 1], columns[:, 2])

    def _look_up(self, word: str) -> tuple[list[int], list[tuple[str, int]]]:
        rows: list[int] = []
        pairs: list[tuple[str, int]] = []
        for form in self._forms(word):
            rows += self._exact.get(form, ())
            pairs += self._pairs.get(form, ())
            for length in self._lengths:
                if length > len(form):
                    break
                rows += self._stems.get(form[:length], ())
                pairs += self._pairs.get(form[:length] + "*", ())
        return rows, pairs

    def _forms(self, word: str) -> tuple[str, ...]:
        if self.language == "ar":
            bare = ARABIC_PREFIX.sub("", word)
            if bare != word:
                return (word, bare)
            if word[0] in "وبلف" and len(word) > 4:
                return (word, word[1:])
        return (word,)


def _fits(forms: Sequence[str], part: str) -> bool:
    if part.endswith("*"):
        return any(form.startswith(part[:-1]) for form in forms)
    return part in forms


class CharacterList:
    """Terms of a script that does not part its words (Chinese): found anywhere in the running text."""

    def __init__(self, terms: Sequence[str], rows: Sequence[int]) -> None:
        by_term: dict[str, list[int]] = {}
        for term, row in zip(terms, rows, strict=True):
            by_term.setdefault(term.replace("_", "").rstrip("*"), []).append(row)
        self._rows = by_term
        # Longest first, so that the longer term wins where two begin at the same character.
        self._pattern = re.compile("|".join(map(re.escape, sorted(by_term, key=lambda term: (-len(term), term)))))

    def find(self, texts: Sequence[str]) -> Matches:
        """Every listed term of `texts`; positions are characters."""
        found = [
            (row, match.start(), number)
            for number, text in enumerate(texts)
            for match in self._pattern.finditer(text)
            for row in self._rows[match.group()]
        ]
        columns = np.array(found, np.int64).reshape(-1, 3)
        return Matches(columns[:, 0], columns[:, 1], columns[:, 2])


def unpack(packed: npt.NDArray[Any]) -> list[str]:
    """The lines of a packed list of words."""
    text = packed.tobytes().decode()
    return text.split("\n") if text else []


def stem_lists(arrays: Mapping[str, npt.NDArray[Any]], languages: Sequence[str]) -> dict[str, StemList]:
    """The stem list of each language in `arrays` (`terms_xx`, `term_rows_xx`)."""
    return {
        language: StemList(language, unpack(arrays[f"terms_{language}"]), arrays[f"term_rows_{language}"].tolist())
        for language in languages
    }
