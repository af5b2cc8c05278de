"""Who wrote a text that another site prints, read from whole captures in seven languages."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article
from worker.stages.normalize.syndication import find_organisation, read_agency_line, read_courtesy, split_dateline

STORY = {
    "en": (
        "Harbour opens its new quay after three years",
        "the harbour authority opened the new quay on Monday after three years of work, and ships tied up at once.",
        "Engineers had found cracks in the old wall, and vessels of more than forty metres were sent elsewhere.",
        "A second quay is to follow next year, the mayor said, if the council finds the money for it in time.",
    ),
    "es": (
        "El puerto abre su nuevo muelle tras tres años",
        "la autoridad portuaria abrió el lunes el nuevo muelle después de tres años de obras, y los barcos atracaron.",
        "Los ingenieros habían hallado grietas en el muro viejo y los buques grandes fueron enviados a otra parte.",
        "Un segundo muelle seguirá el próximo año, dijo la alcaldesa, si el consejo encuentra el dinero a tiempo.",
    ),
    "pt": (
        "Porto abre novo cais depois de três anos",
        "a autoridade portuária abriu na segunda-feira o novo cais depois de três anos de obras, e os navios atracaram.",
        "Os engenheiros tinham encontrado rachaduras no muro antigo, e os navios grandes foram enviados para longe.",
        "Um segundo cais deve ser feito no próximo ano, disse a prefeita, se a câmara encontrar o dinheiro a tempo.",
    ),
    "fr": (
        "Le port ouvre son nouveau quai après trois ans",
        "l'autorité portuaire a ouvert lundi le nouveau quai après trois ans de travaux, et les navires ont accosté.",
        "Les ingénieurs avaient trouvé des fissures dans l'ancien mur, et les grands navires étaient envoyés ailleurs.",
        "Un deuxième quai doit suivre l'an prochain, a dit la maire, si le conseil trouve l'argent à temps pour cela.",
    ),
    "de": (
        "Hafen öffnet nach drei Jahren seinen neuen Kai",
        "die Hafenbehörde hat am Montag nach drei Jahren Bauzeit den neuen Kai geöffnet, und Schiffe legten sofort an.",
        "Ingenieure hatten Risse in der alten Mauer gefunden, und größere Schiffe wurden in andere Häfen geschickt.",
        "Ein zweiter Kai soll im nächsten Jahr folgen, sagte die Bürgermeisterin, wenn der Rat das Geld dafür findet.",
    ),
    "it": (
        "Il porto apre la nuova banchina dopo tre anni",
        "l'autorità portuale ha aperto lunedì la nuova banchina dopo tre anni di lavori, e le navi hanno attraccato.",
        "Gli ingegneri avevano trovato crepe nel vecchio muro, e le navi più grandi erano state mandate altrove.",
        "Una seconda banchina seguirà il prossimo anno, ha detto la sindaca, se il consiglio trova i soldi in tempo.",
    ),
    "ru": (
        "Порт открыл новый причал после трёх лет работ",
        "портовое управление открыло в понедельник новый причал после трёх лет работ, и к нему сразу подошли суда.",
        "Инженеры нашли трещины в старой стене, и суда длиннее сорока метров отправляли в другие порты побережья.",
        "Второй причал появится в следующем году, сказала мэр города, если совет вовремя найдёт на него деньги.",
    ),
}


@pytest.mark.parametrize(
    ("language", "opening", "closing", "domain", "evidence"),
    [
        ("en", "CARACAS (Reuters) - T", "", "reuters.com", "dateline"),
        ("en", "OSLO, Norway (AP) — T", "", "apnews.com", "dateline"),
        ("en", "TOKYO (Kyodo) -- T", "", "kyodonews.net", "dateline"),
        ("en", "SEOUL, March 12 (Yonhap) -- T", "", "yna.co.kr", "dateline"),
        ("en", "BEIJING, March 12 (Xinhua) -- T", "", "xinhuanet.com", "dateline"),
        ("en", "BIRMINGHAM, Ala. (Meridian) — T", "", None, "dateline"),
        ("en", "T", "This article was originally published by The Guardian.", "theguardian.com", "courtesy_line"),
        ("en", "T", "(Reuters)", "reuters.com", "agency_credit"),
        ("en", "T", "Read the full story at The Guardian", "theguardian.com", "read_on_link"),
        ("en", "T", "Continue reading at Peach County Record", None, "read_on_link"),
        ("es", "Lisboa, 12 mar (EFE).- L", "", "efe.com", "dateline"),
        ("es", "L", "Con información de EFE", "efe.com", "courtesy_line"),
        ("es", "L", "Fuente: Europa Press", "europapress.es", "source_line"),
        ("es", "L", "Publicado originalmente en El País.", "elpais.com", "courtesy_line"),
        ("pt", "A", "Com informações da Agência Brasil", "agenciabrasil.ebc.com.br", "courtesy_line"),
        ("pt", "A", "Fonte: Agência Lusa", "lusa.pt", "source_line"),
        ("pt", "A", "Publicado originalmente no O Globo.", "oglobo.globo.com", "courtesy_line"),
        ("fr", "L", "(avec AFP)", "afp.com", "courtesy_line"),
        ("fr", "L", "Source : Belga", "belga.be", "source_line"),
        ("fr", "BRUXELLES (Belga) - L", "", "belga.be", "dateline"),
        ("fr", "L", "Publié initialement par Le Monde.", "lemonde.fr", "courtesy_line"),
        ("de", "Berlin (dpa) - D", "", "dpa.com", "dateline"),
        ("de", "Wien (APA) – D", "", "apa.at", "dateline"),
        ("de", "D", "Mit Material von dpa", "dpa.com", "courtesy_line"),
        ("de", "D", "Quelle: Keystone-SDA", "keystone-sda.ch", "source_line"),
        ("it", "(ANSA) - ROMA, 12 MAR - L", "", "ansa.it", "dateline"),
        ("it", "L", "Fonte: Adnkronos", "adnkronos.com", "source_line"),
        ("it", "ROMA (LaPresse) - L", "", "lapresse.it", "dateline"),
        ("ru", "МОСКВА, 12 марта (ТАСС) — П", "", "tass.com", "dateline"),
        ("ru", "П", "Источник: Интерфакс", "interfax.ru", "source_line"),
        ("ru", "П", "По материалам РИА Новости", "ria.ru", "courtesy_line"),
    ],
)
def test_capture_names_who_wrote_it(
    normalized: Callable[..., Any], language: str, opening: str, closing: str, domain: str | None, evidence: str
) -> None:
    headline, first, *others = STORY[language]
    capture = "\n\n".join([headline, opening + first[1:], *others, closing])

    article = normalized(capture, media_type="text/plain")

    assert isinstance(article, Article)
    assert article.original_publisher is not None
    assert article.original_publisher.domain == domain
    assert evidence in article.original_publisher.evidence
    assert article.text[0].endswith(first[1:])
    assert article.text[1:] == tuple(others)
    assert article.is_excerpt == (evidence == "read_on_link")


@pytest.mark.parametrize(
    "sentence",
    [
        "AP Biology remains the hardest course at the school, pupils said.",
        "The Reuters building on the square is to become a hotel, the council said.",
        "She studied at the Guardian Institute and later wrote about ferries.",
        "Reading the full story of the harbour took the inquiry three years.",
        "According to Reuters, the mayor will not stand again next spring.",
        "Die dpa hat ihren Sitz in Hamburg und berichtet über den Hafen.",
        "La agencia EFE cumple años y lo celebra con una exposición en el puerto.",
        "L'AFP a ouvert un bureau au port, selon la maire de la ville.",
    ],
)
def test_sentence_that_speaks_of_an_agency_makes_no_publisher(normalized: Callable[..., Any], sentence: str) -> None:
    headline, first, *others = STORY["en"]
    capture = "\n\n".join([headline, "T" + first[1:], sentence, *others])

    article = normalized(capture, media_type="text/plain")

    assert article.original_publisher is None
    assert sentence in article.text


@pytest.mark.parametrize(
    "line", ["AP Biology", "Reuters building", "(see below)", "The AP style", "Source: my own notes"]
)
def test_line_that_only_begins_like_an_agency_is_none(line: str) -> None:
    assert read_agency_line(line) is None
    assert read_courtesy(line) is None


@pytest.mark.parametrize(
    "paragraph",
    ["Paris (the city) — it rained.", "He left (AP reported) - and came back.", "WASHINGTON (Sept. 3) — Rain."],
)
def test_brackets_without_an_agency_are_no_dateline(paragraph: str) -> None:
    dateline = split_dateline(paragraph)

    assert dateline is None or dateline.agency is None


@pytest.mark.parametrize(
    "name", ["PTI", "Belga", "Lusa", "Kyodo", "Yonhap", "Interfax", "ТАСС", "新华社", "APA", "ANSA"]
)
def test_agency_is_known_by_its_short_name(name: str) -> None:
    assert find_organisation(name) is not None


def test_headline_loses_the_name_that_its_credit_shows(normalized: Callable[..., Any]) -> None:
    headline, first, *others = STORY["en"]
    shown = f"{headline}: The Northern Ledger"
    credit = "The quay at dawn.Credit...Ana Ruiz for The Northern Ledger. Courtesy of The Northern Ledger."

    article = normalized("\n\n".join([shown, credit, "T" + first[1:], *others]), media_type="text/plain")

    assert article.headline == headline
    assert article.alt_headlines == (shown,)
    assert article.original_publisher.name == "The Northern Ledger"


def test_headline_keeps_a_speaker_at_its_end(normalized: Callable[..., Any]) -> None:
    headline, first, *others = STORY["en"]

    article = normalized("\n\n".join([f"{headline}: Mayor Ruiz", "T" + first[1:], *others]), media_type="text/plain")

    assert article.headline == f"{headline}: Mayor Ruiz"
