"""How right each stage is beside its peer, on labelled articles where there are some (COPYDESK_DATA); never shipped.

The scores are those of `tests/quality`, where each has its floor; the peer's are taken the same way.
"""

from __future__ import annotations

import gzip
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

import peer_desk
from peers import tried

from worker.artefacts.build_line_pages import shingles
from worker.artefacts.build_regions.measure import article_of
from worker.models import CleanArticle, Origin, RawCapture
from worker.pipeline import Models, Pipeline
from worker.settings import Settings, load
from worker.stages.classify.regions import regions
from worker.stages.classify.topics import resolve, topics

TOP = dict(
    zip(
        "politics economy conflict crime health sport science disaster".split(),
        "11000000 04000000 16000000 02000000 07000000 15000000 13000000 03000000".split(),
        strict=True,
    )
)
COPIES = {"recapture", "exact_copy", "near_copy", "excerpt", "update", "supersedes", "contained"}
THRESHOLD = 0.8  # of the peer's index, as in peer_desk

Score = tuple[str, float, float | None]  # what, ours, the peer's


def measure(models: Models) -> list[dict[str, Any]]:
    """A row for each score: `stage`, `what` with its data, `ours` and `peer` between 0 and 1; none without the data."""
    settings = load("fused")
    told = []
    for stage, work in (
        ("normalize", bodies),
        ("deduplicate", copies),
        ("classify", countries),
        ("classify", labels),
    ):
        row = tried(lambda work=work: {"scores": work(settings, models)})
        told += [
            {"stage": stage, "what": what, "ours": ours, "peer": peer} for what, ours, peer in row.get("scores", [])
        ]
    return told


def bodies(settings: Settings, models: Models) -> list[Score]:
    """4-gram F1 of the bodies of labelled pages, and of the same pages flattened to text."""
    told: list[Score] = []
    for name, kind, media_type, field in (
        ("extraction/pages.jsonl.gz", "html", "text/html", "html"),
        ("extraction/text_captures.jsonl.gz", "text", "text/plain", "text"),
    ):
        rows = labelled(name)
        ours, theirs = [], []
        for row in rows:
            clean = _cleaned(row[field], media_type, row["url"], settings, models)
            ours.append("\n".join(clean.article.text) if clean else "")
            theirs.append((peer_desk.article_of(row[field], kind) or {"text": ""})["text"])
        golds = [row["body"] for row in rows]
        told.append((f"body, F1 over 4 words, {len(rows)} {kind} captures", _f1(ours, golds), _f1(theirs, golds)))
    return told


def copies(settings: Settings, models: Models) -> list[Score]:
    """F1 of copies found in a stream of copies, excerpts and templates: right when the earlier text is named."""
    from datasketch import MinHashLSH

    rows = labelled("dedup/synthetic.jsonl.gz")
    index = MinHashLSH(threshold=THRESHOLD, num_perm=128)
    pipeline = Pipeline.in_memory(settings, models)
    label: dict[str | None, str] = {}
    ours, theirs, seen, positives = Counter[str](), Counter[str](), set[str](), 0
    for number, row in enumerate(rows):
        positive = row["c"] in seen
        seen.add(row["c"])
        positives += positive
        article = article_of({"title": "", "text": row["text"], "corpus": "en"})
        name = f"{number:064x}"
        url = f"https://{row['site']}/{number}"
        capture = article.capture.model_copy(update={"capture_id": name, "url": url})
        article = article.model_copy(update={"capture": capture, "article_id": name, "headline": None, "url": url})
        verdict = pipeline.judge_alone(article).duplicate
        label[name] = row["c"]
        if verdict.kind in COPIES:
            ours["found"] += 1
            ours["right"] += positive and label[verdict.of] == row["c"]
        minhash = peer_desk.minhash_of(row["text"])
        if alike := index.query(minhash):
            theirs["found"] += 1
            theirs["right"] += any(label[one] == row["c"] for one in alike)
        else:
            index.insert(name, minhash)
    pipeline.close()
    f1 = [2 * one["right"] / (one["found"] + positives) for one in (ours, theirs)]
    return [(f"copies, F1, {len(rows):,} captures", f1[0], f1[1])]


def countries(settings: Settings, models: Models) -> list[Score]:
    """F1 of the countries that labelled articles name, and how often the first is the editors' first."""
    told: list[Score] = []
    for name in ("reuters_train", "lgl", "geowebnews"):
        rows = labelled(f"region/{name}.jsonl.gz")
        golds = [set(row["gold"]) for row in rows]
        verdicts = [regions(article_of(row), settings.regions, models.gazetteer) for row in rows]
        ours = [{one.code for one in (*verdict.about, *verdict.mentioned)} for verdict in verdicts]
        theirs = [peer_desk.countries_of(f"{row['title']}\n{row['text']}") for row in rows]
        told.append((f"countries, F1, {name} ({len(rows):,})", _sets(ours, golds), _sets(map(set, theirs), golds)))
        first = [row["primary"] for row in rows]
        told.append(
            (
                f"main country, {name}",
                _share(verdict.primary == one for verdict, one in zip(verdicts, first, strict=True) if one),
                _share(found[:1] == [one] for found, one in zip(theirs, first, strict=True) if one),
            )
        )
    return told


def labels(settings: Settings, models: Models) -> list[Score]:
    """Micro-F1 of the top topics of whole articles."""
    rows = [row for row in labelled("topic/wikinews_multilabel.jsonl.gz") if row["primary"]]
    golds = [set(row["topics"]) for row in rows]
    rules, _ = resolve(settings.topics, models.topics.vocabulary)
    articles = [article_of({"title": row["title"], "text": row["text"], "corpus": "en"}) for row in rows]
    ours = [{one.code[7:] for one in verdict.all} for verdict in topics(articles, rules, models.topics)]
    theirs = [{TOP[word] for word in peer_desk.topics_of(f"{row['title']}\n{row['text']}")} for row in rows]
    return [(f"topics, micro-F1, {len(rows)} Wikinews articles", _sets(ours, golds), _sets(theirs, golds))]


def labelled(name: str) -> list[dict[str, Any]]:
    folder = os.environ.get("COPYDESK_DATA")
    if not folder:
        raise FileNotFoundError("COPYDESK_DATA is not set")
    with gzip.open(Path(folder, name), "rt", encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _cleaned(body: str, media_type: str, url: str, settings: Settings, models: Models) -> CleanArticle | None:
    from worker.pipeline import whole_way

    raw = RawCapture(
        body=body.encode("utf-8", "replace"), media_type=media_type, url=url or None, origin=Origin(location="quality")
    )
    return next(iter(whole_way(Pipeline.in_memory(settings, models), [raw]))).clean


def _f1(found: Sequence[str], golds: Sequence[str]) -> float:
    """As `tests/quality` scores bodies: mean precision of what was found, mean recall of all."""
    precisions, recalls = [], []
    for text, body in zip(found, golds, strict=True):
        got, gold = shingles(text), shingles(body)
        common = (got & gold).total()
        if got:
            precisions.append(common / got.total())
        recalls.append(common / gold.total() if gold else 1.0)
    precision, recall = sum(precisions) / len(precisions), sum(recalls) / len(recalls)
    return 2 * precision * recall / (precision + recall)


def _sets(found: Iterable[set[str]], golds: Sequence[set[str]]) -> float:
    pairs = list(zip(found, golds, strict=True))
    return 2 * sum(len(a & b) for a, b in pairs) / sum(len(a) + len(b) for a, b in pairs)


def _share(right: Iterable[bool]) -> float:
    counted = list(right)
    return sum(counted) / len(counted)
