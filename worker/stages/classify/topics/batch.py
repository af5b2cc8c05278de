"""The stage itself: articles in, verdicts out, the languages of a batch each on their own path."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from worker.models import Article, TopicVerdict
from worker.rules import TopicRules
from worker.stages.classify.topics.lexicon import Matches
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.owner import Ruling, ruling
from worker.stages.classify.topics.scores import Shape, english_scores, keyword_scores
from worker.stages.classify.topics.tokens import english_words, words
from worker.stages.classify.topics.verdict import Text, abstain, by_owner_alone, decide, readable

MAX_WORDS = 450  # headline and the body's first 400 or so; the rest adds time, not accuracy
MAX_CHARS = 8 * MAX_WORDS  # looked at before words are counted, so that one endless word costs nothing
NEAREST = {"no": "nb", "nn": "nn", "ca": "es", "gl": "pt"}  # languages read with a neighbour's words
CHINESE = "zh"
SPLITTERS: dict[str, Callable[[str], Sequence[Any]]] = {CHINESE: list, "en": english_words}


def topics(articles: Sequence[Article], rules: TopicRules, model: TopicModel) -> list[TopicVerdict]:
    """One verdict an article, in order; the same whatever else is in the batch."""
    verdicts: list[TopicVerdict | None] = [None] * len(articles)
    groups: dict[str, list[int]] = {}
    for number, article in enumerate(articles):
        language = spoken(article.language, model)
        if language is None:
            own = ruling(article.headline, article.text, article.language, rules)
            verdicts[number] = by_owner_alone(own, rules, model) or abstain("unsupported_language", model)
        else:
            groups.setdefault(language, []).append(number)
    for language, members in groups.items():
        texts = [read(articles[number], language) for number in members]
        said = [ruling(articles[number].headline, articles[number].text, language, rules) for number in members]
        for number, verdict in zip(members, judge(texts, said, language, rules, model), strict=True):
            verdicts[number] = verdict
    return [verdict for verdict in verdicts if verdict is not None]


def spoken(tag: str, model: TopicModel) -> str | None:
    """The language whose words are looked for in a text with this BCP 47 tag, or None when we have none."""
    language = tag.replace("_", "-").split("-")[0].lower()
    language = NEAREST.get(language, language)
    return language if language in ("en", CHINESE) or language in model.stems else None


def read(article: Article, language: str) -> Text:
    """The words of headline and body, up to the limit, and where each part begins."""
    limit = 2 * MAX_WORDS if language == CHINESE else MAX_WORDS
    split: Callable[[str], Sequence[Any]] = SPLITTERS.get(language, words)
    headline = split((article.headline or "")[:MAX_CHARS])[:limit]
    flat, starts, room = list(headline), [0], MAX_CHARS
    for paragraph in article.text:
        starts.append(len(flat))
        if len(flat) >= limit or room <= 0:
            break
        flat += split(paragraph[:room])
        room -= len(paragraph)
    del flat[limit:]
    return Text(flat, starts, len(headline), language)


def judge(
    texts: Sequence[Text], said: Sequence[Ruling], language: str, rules: TopicRules, model: TopicModel
) -> list[TopicVerdict]:
    """The verdicts of texts of one language; `said` is what the owner's rules say of each."""
    matches: Matches
    function_words = [0] * len(texts)
    if language == CHINESE:
        matches = model.characters.find(["".join(text.words) for text in texts])
    elif language == "en":
        matches = model.words.find([text.words for text in texts])
        function_words = model.count_function_words(matches, len(texts))
    else:
        matches = model.stems[language].find([text.words for text in texts])
    shape = Shape(
        np.array([len(text.words) for text in texts], np.int64),
        np.array([text.headline_words for text in texts], np.int64),
    )
    scores, terms = (english_scores if language == "en" else keyword_scores)(matches, shape, model)
    found = readable(scores, terms, function_words, model)
    return [decide(text, number, found, said[number], rules, model) for number, text in enumerate(texts)]
