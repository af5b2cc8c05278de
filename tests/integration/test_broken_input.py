"""Every kind of broken input through `copydesk enqueue`: named, counted, quarantined, and the rest goes on."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import pytest

pytestmark = pytest.mark.integration

TEXT = "The harbour authority opened the new quay on Monday after two years of building."


def record(number: int) -> bytes:
    """A WARC response record."""
    page = f"<!doctype html><html><title>Quay {number}</title><body><p>{TEXT}</p></body></html>".encode()
    http = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n" + page
    head = (
        "WARC/1.1\r\nWARC-Type: response\r\n"
        f"WARC-Target-URI: https://news.example/{number}\r\nWARC-Date: 2026-01-05T12:00:00Z\r\n"
        f"WARC-Record-ID: <urn:uuid:00000000-0000-0000-0000-{number:012}>\r\n"
        f"Content-Type: application/http; msgtype=response\r\nContent-Length: {len(http)}\r\n\r\n"
    )
    return head.encode() + http + b"\r\n\r\n"


def line(number: int) -> bytes:
    return json.dumps({"url": f"https://news.example/{number}", "text": f"{TEXT} It is number {number}."}).encode()


def truncated_gzip(path: Path) -> Path:
    whole = b"".join(gzip.compress(record(n)) for n in range(3))
    path = path / "truncated.warc.gz"
    path.write_bytes(whole[:-40])
    return path


def one_member_gzip(path: Path) -> Path:
    path = path / "one-member.warc.gz"
    path.write_bytes(gzip.compress(b"".join(record(n) for n in range(3))))
    return path


def corrupt_record(path: Path) -> Path:
    members = [gzip.compress(record(n)) for n in range(3)]
    members[1] = members[1][:30] + bytes(len(members[1]) - 30)
    path = path / "corrupt.warc.gz"
    path.write_bytes(b"".join(members))
    return path


def bad_json_line(path: Path) -> Path:
    path = path / "bad.jsonl"
    path.write_bytes(b"\n".join([line(1), b'{"url": "https://news.example/2", "text": ', line(3)]) + b"\n")
    return path


def wrong_encoding(path: Path) -> Path:
    path = path / "latin.jsonl"
    latin = json.dumps({"url": "https://news.example/2", "text": "El año pasado"}, ensure_ascii=False)
    path.write_bytes(b"\n".join([line(1), latin.encode("latin-1"), line(3)]) + b"\n")
    return path


def zip_bomb(path: Path) -> Path:
    path = path / "bomb.zip"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as packed:
        packed.writestr("one.jsonl", line(1) + b"\n")
        packed.writestr("bomb.html", b"<p>" + b"0" * 200_000_000)
    return path


def tricks_in_a_tar(path: Path) -> Path:
    secret = path / "secret.html"
    secret.write_text(f"<!doctype html><title>Secret</title><p>{TEXT}</p>")
    packed_path = path / "tricks.tar"
    with tarfile.open(packed_path, "w") as packed:
        for name, kind, link in (("link.html", tarfile.SYMTYPE, str(secret)), ("hard.html", tarfile.LNKTYPE, "x")):
            info = tarfile.TarInfo(name)
            info.type, info.linkname = kind, link
            packed.addfile(info)
        for name in ("../up.jsonl", "good.jsonl"):
            info = tarfile.TarInfo(name)
            body = line(1 if "up" in name else 2) + b"\n"
            info.size = len(body)
            packed.addfile(info, io.BytesIO(body))
    secret.unlink()
    return packed_path


class Case(NamedTuple):
    make: Callable[[Path], Path]
    accepted: int  # of the records that are whole
    quarantined: int
    says: str


CASES = {
    "a truncated gzip": Case(truncated_gzip, 2, 1, "record 3"),
    "a corrupt record in the middle": Case(corrupt_record, 2, 1, "record 2"),
    "a bad line of JSON": Case(bad_json_line, 2, 1, "record 2 (byte "),
    "a wrong encoding": Case(wrong_encoding, 2, 1, "record 2 (byte "),
    "a zip bomb": Case(zip_bomb, 1, 1, "bomb.html"),
    "links and ways out of an archive": Case(tricks_in_a_tar, 1, 3, "../up.jsonl"),
}


@pytest.mark.parametrize("case", CASES.values(), ids=CASES.keys())
def test_what_is_broken_is_named_and_quarantined_and_the_rest_goes_on(case: Case, desk: Any, tmp_path: Path) -> None:
    path = case.make(tmp_path)
    good = tmp_path / "good.jsonl"
    good.write_bytes(line(99) + b"\n")

    done = desk.run("enqueue", str(path), str(good), "--json")
    kept = [json.loads(item) for item in desk.run("quarantine", "list", "--json").stdout.splitlines()]

    told = json.loads(done.stdout)
    assert told["accepted"] == case.accepted + 1, done.stderr
    assert told["broken"] == case.quarantined
    assert done.returncode == (1 if case.quarantined else 0)
    assert case.says in done.stderr
    assert len(kept) == case.quarantined
    for item in kept:
        assert item["origin"]["location"] == str(path)


def test_a_gzip_of_one_member_is_read_whole_and_said_to_be_one(desk: Any, tmp_path: Path) -> None:
    path = one_member_gzip(tmp_path)

    done = desk.run("enqueue", str(path), "--json")

    told = json.loads(done.stdout)
    assert (told["accepted"], told["broken"], told["remarks"]) == (3, 0, 1)
    assert "one" in done.stderr
    assert done.returncode == 0
