"""Texts that hold no article, each with its reason, and short articles that look a little like them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article, Drop

HOME = """Daily Gazette
Home
News
Sport
Subscribe
Top stories
Harbour opens its new quay
2 hours ago
Ferry fares rise again
The owner says fuel costs leave no choice.
3 hours ago
Storm closes the coast road
Schools stay shut on Tuesday.
5 hours ago
Museum asks for old photographs
Most read
Mayor will not stand again
Newsletter
Privacy policy
© 2026 Daily Gazette"""
LISTING = "\n".join(
    [
        "Inicio",
        "Noticias",
        "Deportes",
        *(f"El puerto amplía su muelle número {i}\nLa lonja cambia de horario en el barrio {i}" for i in range(12)),
        "Cargar más",
        "Aviso legal",
    ]
)
CSS = ".header { color: #fff; margin: 0 auto; }\n.nav a:hover { text-decoration: underline; }\n" * 8
SCRIPT = """function init(config) {
  const el = document.getElementById('app');
  if (!el) { return; }
  el.addEventListener('click', () => {
    console.log('clicked', config.name);
  });
}
"""
LOG = "\n".join(f"2026-03-12 10:15:{i:02} INFO  [worker-{i}] request GET /news/{i} status=200" for i in range(30))
ACCESS = "\n".join(f'192.168.0.{i} - - [12/Mar/2026:10:15:02 +0000] "GET /news/{i} HTTP/1.1" 200 51' for i in range(30))
RECORDS = '{"items": [{"id": 1, "title": "Harbour opens", "body": "The harbour authority opened the new quay."}]}'
TRACE = 'Traceback (most recent call last):\n  File "/app/main.py", line 3, in <module>\n    main()\nValueError: no\n'


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        (HOME, "listing_page"),
        (LISTING, "listing_page"),
        (SCRIPT * 5, "unsupported_type"),
        (LOG, "unsupported_type"),
        (ACCESS, "unsupported_type"),
        (RECORDS, "unsupported_type"),
        (TRACE, "unsupported_type"),
        (CSS, "unsupported_type"),
        ("\x00\x01\x02PNG\x00\x00" * 40, "unsupported_type"),
        ("   \n\n\t ", "empty"),
        ("Hello there", "no_main_content"),
        (
            "We value your privacy\nWe and our partners use cookies to personalise ads.\nAccept all\nReject all\nPrivacy",
            "consent_wall",
        ),
        (
            "Wir benötigen Ihre Zustimmung\nWir und unsere Partner verwenden Cookies für personalisierte Werbung.\n"
            "Mit Klick auf „Alle akzeptieren“ stimmen Sie der Verarbeitung Ihrer Daten zu.\nAblehnen\nImpressum",
            "consent_wall",
        ),
        (
            "Tu privacidad nos importa\nNosotros y nuestros socios usamos cookies para personalizar anuncios.\n"
            "Puedes aceptar o rechazar el consentimiento en cualquier momento.\nRechazar",
            "consent_wall",
        ),
        ("Just a moment...\nVerify you are human by completing the action below.\nRay ID: 8f3a", "bot_wall"),
        ("Vérification\nVérifiez que vous êtes humain en complétant l'action ci-dessous.\nMerci", "bot_wall"),
        ("Подтвердите, что вы не робот\nИз вашей сети идёт необычный трафик.", "bot_wall"),
        ("Page not found\nSorry, the page you were looking for does not exist.\nSearch", "error_page"),
        ("Página não encontrada\nDesculpe, a página que você procura foi removida.\nVoltar", "error_page"),
        ("Pagina non trovata\nLa pagina che cerchi non esiste più.\nTorna alla home", "error_page"),
        ("Страница не найдена\nК сожалению, такой страницы не существует.\nНа главную", "error_page"),
        (
            "Harbour opens its new quay\nTo continue reading this article, subscribe now.\nAlready a subscriber? Log in",
            "paywall_without_text",
        ),
        (
            "Hafen öffnet seinen neuen Kai\nDieser Artikel ist nur für Abonnenten verfügbar.\nBereits Abonnent? Anmelden",
            "paywall_without_text",
        ),
        (
            "Le port ouvre son nouveau quai\nCet article est réservé aux abonnés.\nDéjà abonné ? Se connecter",
            "paywall_without_text",
        ),
        (
            "El puerto abre su muelle\nContenido exclusivo para suscriptores.\nYa soy suscriptor: iniciar sesión",
            "paywall_without_text",
        ),
    ],
)
def test_text_without_an_article_is_dropped_with_its_reason(
    normalized: Callable[..., Any], text: str, reason: str
) -> None:
    outcome = normalized(text, media_type="text/plain")

    assert isinstance(outcome, Drop)
    assert outcome.reason == reason


@pytest.mark.parametrize(
    "text",
    [
        "Cookie fines rise across the union\n\nThe data authority fined three shops on Monday because their cookie "
        "banners left no choice.\n\nThe largest fine was two million, the authority's head told reporters in the "
        "capital.\n\nShops have a month to appeal, and most say they will.",
        "Bakery wins prize for its oat bread\n\nThe bakery on the quay won the regional prize on Sunday, ahead of "
        "forty others from the coast.\n\nIts owner said she would bake twice as many loaves from now on.",
        "404 runners finish the harbour race\n\nOnly 404 of six hundred runners reached the finish on Sunday, as wind "
        "and rain kept most at home.\n\nThe winner needed thirty-one minutes, and said she had hated every one.",
        "Harbour opens its new quay\n\nThe harbour authority opened the new quay on Monday after three years of work, "
        "and the first ships tied up within the hour.\n\nThis story is for subscribers only.",
        "Scores of the day\n\nThe harbour team won its third game in a row on Saturday evening, before two thousand.\n\n"
        "Harbour 3, Quay 1\nIslands 2, Coast 2\nUpper Town 0, Lower Town 4\nRiver 1, Lake 0\nNorth 2, South 3",
    ],
    ids=["about cookies", "bread", "404", "teaser before a paywall", "scores"],
)
def test_short_article_is_kept(normalized: Callable[..., Any], text: str) -> None:
    assert isinstance(normalized(text, media_type="text/plain"), Article)
