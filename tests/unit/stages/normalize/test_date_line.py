"""Lines of a text that hold its date, and lines that only speak of one."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from worker.models import Article, Drop
from worker.stages.normalize.text.date_line import read_date_line

NOW = datetime(2026, 4, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("line", "when", "precision"),
    [
        ("March 12, 2026", "2026-03-12T00:00:00+00:00", "day"),
        ("Published: 12 March 2026, 10:15", "2026-03-12T10:15:00+00:00", "minute"),
        ("Thursday, March 12, 2026 10:15 a.m.", "2026-03-12T10:15:00+00:00", "minute"),
        ("Publicado el 12 de marzo de 2026 a las 10:15", "2026-03-12T10:15:00+00:00", "minute"),
        ("Publicado em 12/03/2026 às 10h15", None, None),  # either way round
        ("Publicado em 25/03/2026 às 10h15", "2026-03-25T10:15:00+00:00", "minute"),
        ("Publié le 12 mars 2026 à 10h15", "2026-03-12T10:15:00+00:00", "minute"),
        ("12. März 2026, 10:15 Uhr", "2026-03-12T10:15:00+00:00", "minute"),
        ("Pubblicato il 12 marzo 2026", "2026-03-12T00:00:00+00:00", "day"),
        ("12 марта 2026, 10:15", "2026-03-12T10:15:00+00:00", "minute"),
        ("2026年3月12日 10:15 来源：锦城日报 记者 罗晓棠", "2026-03-12T10:15:00+00:00", "minute"),
    ],
)
def test_date_line_gives_its_moment(line: str, when: str | None, precision: str | None) -> None:
    said = read_date_line(line, NOW)

    assert (said.moment.at.isoformat() if said else None) == when
    assert (said.moment.precision if said else None) == precision


@pytest.mark.parametrize(
    "line",
    [
        "What changes for tenants on 1 March 2026",
        "The court ruled on March 12, 2026, that the dam may stay.",
        "Election of 12 March 2026: all results",
        "12 March",
        "Copyright 2026",
        "Founded in 1998",
    ],
)
def test_line_that_speaks_of_a_date_is_no_date_line(line: str) -> None:
    assert read_date_line(line, NOW) is None


def test_last_change_is_never_the_publication() -> None:
    said = read_date_line("Last updated: March 12, 2026", NOW)

    assert said is not None
    assert said.changed


def test_date_to_come_is_no_date_of_a_capture() -> None:
    assert read_date_line("March 12, 2027", NOW) is None


def test_date_line_of_a_text_fills_the_article_and_is_no_headline(normalized) -> None:  # type: ignore[no-untyped-def]
    capture = """成都地铁新线开通 早高峰车程缩短

2026年2月12日 10:15　来源：新华社　记者 罗晓棠

中国西南城市成都12日开通地铁新线。新线全长38公里，设24座车站，连接城北的居住区和城南的高新技术产业园。

运营公司说，沿线居民早高峰上班的时间平均可以缩短四十分钟，首月的末班车延长到午夜十二点。"""

    article = normalized(capture, media_type="text/plain")

    assert article.headline == "成都地铁新线开通 早高峰车程缩短"
    assert (article.published_at.isoformat(), article.published_source) == ("2026-02-12T10:15:00+00:00", "text")
    assert article.authors == ("罗晓棠",)
    assert article.original_publisher.domain == "xinhuanet.com"


@pytest.mark.parametrize(
    "text",
    [
        "港口管理局星期一宣布新码头正式启用，工程历时三年，耗资低于原先的预算，渔民的泊位费不变，第二座码头明年动工。",
        "ท่าเรือแห่งใหม่เปิดใช้งานเมื่อวันจันทร์หลังจากก่อสร้างนานสามปี โดยใช้งบประมาณน้อยกว่าที่วางแผนไว้มาก\n\n"
        "นายกเทศมนตรีกล่าวว่าชาวประมงจะไม่ต้องจ่ายค่าจอดเรือเพิ่ม และเรือลำแรกที่เข้าเทียบท่าคือเรือเฟอร์รี่จากหมู่เกาะ\n\n"
        "ท่าเรือแห่งที่สองจะเริ่มก่อสร้างในปีหน้า หากสภาเมืองจัดหางบประมาณได้ทันก่อนฤดูร้อน",
        "港の新しい埠頭が月曜日に開業した。工事には三年かかり、費用は予定を下回ったと市長は語った。漁船の料金は変わらない。",
    ],
    ids=["zh", "th", "ja"],
)
def test_text_without_blanks_between_words_is_not_too_short(normalized, text: str) -> None:  # type: ignore[no-untyped-def]
    outcome: Article | Drop = normalized(text, media_type="text/plain")

    assert isinstance(outcome, Article)
