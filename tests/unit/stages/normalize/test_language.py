"""What language an article is in: its text tells, what the page declares only where that does not."""

from __future__ import annotations

import pytest

from worker.stages.normalize.language import detect

FRENCH = "Un troisième Français a été tué dans le tremblement de terre samedi, emporté par une avalanche, a déclaré jeudi le ministre."
ENGLISH = "Ministers of five countries met on Tuesday to speak about the harvest and the price of bread, a spokesman told reporters."
TAIWAN = "行政院長週二表示，政府將撥款協助受颱風影響的農民，並於下月公布新的灌溉計畫，以確保稻米的供應無虞，各縣市首長均表歡迎。"


@pytest.mark.parametrize("declared", [None, "en", "EN", "en-US", "xx", "klingon", "🇫🇷"])
def test_what_a_page_wrongly_declares_gives_way_to_its_text(declared: str | None) -> None:
    found = detect(FRENCH, declared)

    assert found.code == "fr"
    assert found.confidence > 0.9


@pytest.mark.parametrize(
    ("text", "declared", "code"),
    [
        (ENGLISH, "en_gb", "en-GB"),
        (ENGLISH, "EN", "en"),
        (TAIWAN, "zh-hant-tw", "zh-Hant-TW"),
        (TAIWAN, "zh-TW", "zh-Hant"),
    ],
)
def test_the_variant_that_a_page_declares_stands_where_the_text_is_in_its_language(
    text: str, declared: str, code: str
) -> None:
    assert detect(text, declared).code == code


def test_of_a_text_too_short_to_tell_the_declared_language_stands() -> None:
    assert detect("Goal!", "pt_br") == ("pt-BR", 0.3)
    assert detect("1:0", None) == ("und", 0.0)
