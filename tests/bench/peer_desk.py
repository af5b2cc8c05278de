"""Peer (a): what a good engineer writes in a day. One Celery task a page; each step its best-known library.

trafilatura with metadata, MinHash-LSH of datasketch on Redis, countries by geotext, topics by a list of words, SQLite.
It makes no promise about lost captures, has one verdict less and no evidence; it is here for its cost. Its worker is
started by `peers.py`; place and broker come through the environment.
"""

from __future__ import annotations

import json
import os
import re
import sqlite3
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from celery import Celery

app = Celery("peer", broker=os.environ.get("PEER_BROKER", "redis://localhost"))
app.conf.update(task_ignore_result=True, task_acks_late=True, worker_prefetch_multiplier=4)

WORD = re.compile(r"\w+")
TOPICS = {
    "politics": "election minister parliament government president vote party senate campaign opposition council",
    "economy": "bank budget market prices trade company loan economy inflation wages tax shares investors",
    "conflict": "war troops attack army missile curfew unrest soldiers bomb militia ceasefire",
    "crime": "police court judge arrested charges prosecutors murder trial prison investigation",
    "health": "health hospital vaccination virus doctors patients disease medical",
    "sport": "football match striker league team coach season goal tournament players",
    "science": "researchers study university scientists space climate species",
    "disaster": "earthquake flood storm rescue fire wildfire hurricane victims",
}
LISTS = {topic: frozenset(words.split()) for topic, words in TOPICS.items()}


@cache
def lsh() -> Any:
    from datasketch import MinHashLSH

    where = urlsplit(os.environ["PEER_BROKER"])
    redis = {"host": where.hostname, "port": where.port, "password": where.password}
    if where.scheme.endswith("unix") or not where.hostname:
        redis = {"unix_socket_path": where.path}
    return MinHashLSH(
        threshold=0.8, num_perm=128, storage_config={"type": "redis", "basename": b"peer", "redis": redis}
    )


@cache
def store() -> sqlite3.Connection:
    connection = sqlite3.connect(os.environ["PEER_STORE"], timeout=60, isolation_level=None)
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute(
        "CREATE TABLE IF NOT EXISTS articles (url TEXT PRIMARY KEY, title, author, published, text, countries, topics, copy)"
    )
    return connection


def article_of(body: str, kind: str) -> dict[str, Any] | None:
    """Title, author, date and text of a page; a text is taken as it is."""
    if kind == "text":
        title, _, text = body.strip().partition("\n")
        return {"title": title, "author": None, "date": None, "text": text}
    from trafilatura import bare_extraction

    found = bare_extraction(body, with_metadata=True)
    return found.as_dict() if found is not None and found.text else None


def minhash_of(text: str) -> Any:
    from datasketch import MinHash

    words = WORD.findall(text.lower())
    minhash = MinHash(num_perm=128)
    minhash.update_batch([" ".join(words[at : at + 5]).encode() for at in range(max(1, len(words) - 4))])
    return minhash


def countries_of(text: str) -> list[str]:
    from geotext import GeoText

    return list(GeoText(text).country_mentions)


def topics_of(text: str) -> list[str]:
    words = set(WORD.findall(text.lower()))
    return sorted((topic for topic, those in LISTS.items() if len(words & those) > 1), key=str)


@app.task(name="peer.page")
def page(url: str, body: str, kind: str) -> None:
    found = article_of(body, kind)
    if found is None:
        store().execute("INSERT OR REPLACE INTO articles (url) VALUES (?)", (url,))
        return
    text = found["text"]
    minhash = minhash_of(text)
    copies = lsh().query(minhash)
    if not copies:
        lsh().insert(url, minhash, check_duplication=False)
    store().execute(
        "INSERT OR REPLACE INTO articles VALUES (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            url,
            found["title"],
            found["author"],
            found["date"],
            text,
            json.dumps(countries_of(text)),
            json.dumps(topics_of(text)),
            copies[0] if copies else None,
        ),
    )
