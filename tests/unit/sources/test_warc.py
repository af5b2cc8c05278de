"""Web archives, whole and broken. The records are built by hand, so that they can be broken where we like."""

from __future__ import annotations

import gzip
import io
import zlib
from datetime import UTC, datetime
from typing import Any

import brotli
import pytest
from backports import zstd

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, RawCapture
from worker.plugins import open_source, recognize
from worker.sources.warc import compression, http, members, records

PAGE = b"<!DOCTYPE html><title>River</title><p>The river rose by two metres on Monday."


def response(body: bytes = PAGE, *headers: str, status: str = "200 OK", media_type: str = "text/html") -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Type: {media_type}", *headers]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def record(
    block: bytes = b"",
    *,
    url: str = "https://a.example/",
    kind: str = "response",
    length: int | None = None,
    **more: str,
) -> bytes:
    block = block or response()
    fields = {
        "WARC-Type": kind,
        "WARC-Target-URI": url,
        "WARC-Date": "2026-01-02T03:04:05Z",
        "WARC-Record-ID": "<urn:uuid:0000>",
        "Content-Type": "application/http; msgtype=response",
        "Content-Length": str(len(block) if length is None else length),
    } | {name.replace("_", "-"): value for name, value in more.items()}
    head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
    return b"WARC/1.0\r\n" + head.encode() + b"\r\n" + block + b"\r\n\r\n"


def numbered(count: int) -> list[bytes]:
    return [record(url=f"https://a.example/{n}") for n in range(count)]


def urls(items: list[Any]) -> list[str]:
    return [item.url.rsplit("/", 1)[1] if isinstance(item, RawCapture) else item.reason for item in items]


def test_a_response_becomes_a_capture_with_its_facts(read: Any) -> None:
    [capture] = read("warc", record(response(PAGE, media_type="text/html; charset=windows-1251")))

    assert capture.body == PAGE
    assert (capture.url, capture.media_type, capture.charset) == ("https://a.example/", "text/html", "windows-1251")
    assert capture.captured_at == datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)
    assert (capture.http_status, capture.external_id) == (200, "0000")


def test_a_wet_record_is_text_with_its_language(read: Any) -> None:
    more = {"Content_Type": "text/plain", "WARC_Identified_Content_Language": "nob,eng"}

    [capture] = read("warc", record("Elva steg på mandag.".encode(), kind="conversion", **more))

    assert capture.body.decode(capture.charset) == "Elva steg på mandag."
    assert (capture.media_type, capture.language) == ("text/plain", "nob")


def test_only_pages_are_captures(read: Any) -> None:
    others = [
        record(kind="request"),
        record(kind="revisit"),
        record(response(b"\x89PNG", media_type="image/png")),
        record(response(b"a {}", media_type="text/css")),
        record(response(b"%PDF-1.7", media_type="application/octet-stream")),
        record(b"\x89PNG", kind="resource", Content_Type="image/png"),
    ]

    items = read("warc", b"".join([*others, record(response(PAGE, media_type="")), *others]))

    assert [item.body for item in items] == [PAGE]


@pytest.mark.parametrize(
    ("body", "headers"),
    [
        (gzip.compress(PAGE), ["Content-Encoding: gzip"]),
        (zlib.compress(PAGE), ["Content-Encoding: deflate"]),
        (zlib.compress(PAGE)[2:-4], ["Content-Encoding: deflate"]),
        (brotli.compress(PAGE), ["Content-Encoding: br"]),
        (zstd.compress(PAGE), ["Content-Encoding: zstd"]),
        (
            b"10\r\n" + PAGE[:16] + b"\r\n%x;x=y\r\n" % len(PAGE[16:]) + PAGE[16:] + b"\r\n0\r\n\r\n",
            ["Transfer-Encoding: chunked"],
        ),
        (PAGE, ["Transfer-Encoding: chunked", "Content-Encoding: gzip"]),
        (PAGE, ["Content-Encoding: br"]),
    ],
    ids=["gzip", "deflate", "raw deflate", "br", "zstd", "chunked", "gzip and chunked in name only", "br in name only"],
)
def test_the_body_is_what_a_browser_would_have_seen(read: Any, body: bytes, headers: list[str]) -> None:
    [capture] = read("warc", record(response(body, *headers)))

    assert capture.body == PAGE


@pytest.mark.parametrize("coding", ["gzip", "br", "zstd"])
def test_a_body_that_unpacks_without_end_is_refused(read: Any, monkeypatch: pytest.MonkeyPatch, coding: str) -> None:
    monkeypatch.setattr(http, "MAX_DOCUMENT_BYTES", 10_000)
    pack = {"gzip": gzip.compress, "br": brotli.compress, "zstd": zstd.compress}[coding]

    broken, after = read("warc", record(response(pack(b"a" * 20_000), f"Content-Encoding: {coding}")) + record())

    assert broken.reason == "undecodable_body"
    assert "unpacks" in broken.detail
    assert after.body == PAGE


