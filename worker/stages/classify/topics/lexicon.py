"""Which known terms stand where in a text: numbers in, numbers out, no judgement.

English, the language with a trained model, has a closed word list: a whole batch is split and looked up at once, words
by a hash of their bytes, and no word becomes a string but those that are shown. The other languages have stems
(`minist*`), because nothing was seen of how their words bend.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from worker.stages.classify.topics.tokens import english_bytes, letters

Ints = npt.NDArray[np.int64]
Hashes = npt.NDArray[np.uint64]
PAIR_BASE = 1 << 20  # a pair of words is first * PAIR_BASE + second
ITEM_BITS = 20
ITEMS = 1 << ITEM_BITS  # so many numbers of items fit the key by which matches are sorted
PAIR_REACH = 2  # words after the first in which the second of a pair may stand: "golpe de estado"
SPACE, NEWLINE = 32, 10
PAD = 32  # bytes behind the last word, so that 24 can be read from its beginning
FIRST_BYTES = np.array([(1 << 8 * count) - 1 for count in range(9)], np.uint64)  # masks of the first 0 to 8 of 8 bytes
MIX = np.array([0x9E3779B97F4A7C15, 0xC2B2AE3D27D4EB4F, 0x165667B19E3779F9, 0xD6E8FEB86659FD93], np.uint64)  # odd
STEM_LENGTHS = (2, 24)  # characters; the shortest and longest stem that is looked for
ARABIC_PREFIX = re.compile(r"^(?:[وف]?[بك]?ال|[وف]?لل)(?=\w{3})")  # and, by, like, the; for the


class Matches(NamedTuple):
    """Parallel arrays: item number, place in the text of that document, document number."""

    item: Ints
    position: Ints
    document: Ints


class English(NamedTuple):
    """The words of a batch of English texts: where each stands in `data`, and where texts and their parts begin."""

    data: bytes
    start: Ints  # of each word, in bytes
    end: Ints
    first: Ints  # word of each text, and the number of all words
    part: Ints  # first word of each part of the texts, part by part

    def surface(self, first: int, place: int, size: int) -> str:
        """The `size` words from `place` on of the text whose first word is `first`."""
        word = first + place
        if size == 1:
            return self.data[self.start[word] : self.end[word]].decode()
        return b" ".join(self.data[self.start[n] : self.end[n]] for n in range(word, word + size)).decode()


def english(texts: Sequence[Sequence[str]], limit: int) -> English:
    """The words of texts in parts (headline, paragraphs); of each text the first `limit`, all parts at once."""
    encoded = [part.encode() if part.isascii() else english_bytes(part) for parts in texts for part in parts]
    data = b" " + letters(b" ".join([*encoded, bytes(PAD)]))
    letter = np.frombuffer(data, np.uint8) != SPACE
    edge = np.flatnonzero(letter[1:] != letter[:-1]) + 1
    start, end = edge[::2], edge[1::2]
    size = np.fromiter(map(len, encoded), np.int64, len(encoded)) + 1
    part = np.searchsorted(start, 1 + np.cumsum(size) - size)
    opening = np.cumsum([0, *map(len, texts)])
    first = np.append(part, len(start))[opening]
    length = np.minimum(np.diff(first), limit)
    kept = np.repeat(first[:-1], length) + _counted(length)
    cut = np.cumsum([0, *length])
    of_text = np.repeat(np.arange(len(texts)), np.diff(opening))
    within = np.minimum(part - first[of_text], length[of_text])
    return English(data, start[kept], end[kept], cut, within)


def _counted(length: Ints) -> Ints:
    """0, 1, 2 … for each of `length`, one after the other."""
    counted: Ints = np.arange(int(length.sum())) - np.repeat(np.cumsum(length) - length, length)
    return counted


class Lookup:
    """Which of a fixed set of 64-bit keys another key is, for many at once."""

    def __init__(self, keys: Hashes) -> None:
        order = np.argsort(keys, kind="stable")
        self._keys, self._order = np.append(keys[order], np.uint64(0)), np.append(order, -1)
        bits = max(len(keys), 1).bit_length() + 2
        self._shift = np.uint64(64 - bits)
        bucket = (self._keys[:-1] >> self._shift).astype(np.int64)
        self._first = np.searchsorted(bucket, np.arange((1 << bits) + 1))
        if (self._keys[1:-1] == self._keys[:-2]).any():
            raise ValueError("two words or pairs of the word list have the same key")

    def find(self, keys: Hashes) -> Ints:
        """The number of each of `keys`, -1 for those not in the set."""
        bucket = (keys >> self._shift).astype(np.int64)
        place, stop = self._first.take(bucket), self._first.take(bucket + 1)
        hit = self._keys.take(place) == keys  # never in an empty bucket: the key there is of another
        found = np.where(hit, self._order.take(place), -1)
        left = np.flatnonzero(~hit & (place + 1 < stop))
        while len(left):
            place[left] += 1
            here = place[left]
            hit = self._keys[here] == keys[left]
            found[left[hit]] = self._order[here[hit]]
            left = left[~hit & (here + 1 < stop[left])]
        return found


def word_hashes(data: bytes, start: Ints, end: Ints) -> Hashes:
    """A 64-bit hash of each word, of its first 24 bytes and its length; `data` has `PAD` more bytes behind the last."""
    eight: Hashes = np.ndarray((len(data) - 7,), "<u8", data, strides=(1,))  # the 8 bytes from each place on
    length = end - start
    hashed = length.astype(np.uint64) * MIX[3]
    for part in range(3):
        long = np.flatnonzero(length > 8 * part) if part else slice(None)
        bytes_ = eight[start[long] + 8 * part] & FIRST_BYTES[np.minimum(length[long] - 8 * part, 8)]
        hashed[long] = (hashed[long] ^ bytes_) * MIX[part]
        hashed[long] ^= hashed[long] >> np.uint64(29)
    mixed: Hashes = hashed * MIX[3]
    return mixed


def _pair_hashes(keys: Ints) -> Hashes:
    hashed: Hashes = keys.astype(np.uint64) * MIX[0]  # odd, so that no two keys become one
    return hashed


class WordList:
    """A closed list of words and pairs of words: items 0 … W-1 are words, W … W+P-1 pairs."""

    def __init__(self, packed: bytes, pairs: Ints) -> None:
        """`packed` has the words one a line; `pairs` are keys of two word numbers."""
        line = np.flatnonzero(np.frombuffer(packed + b"\n", np.uint8) == NEWLINE)
        start = np.concatenate([[0], line[:-1] + 1])
        self._words = Lookup(word_hashes(packed + bytes(PAD), start, line))
        self._pairs = Lookup(_pair_hashes(pairs))
        self.count = len(line)
        # Words that some pair begins or ends with; the last place is for what is no listed word.
        self._begins, self._ends = np.zeros((2, self.count + 1), np.bool_)
        self._begins[pairs // PAIR_BASE] = True
        self._ends[pairs % PAIR_BASE] = True
        self.size = self.count + len(pairs)
        if self.size > ITEMS:
            raise ValueError(f"the word list has {self.size} items, at most {ITEMS} fit a key")

    def find(self, texts: English) -> Matches:
        """Every word and pair of words of `texts` that is listed, words first."""
        numbers = self._words.find(word_hashes(texts.data, texts.start, texts.end))
        lengths = np.diff(texts.first)
        document, position = np.repeat(np.arange(len(lengths)), lengths), _counted(lengths)
        known = np.flatnonzero(numbers >= 0)
        both = np.flatnonzero(self._begins[numbers[:-1]] & self._ends[numbers[1:]] & (document[:-1] == document[1:]))
        place = self._pairs.find(_pair_hashes(numbers[both] * PAIR_BASE + numbers[both + 1]))
        listed = np.flatnonzero(place >= 0)
        both, place = both[listed], place[listed]
        return Matches(
            np.concatenate([numbers[known], place + self.count]),
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


def stem_list(arrays: Mapping[str, npt.NDArray[Any]], language: str) -> StemList:
    """The stem list of a language in `arrays` (`terms_xx`, `term_rows_xx`)."""
    return StemList(language, unpack(arrays[f"terms_{language}"]), arrays[f"term_rows_{language}"].tolist())
