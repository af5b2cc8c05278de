"""The topic model in memory: terms of every language, their topics, the linear model and its calibration."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from worker.stages.artefact import Artefact
from worker.stages.classify.topics.lexicon import CharacterList, Matches, StemList, WordList, stem_list, unpack
from worker.stages.classify.topics.sparse import Sparse
from worker.stages.classify.topics.tokens import FUNCTION_WORDS
from worker.stages.classify.topics.vocabulary import PREFIX, Vocabulary

STRONG = 2  # half hits


class TopicModel:
    """Everything `topics` needs, loaded once before the fork and never changed but by what is made on first use.

    `keyword[t, c]` is what term t says for first-level topic c (2 strong, 1 weak, negative: takes a hit back),
    `child[t, k]` what it says for second-level topic k. `weight[i, c]` is the linear model of English, int8.
    """

    def __init__(self, topics: Artefact, vocabulary: Artefact) -> None:
        arrays, meta = topics.arrays, topics.meta
        self.version = topics.version
        self.vocabulary = Vocabulary(vocabulary.arrays, vocabulary.meta)
        self.release = self.vocabulary.release
        if meta["release"] != self.release:
            raise ValueError(f"the topic model speaks release {meta['release']}, the vocabulary {self.release}")
        self.tops: list[str] = [PREFIX + code for code in meta["tops"]]
        self.children: list[str] = [PREFIX + code for code in meta["children"]]
        position = {code: number for number, code in enumerate(self.tops)}
        self.child_top = np.array([position[self.vocabulary.path(code)[0]] for code in self.children])
        self.children_of = [np.flatnonzero(self.child_top == top).tolist() for top in range(len(self.tops))]

        self.words = WordList(arrays["words"].tobytes(), arrays["pairs"].astype(np.int64))
        self.function_word = np.array([word in FUNCTION_WORDS for word in unpack(arrays["words"])])
        self.term_of_item = arrays["term_of_item"].astype(np.int64)
        keyword, child = arrays["keyword"], arrays["child"]
        self.strong = (keyword >= STRONG) @ (1 << np.arange(len(self.tops)))  # a bit a topic
        self.term_size = arrays["term_size"]  # words, or characters in Chinese
        self.weight = arrays["weight"]
        self.scale = arrays["scale"].astype(np.float64)
        self.bias = arrays["bias"].astype(np.float64)
        self.coefficients: dict[str, list[float]] = meta["coefficients"]
        self.reliability: dict[str, list[float]] = meta["reliability"]
        self.sections: dict[str, str] = {name: PREFIX + code for name, code in meta.get("sections", {}).items()}
        expected = {
            "term_of_item": ((self.words.size,), self.term_of_item.shape),
            "keyword": ((len(child), len(self.tops)), keyword.shape),
            "term_size": ((len(keyword),), self.term_size.shape),
            "child": ((len(keyword), len(self.children)), child.shape),
            "weight": ((self.words.size, len(self.tops)), self.weight.shape),
            "bias": ((len(self.tops),), self.bias.shape),
        }
        for name, (wanted, found) in expected.items():
            if wanted != found:
                raise ValueError(f"the topic model is damaged: {name} has shape {found}, expected {wanted}")
        self.keyword, self.child = Sparse(keyword), Sparse(child)

        self.stem_languages = frozenset(meta["languages"]) - {"en", "zh"}
        self._arrays = arrays
        self._stems: dict[str, StemList] = {}

    def stems(self, language: str) -> StemList:
        """The stem list of one of `stem_languages`, made when first asked for."""
        found = self._stems.get(language)
        if found is None:
            found = self._stems[language] = stem_list(self._arrays, language)
        return found

    @cached_property
    def characters(self) -> CharacterList:
        """The Chinese terms, made ready when first asked for."""
        return CharacterList(unpack(self._arrays["terms_zh"]), self._arrays["term_rows_zh"].tolist())

    def warm(self) -> None:
        """Make the lists of all languages now, before a fork."""
        for language in self.stem_languages:
            self.stems(language)
        _ = self.characters

    def count_function_words(self, matches: Matches, documents: int) -> list[int]:
        """How many of the commonest words each English document has; `matches` are items of the word list."""
        single = np.flatnonzero(matches.item < len(self.function_word))
        said = self.function_word[matches.item[single]]
        counts: list[int] = np.bincount(matches.document[single][said], minlength=documents).tolist()
        return counts

    def method(self, language: str) -> Literal["linear", "keywords"]:
        """How texts of `language` are judged."""
        return "linear" if language == "en" else "keywords"

    @classmethod
    def from_artefacts(cls, topics_artefact: Artefact, vocabulary_artefact: Artefact) -> TopicModel:
        """The model from its two artefacts. Raises ValueError when they are damaged or of different releases."""
        return cls(topics_artefact, vocabulary_artefact)
