"""Fingerprints: what counts as the same text, address and site."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from worker.models import Article, BodyRef, Capture, Extractor, Origin, OriginalPublisher
from worker.rules import DedupRules
from worker.stages.deduplicate import Sketch, fingerprint, fingerprints, paragraph_hashes
from worker.stages.deduplicate.fingerprint import anchors_of, url_key_of
from worker.stages.deduplicate.furniture import is_call_to_action
from worker.stages.deduplicate.judge import numbers_agree
from worker.stages.deduplicate.words import lines_of, shingles, word_hashes

BODY = "The mayor's office said on Monday - after two years - that 5.4% of the city's 1,200 bridges need repair. " * 3


def _article(text: str, url: str | None = "https://www.one.example/a", **facts: Any) -> Article:
    capture = Capture(
        capture_id="0" * 64, body=BodyRef(digest="0" * 64, size=1), origin=Origin(location="test"), url=url
    )
    return Article(
        capture=capture,
        article_id="0" * 64,
        text=tuple(text.split("\n\n")),
        url=url,
        extractor=Extractor(name="test", version="1", path="test"),
        **facts,
    )


def _print(text: str, **facts: Any) -> Any:
    return fingerprint(_article(text, **facts), (), DedupRules())


@pytest.mark.parametrize(
    "retyped",
    [
        BODY.replace("'", "’").replace(" - ", " — "),
        BODY.replace(" ", "\u00a0"),
        BODY.replace("office", "of\u00adfice"),
        BODY.upper(),
        "“" + BODY + "”",
        BODY.replace(". The", ".\n\nThe"),
        BODY.replace("office", "o\ufb03ce"),
    ],
)
def test_typography_does_not_change_the_text(retyped: str) -> None:
    assert _print(retyped).exact_hash == _print(BODY).exact_hash
    assert _print(retyped).anchors == _print(BODY).anchors
    assert _print(retyped).numbers == _print(BODY).numbers


def test_digits_count() -> None:
    assert _print(BODY.replace("5.4", "5.5")).exact_hash != _print(BODY).exact_hash


def test_headline_and_call_to_action_do_not_count() -> None:
    plain = _print(BODY)

    assert _print(BODY, headline="Bridges").exact_hash == plain.exact_hash
    assert _print(BODY + "\n\nRead the full story").exact_hash == plain.exact_hash


def test_known_furniture_is_left_out() -> None:
    article = _article(BODY + "\n\nAll about our site and its many friends")
    footer = paragraph_hashes(article).paragraphs[-1]

    found = fingerprint(article, {footer}, DedupRules())

    assert found.exact_hash == _print(BODY).exact_hash
    assert found.stripped == 1
    assert footer in found.paragraphs


@pytest.mark.parametrize("line", [b"continue reading", b"leave a reply", b"sign up for our newsletter", b"weiterlesen"])
def test_calls_to_action_are_known(line: bytes) -> None:
    assert is_call_to_action(line)


@pytest.mark.parametrize("line", [b"shares fell in london", b"leave the eu by friday", b"signing up took years"])
def test_sentences_are_no_calls_to_action(line: bytes) -> None:
    assert not is_call_to_action(line)


def test_address_is_compared_without_tracking_scheme_and_slash() -> None:
    key = url_key_of(_article(BODY, "https://www.one.example/a/?utm_source=x&id=3"))

    assert key == url_key_of(_article(BODY, "http://one.example/a?id=3#top"))
    assert key != url_key_of(_article(BODY, "https://one.example/a?id=4"))
    assert url_key_of(_article(BODY, None)) is None


def test_canonical_link_counts_on_its_own_site_and_never_for_the_front_page() -> None:
    url = "https://one.example/amp/a"

    assert url_key_of(_article(BODY, url, canonical_url="https://one.example/a")) == url_key_of(
        _article(BODY, "https://one.example/a")
    )
    for elsewhere in ("https://two.example/a", "https://one.example/"):
        assert url_key_of(_article(BODY, url, canonical_url=elsewhere)) == url_key_of(_article(BODY, url))


def test_unreadable_address_is_kept_as_it_is() -> None:
    assert url_key_of(_article(BODY, "http://[broken")) is not None


def test_part_of_a_text_keeps_its_share_of_anchors() -> None:
    hashes = word_hashes(b" ".join(b"word%d" % (i * i % 977) for i in range(600)))

    whole, part = (set(anchors_of(hashes[:words], [words])[0].anchors) for words in (600, 300))

    assert len(whole) <= 64
    assert len(part & whole) >= 0.9 * len(part)


def test_script_without_spaces_is_compared_by_characters() -> None:
    text = "市长办公室周一表示经过两年的检查全市一千二百座桥梁中有百分之五需要维修资金将由中央政府提供" * 3

    found = _print(text)

    assert found.words == len(text) // 2
    assert found.anchors
    assert set(_print(text[:70]).anchors) & set(found.anchors)


def test_named_origin_is_kept() -> None:
    assert _print(BODY, original_publisher=OriginalPublisher(domain="www.agency.example")).origin == "agency.example"


def test_numbers_beyond_the_sample_are_not_compared() -> None:
    few = Sketch(words=100, numbers=(5, 60, 900), numbers_total=3)
    cut = Sketch(words=100, numbers=(5, 7, 70), numbers_total=40)

    assert numbers_agree(few, cut) == numbers_agree(cut, few) == (2, (5,))


def test_runs_are_hashed_alike_wherever_they_stand() -> None:
    run = b"harbour bridge council winter rain"

    alone, behind = shingles(word_hashes(run), 5), shingles(word_hashes(b"opening " * 400 + run), 5)

    assert alone.tolist() == behind[-1:].tolist()
    assert alone[0] != shingles(word_hashes(b"rain winter council bridge harbour"), 5)[0]


def test_many_texts_have_the_fingerprints_each_has_alone() -> None:
    dense = "市长办公室周一表示经过两年的检查全市一千二百座桥梁中有百分之五需要维修资金将由中央政府提供" * 3
    long = " ".join(f"word{i}" for i in range(2500))
    texts = [
        BODY,
        "",
        long,
        dense,
        "Two words",
        BODY + "\n\nRead the full story",
        dense[:50],
        BODY.upper(),
        "four words are few",
    ]
    articles = [_article(text) for text in texts]
    known = [paragraph_hashes(article).paragraphs[: at % 2] for at, article in enumerate(articles)]

    together = fingerprints(articles, known, DedupRules())

    assert together == [fingerprint(*each, DedupRules()) for each in zip(articles, known, strict=True)]
    assert [len(found.anchors) for found in together][2] == 64
    assert fingerprints([], [], DedupRules()) == []


def test_words_that_differ_anywhere_have_other_hashes() -> None:
    word = b"antidisestablishmentarian"[:24]
    words = [word[:size] for size in range(1, 25)] + [word[:at] + b"#" + word[at + 1 :] for at in range(24)]

    hashes = word_hashes(b" ".join(words)).tolist()

    assert len(set(hashes)) == len(words)
    assert hashes == [word_hashes(one)[0] for one in words]


def test_lines_are_known_by_their_words() -> None:
    first, second, third = lines_of(b"rain, at last.\n\n rain -- at  last\nrain at noon")

    assert first.key == second.key != third.key
    assert second.letters == b"rain at last"


def test_sketch_does_not_depend_on_the_hash_seed() -> None:
    code = (
        "from worker.stages.deduplicate.fingerprint import anchors_of\n"
        "from worker.stages.deduplicate.words import word_hashes\n"
        "print(anchors_of(word_hashes(b' '.join(b'w%d' % i for i in range(200))), [200])[0])"
    )

    said = {
        subprocess.run(
            [sys.executable, "-c", code], env={"PYTHONHASHSEED": seed}, capture_output=True, check=True
        ).stdout
        for seed in ("1", "2")
    }

    assert len(said) == 1
