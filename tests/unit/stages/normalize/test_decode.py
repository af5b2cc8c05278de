"""Bytes become text in the charset they are in, whatever they say about themselves."""

from __future__ import annotations

import codecs

import pytest

from worker.stages.normalize.decode import decode

LEGACY = {
    "windows-1251": "Правительство объявило о новых мерах поддержки малого бизнеса, сообщает министерство финансов.",
    "windows-1252": "Le président a déclaré que la réforme serait appliquée dès l’été, après un débat à l’Assemblée.",
    "shift_jis": "政府は新しい経済対策を発表し、中小企業への支援を強化すると述べた。大臣は記者会見で説明した。",
    "gb2312": "政府宣布了新的经济措施，以支持中小企业的发展。部长在新闻发布会上表示，这些措施将于下个月生效。",
    "euc-kr": "정부는 중소기업을 지원하기 위한 새로운 경제 대책을 발표했다. 장관은 기자회견에서 이렇게 말했다.",
}


def page(text: str, meta: str | None) -> str:
    declared = f'<meta charset="{meta}">' if meta else ""
    return f"<html><head>{declared}<title>News</title></head><body><p>{text}</p></body></html>"


@pytest.mark.parametrize("charset", LEGACY)
@pytest.mark.parametrize("told", ["right", "missing", "wrong"])
def test_legacy_charsets_are_read_whether_told_rightly_wrongly_or_not_at_all(charset: str, told: str) -> None:
    meta = {"right": charset, "missing": None, "wrong": "utf-8"}[told]
    body = page(LEGACY[charset], meta).encode(charset)

    decoded = decode(body)

    assert decoded is not None
    assert LEGACY[charset] in decoded.text
    assert decoded.guessed == (told != "right")


def test_a_byte_order_mark_wins_over_every_declaration() -> None:
    body = codecs.BOM_UTF16_LE + page("Überschrift", "iso-8859-1").encode("utf-16-le")

    decoded = decode(body, "windows-1251")

    assert decoded is not None
    assert "Überschrift" in decoded.text
    assert not decoded.text.startswith("\ufeff")


def test_the_transport_is_believed_before_the_page() -> None:
    body = page("Łódź i Kraków", "iso-8859-1").encode("iso-8859-2")

    decoded = decode(body, "ISO-8859-2")

    assert decoded is not None
    assert "Łódź i Kraków" in decoded.text


def test_latin_1_means_windows_1252_as_on_the_web() -> None:
    decoded = decode(b'<meta charset="iso-8859-1"><p>\x93quoted\x94 and 5 \x80</p>')

    assert decoded is not None
    assert "“quoted” and 5 €" in decoded.text


def test_cyrillic_declared_as_western_is_a_lie() -> None:
    decoded = decode(page(LEGACY["windows-1251"], "iso-8859-1").encode("windows-1251"))

    assert decoded is not None
    assert LEGACY["windows-1251"] in decoded.text


def test_a_character_cut_in_two_at_the_end_is_left_out() -> None:
    body = "Tokyo — 東京".encode()[:-1]

    decoded = decode(body, "utf-8")

    assert decoded is not None
    assert decoded.text == "Tokyo — 東"


def test_one_broken_byte_in_a_long_utf_8_text_does_not_change_its_charset() -> None:
    body = ("Über die Straße läuft ein Bär. " * 60).encode() + b"\xff" + b"Ende."

    decoded = decode(body, "utf-8")

    assert decoded is not None
    assert decoded.charset == "utf-8"
    assert decoded.damaged


def test_control_characters_and_windows_line_ends_are_gone() -> None:
    decoded = decode(b"one\r\ntwo\x00\x08\rthree")

    assert decoded is not None
    assert decoded.text == "one\ntwo\nthree"


def test_combining_accents_are_composed_but_ligatures_stay() -> None:
    decoded = decode("cafe\u0301 ﬁn".encode())

    assert decoded is not None
    assert decoded.text == "café ﬁn"


def test_noise_is_no_text_in_any_charset() -> None:
    noise = bytes((i * 97 + (i * i) % 251) % 256 for i in range(4000))

    assert decode(noise.replace(b"\x00", b"\x81")) is None