def test_a_truncated_gzip_is_said_and_the_good_records_stay(read: Any) -> None:
    packed = [gzip.compress(one) for one in numbered(3)]

    items = read("warc", b"".join(packed)[:-30])

    assert urls(items) == ["0", "1", "truncated_input"]
    assert items[-1].origin.offset == len(packed[0]) + len(packed[1])


def test_a_gzip_that_lacks_only_its_trailer_is_said_too(read: Any) -> None:
    packed = b"".join(gzip.compress(one) for one in numbered(2))

    items = read("warc", packed[:-4])

    assert urls(items) == ["0", "1", "truncated_input"]


def test_a_cut_plain_file_is_said(read: Any) -> None:
    items = read("warc", b"".join(numbered(2))[:-50])

    assert urls(items) == ["0", "truncated_input"]


@pytest.mark.parametrize("at", [0, 40])
@pytest.mark.parametrize("pack", [gzip.compress, zstd.compress])
def test_a_damaged_member_in_the_middle_costs_only_itself(read: Any, pack: Any, at: int) -> None:
    packed = [bytearray(pack(one)) for one in numbered(4)]
    packed[1][at : at + 30] = b"\xff" * 30

    items = read("warc", b"".join(packed))

    assert urls(items)[0] == "0"
    assert urls(items)[-2:] == ["2", "3"]
    assert [item.reason for item in items if isinstance(item, BrokenRecord)] == ["corrupt_member"]


def test_damage_is_passed_over_in_a_pipe_as_well(read: Any) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    packed = [bytearray(gzip.compress(one)) for one in numbered(4)]
    packed[1][40:70] = b"\xff" * 30

    items = list(open_source("warc").read(Pipe(b"".join(packed)), location="-", defaults=CaptureFacts()))

    assert urls(items) == ["0", "corrupt_member", "2", "3"]


def test_a_record_without_its_first_line_costs_only_itself(read: Any) -> None:
    first, second, third = numbered(3)

    items = read("warc", first + second.replace(b"WARC/1.0", b"XXXXXXXX") + third)

    assert urls(items) == ["0", "corrupt_record", "2"]
    assert items[1].origin.offset == len(first)


@pytest.mark.parametrize("length", [20, 300, 10_000])
@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_a_wrong_length_costs_only_that_record(read: Any, pack: Any, length: int) -> None:
    items = read("warc", b"".join(map(pack, [record(length=length), *numbered(3)])))

    assert urls(items) == ["corrupt_record", "0", "1", "2"]


def test_a_file_compressed_as_one_member_is_read_and_remarked(read: Any) -> None:
    items = read("warc", gzip.compress(b"".join(numbered(3))))

    remark = next(item for item in items if isinstance(item, BrokenRecord))
    assert (remark.reason, remark.lost) == ("one_member", False)
    assert urls([item for item in items if isinstance(item, RawCapture)]) == ["0", "1", "2"]


def test_a_record_too_large_is_passed_over(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(records, "MAX_DOCUMENT_BYTES", 1000)

    items = read("warc", record(response(b"a" * 5000)) + record(url="https://a.example/next"))

    assert urls(items) == ["too_large", "next"]


def test_members_that_end_anywhere_are_one_stream(read: Any) -> None:
    whole = b"".join(numbered(6))
    cut = [gzip.compress(whole[at : at + 400]) for at in range(0, len(whole), 400)]

    items = read("warc", b"".join(cut))

    assert urls([item for item in items if isinstance(item, RawCapture)]) == ["0", "1", "2", "3", "4", "5"]


@pytest.mark.parametrize("packed_dictionary", [False, True])
def test_a_zstandard_archive_with_its_dictionary_is_read(read: Any, packed_dictionary: bool) -> None:
    dictionary = zstd.train_dict([record(url=f"https://a.example/{n}") * 2 for n in range(200)], 2000)
    content = zstd.compress(dictionary.dict_content) if packed_dictionary else dictionary.dict_content
    frame = b"\x5d\x2a\x4d\x18" + len(content).to_bytes(4, "little") + content
    archive = frame + b"".join(zstd.compress(one, zstd_dict=dictionary) for one in numbered(3))

    items = read("warc", archive)

    assert urls(items) == ["0", "1", "2"]
    assert urls(read("warc", archive, start=items[1].origin.offset)) == ["1", "2"]
    assert recognize(archive[:65536], "x") == "warc"


def test_a_missing_library_is_named_with_the_remedy(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def missing(magic: bytes, dictionary: bytes) -> None:
        raise compression.MissingLibrary("lz4")

    monkeypatch.setattr(members, "opener", missing)

    with pytest.raises(BadCapture, match=r"here: needs lz4 .* pip install 'copydesk\[warc\]'"):
        read("warc", b"\x04\x22\x4d\x18" + b"\x00" * 50)


def test_the_second_form_of_arc_is_read(read: Any) -> None:
    block = response()
    line = b"https://a.example/x 192.0.2.1 20260102030405 text/html 200 - - 0 a.arc %d\n" % len(block)

    [capture] = read("warc", line + block + b"\n")

    assert (capture.url, capture.http_status, capture.body) == ("https://a.example/x", 200, PAGE)
