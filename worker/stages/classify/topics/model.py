"""The topic model in memory: terms of every language, their topics, the linear model and its calibration."""

from __future__ import annotations

from typing import Literal

import numpy as np

from worker.stages.artefact import Artefact
from worker.stages.classify.topics.lexicon import CharacterList, Matches, WordList, stem_lists, unpack
from worker.stages.classify.topics.tokens import FUNCTION_WORDS
from worker.stages.classify.topics.vocabulary import PREFIX, Vocabulary

STRONG = 2  # half hits


class TopicModel:
    """Everything `topics` needs, loaded once before the fork and never changed.

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
        self.children_of = [np.flatnonzero(self.child_top == top) for top in range(len(self.tops))]

        self.words = WordList(arrays["words"].tobytes(), arrays["pairs"].astype(np.int64))
        self.function_word = np.array([word in FUNCTION_WORDS for word in unpack(arrays["words"])])
        self.term_of_item = arrays["term_of_item"].astype(np.int64)
        self.keyword = arrays["keyword"]
        self.strong = (self.keyword >= STRONG) @ (1 << np.arange(len(self.tops)))  # a bit a topic
        self.child = arrays["child"]
        self.term_size = arrays["term_size"]  # words, or characters in Chinese
        self.weight = arrays["weight"]
        self.scale = arrays["scale"].astype(np.float64)
        self.bias = arrays["bias"].astype(np.float64)
        self.coefficients: dict[str, list[float]] = meta["coefficients"]
        self.reliability: dict[str, list[float]] = meta["reliability"]
        self.sections: dict[str, str] = {name: PREFIX + code for name, code in meta.get("sections", {}).items()}
        expected = {
            "term_of_item": ((self.words.size,), self.term_of_item.shape),
            "keyword": ((len(self.child), len(self.tops)), self.keyword.shape),
            "term_size": ((len(self.keyword),), self.term_size.shape),
            "child": ((len(self.keyword), len(self.children)), self.child.shape),
            "weight": ((self.words.size, len(self.tops)), self.weight.shape),
            "bias": ((len(self.tops),), self.bias.shape),
        }
        for name, (wanted, found) in expected.items():
            if wanted != found:
                raise ValueError(f"the topic model is damaged: {name} has shape {found}, expected {wanted}")

        self.stems = stem_lists(arrays, [language for language in meta["languages"] if language != "zh"])
        self.characters = CharacterList(unpack(arrays["terms_zh"]), arrays["term_rows_zh"].tolist())

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
