"""Who wrote a syndicated text, from every printed form of saying so."""

from __future__ import annotations

import pytest

from worker.models import Organisation
from worker.stages.normalize.syndication import (
    Claim,
    original_publisher,
    read_courtesy,
    split_credit,
    split_dateline,
    split_headline,
)


@pytest.mark.parametrize(
    ("line", "domain"),
    [
        ("Courtesy of The New York Times.", "nytimes.com"),
        ("Con información de EFE", "efe.com"),
        ("Com informações da Agência Brasil", "agenciabrasil.ebc.com.br"),
        ("Mit Material von dpa", "dpa.com"),
        ("This article was originally published by The Guardian.", "theguardian.com"),
        ("© 2024 The Associated Press", "apnews.com"),
        ("Źródło: PAP", "pap.pl"),
        ("来源：新华社", "xinhuanet.com"),
    ],
)
def test_courtesy_line_names_its_publisher(line: str, domain: str) -> None:
    claim = read_courtesy(line)

    assert claim is not None
    assert claim.organisation.domain == domain


@pytest.mark.parametrize(
    ("paragraph", "domain", "rest"),
    [
        ("CARACAS (Reuters) - Officials met.", "reuters.com", "Officials met."),
        ("KALUNDA, Zambezia (AP) — Miners met.", "apnews.com", "Miners met."),
        ("Lisboa, 12 abr (EFE).- Miles marcharon.", "efe.com", "Miles marcharon."),
        ("(ANSA) - VALDORA, 2 SET - Sono salvi.", "ansa.it", "Sono salvi."),
    ],
)
def test_dateline_is_cut_from_its_paragraph(paragraph: str, domain: str, rest: str) -> None:
    dateline = split_dateline(paragraph)

    assert dateline is not None
    assert dateline.agency is not None
    assert (dateline.agency.domain, dateline.rest) == (domain, rest)


@pytest.mark.parametrize("text", ["The court (which sat late) — ruled.", "He said: (well) — no.", "Plain words."])
def test_sentence_with_brackets_is_no_dateline(text: str) -> None:
    assert split_dateline(text) is None


@pytest.mark.parametrize("headline", ["Coffee helps: study", "A Tale - Part Two", "Prices rise: up"])
def test_headline_without_a_publisher_keeps_its_end(headline: str) -> None:
    assert split_headline(headline) == (headline, None)


def test_sentence_about_credits_is_no_credit_line() -> None:
    assert split_credit("Pricing uses credits to unlock longer exports.") is None


def test_agreeing_claims_outweigh_a_single_one() -> None:
    agency, paper = Organisation(name="A", domain="a.example"), Organisation(name="B", domain="b.example")

    publisher = original_publisher(
        [Claim(agency, "dateline"), Claim(paper, "headline_suffix"), Claim(paper, "courtesy_line")]
    )

    assert publisher is not None
    assert (publisher.domain, publisher.evidence) == ("b.example", ("headline_suffix", "courtesy_line"))
