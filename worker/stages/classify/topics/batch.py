"""The stage itself: articles in, verdicts out, the languages of a batch each on their own path."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import numpy as np

from worker.models import Article, TopicVerdict
from worker.rules import TopicRules
from worker.stages.classify.topics.lexicon import English, Matches, english
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.owner import Ruling, ruling
from worker.stages.classify.topics.scores import Shape, english_scores, keyword_scores
from worker.stages.classify.topics.sections import hinted
from worker.stages.classify.topics.tokens import words
from worker.stages.classify.topics.verdict import Text, abstain, by_owner_alone, decide, readable

MAX_WORDS = 450  # headline and the body's first 400 or so; the rest adds time, not accuracy
MAX_CHARS = 8 * MAX_WORDS  # looked at before words are counted, so that one endless word costs nothing
NEAREST = {"no": "nb", "nn": "nn", "ca": "es", "gl": "pt"}  # languages read with a neighbour's words
CHINESE = "zh"


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
        chosen = [articles[number] for number in members]
        said = [
            ruling(article.headline, article.text, language, rules)._replace(sections=hinted(article, model.sections))
            for article in chosen
        ]
        for number, verdict in zip(members, judge(chosen, said, language, rules, model), strict=True):
            verdicts[number] = verdict
    return [verdict for verdict in verdicts if verdict is not None]


def spoken(tag: str, model: TopicModel) -> str | None:
    """The language whose words are looked for in a text with this BCP 47 tag, or None when we have none."""
    language = tag.replace("_", "-").split("-")[0].lower()
    language = NEAREST.get(language, language)
    return language if language in ("en", CHINESE) or language in model.stem_languages else None


def parts(article: Article) -> list[str]:
    """The headline and the paragraphs, no more of them than can matter."""
    shown, room = [(article.headline or "")[:MAX_CHARS]], MAX_CHARS
    for paragraph in article.text:
        if room <= 0:
            break
        shown.append(paragraph[:room])
        room -= len(paragraph)
    return shown


def read_english(articles: Sequence[Article]) -> tuple[English, list[Text]]:
    """The words of headline and body, up to the limit, and where each part begins."""
    split = [parts(article) for article in articles]
    found = english(split, MAX_WORDS)
    begins, first = found.part.tolist(), found.first.tolist()
    texts, place = [], 0
    for number, shown in enumerate(split):
        starts = begins[place : place + len(shown)]
        place += len(shown)
        length = first[number + 1] - first[number]
        surface = partial(found.surface, first[number])
        texts.append(Text(length, starts, starts[1] if len(starts) > 1 else length, "en", surface))
    return found, texts


def read(article: Article, language: str) -> tuple[list[str], Text]:
    """The same for the other languages, an article at a time."""
    limit, split = (2 * MAX_WORDS, list) if language == CHINESE else (MAX_WORDS, words)
    flat: list[str] = []
    starts = []
    for part in parts(article):
        starts.append(len(flat))
        flat += split(part)
    del flat[limit:]
    headline_words = min(starts[1], limit) if len(starts) > 1 else len(flat)
    joint = "" if language == CHINESE else " "
    return flat, Text(len(flat), starts, headline_words, language, lambda at, size: joint.join(flat[at : at + size]))


def judge(
    articles: Sequence[Article], said: Sequence[Ruling], language: str, rules: TopicRules, model: TopicModel
) -> list[TopicVerdict]:
    """The verdicts of articles in one language; `said` is what the owner's rules say of each."""
    matches: Matches
    function_words = [0] * len(articles)
    if language == "en":
        found_words, texts = read_english(articles)
        matches = model.words.find(found_words)
        function_words = model.count_function_words(matches, len(texts))
    else:
        flat, texts = map(list, zip(*(read(article, language) for article in articles), strict=True))
        if language == CHINESE:
            matches = model.characters.find(["".join(characters) for characters in flat])
        else:
            matches = model.stems(language).find(flat)
    shape = Shape(
        np.array([text.length for text in texts], np.int64),
        np.array([text.headline_words for text in texts], np.int64),
    )
    scores, terms, says = (english_scores if language == "en" else keyword_scores)(matches, shape, model)
    found = readable(scores, terms, says, function_words, model)
    return [decide(text, number, found, said[number], rules, model) for number, text in enumerate(texts)]
