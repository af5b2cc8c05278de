"""Newsletters and pages saved as MHTML."""

from __future__ import annotations

from datetime import UTC, datetime
from email.message import EmailMessage
from typing import Any

import pytest

from worker.models import BrokenRecord
from worker.plugins import recognize
from worker.sources import mail

MOMENT = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
MHTML = b"""From: <Saved by Blink>\r
Snapshot-Content-Location: https://a.example/story\r
Subject: =?utf-8?Q?Elva_steg_p=C3=A5_mandag?=\r
Date: Fri, 02 Jan 2026 03:04:05 -0000\r
MIME-Version: 1.0\r
Content-Type: multipart/related; type="text/html"; boundary="----b"\r
\r
------b\r
Content-Type: text/html\r
Content-Transfer-Encoding: quoted-printable\r
Content-Location: https://a.example/story\r
\r
<!DOCTYPE html><p>Elva steg p=C3=A5 =\r
mandag</p>\r
------b\r
Content-Type: text/css\r
Content-Location: https://a.example/s.css\r
\r
p { color: red }\r
------b--\r
"""


def letter() -> EmailMessage:
    message = EmailMessage()
    message["From"] = "desk@a.example"
    message["Subject"] = "Elva steg på mandag"
    message["Date"] = "Fri, 02 Jan 2026 03:04:05 +0000"
    message["Message-ID"] = "<7@a.example>"
    message["Archived-At"] = "<https://a.example/letters/7>"
    message.set_content("Plain words")
    message.add_alternative("<p>Ærlig</p>", subtype="html", charset="windows-1252")
    message.add_attachment("<p>Another page</p>", subtype="html", filename="x.html")
    return message


def test_a_newsletter_is_its_html_with_subject_and_date(read: Any) -> None:
    [capture] = read("mail", letter().as_bytes())

    assert capture.body.decode(capture.charset).strip() == "<p>Ærlig</p>"
    assert (capture.title, capture.published_at) == ("Elva steg på mandag", MOMENT)
    assert (capture.url, capture.external_id) == ("https://a.example/letters/7", "7@a.example")


def test_a_page_saved_as_mhtml_is_its_page_with_address_and_time(read: Any) -> None:
    [capture] = read("mail", MHTML)

    assert recognize(MHTML, "x") == "mail"
    assert capture.body.decode() == "<!DOCTYPE html><p>Elva steg på mandag</p>"
    assert (capture.url, capture.title, capture.captured_at) == (
        "https://a.example/story",
        "Elva steg på mandag",
        MOMENT,
    )
    assert capture.published_at is None


def test_a_mail_without_text_is_said(read: Any) -> None:
    [broken] = read("mail", b"From: a@a.example\nSubject: x\nContent-Type: image/png\n\nabc\n")

    assert isinstance(broken, BrokenRecord)
    assert broken.reason == "invalid_record"


def test_parts_inside_parts_without_end_are_said(read: Any) -> None:
    deep = "".join(f"Content-Type: multipart/mixed; boundary=b{n}\n\n--b{n}\n" for n in range(3000))

    [broken] = read("mail", b"From: a@a.example\nSubject: x\n" + deep.encode())

    assert broken.reason == "corrupt_record"


def test_the_messages_of_an_mbox_are_read_one_by_one(read: Any) -> None:
    one = b"From a@a.example Fri Jan  2 03:04:05 2026\nFrom: a@a.example\nSubject: x\n\nHello\n>From here on\n\n"

    items = read("mail", one * 3)

    assert [item.body for item in items] == [b"Hello\nFrom here on\n\n"] * 3
    assert [item.origin.offset for item in items] == [0, len(one), 2 * len(one)]


def test_a_message_too_large_is_said_and_the_next_is_read(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(mail, "MAX_DOCUMENT_BYTES", 1000)
    postmark = b"From a@a.example Fri Jan  2 03:04:05 2026\n"
    head = b"From: a@a.example\nSubject: x\n\n"

    broken, after = read("mail", postmark + head + b"word\n" * 900 + b"\n" + postmark + head + b"Hello\n")

    assert broken.reason == "too_large"
    assert after.body == b"Hello\n"
