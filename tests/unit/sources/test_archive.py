"""Archives: what is in them, what is refused, what is broken."""

from __future__ import annotations

import gzip
import io
import tarfile
import zipfile
from typing import Any

import pytest

from worker.errors import BadCapture
from worker.models import BrokenRecord, CaptureFacts, RawCapture
from worker.plugins import open_source, recognize
from worker.sources.archive import streams

PAGE = b"<!DOCTYPE html><p>" + b"The river rose by two metres. " * 9
LINE = b'{"url": "https://a.example/", "text": "River rises"}\n'


def tar(files: dict[str, bytes], mode: Any = "w") -> bytes:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode=mode) as archive:
        for name, content in files.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return out.getvalue()


def zipped(files: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


def told(items: list[Any]) -> list[tuple[str | None, str]]:
    return [(item.origin.member, item.reason if isinstance(item, BrokenRecord) else "read") for item in items]


@pytest.mark.parametrize("pack", [tar, zipped, lambda files: tar(files, "w:gz"), lambda files: tar(files, "w:bz2")])
def test_every_format_is_read_inside(read: Any, pack: Any) -> None:
    files = {"a/p.html": PAGE, "i.jsonl": LINE * 2, "i.jsonl.gz": gzip.compress(LINE), "t.txt": b"River rises today."}

    items = read("archive", pack(files))

    assert told(items) == [(name, "read") for name in ("a/p.html", "i.jsonl", "i.jsonl", "i.jsonl.gz", "t.txt")]
    assert [item.media_type for item in items] == ["text/html", *["text/plain"] * 4]


def test_archives_inside_archives_name_their_members(read: Any) -> None:
    content = zipped({"t.tar.gz": tar({"z.zip": zipped({"p.html": PAGE})}, "w:gz")})

    [capture] = read("archive", content)

    assert capture.origin.member == "t.tar.gz!z.zip!p.html"
    assert capture.body == PAGE


def test_archives_without_end_are_refused(read: Any) -> None:
    content = PAGE
    for _ in range(8):
        content = zipped({"x.zip": content, "p.html": PAGE})

    items = read("archive", content)

    assert told(items).count(("p.html", "read")) == 1
    assert told(items)[-1][1] == "read"
    assert [reason for _, reason in told(items) if reason != "read"] == ["too_deep"]


@pytest.mark.parametrize("pack", [tar, zipped])
@pytest.mark.parametrize("name", ["../p.html", "/etc/p.html", "a/../../p.html", "C:\\p.html", "..\\p.html"])
def test_names_that_point_out_of_the_archive_are_refused(read: Any, pack: Any, name: str) -> None:
    items = read("archive", pack({name: PAGE, "p.html": PAGE}))

    assert [reason for _, reason in told(items)] == ["unsafe_member", "read"]


def test_links_and_devices_are_refused(read: Any) -> None:
    out = io.BytesIO()
    with tarfile.open(fileobj=out, mode="w") as archive:
        for kind in (tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE):
            info = tarfile.TarInfo("x.html")
            info.type, info.linkname = kind, "/etc/hostname"
            archive.addfile(info)
    link = zipfile.ZipInfo("x.html")
    link.external_attr = 0o120777 << 16
    other = io.BytesIO()
    with zipfile.ZipFile(other, "w") as packed:
        packed.writestr(link, "/etc/hostname")

    items = [*read("archive", out.getvalue()), *read("archive", other.getvalue())]

    assert told(items) == [("x.html", "unsafe_member")] * 5


def test_hidden_files_and_folders_are_passed_over(read: Any) -> None:
    items = read("archive", zipped({".DS_Store": b"x", "__MACOSX/._p.html": PAGE, ".git/a.html": PAGE, "p.html": PAGE}))

    assert told(items) == [("p.html", "read")]


def test_a_bomb_costs_only_itself(read: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("worker.sources.archive.members.FREE_BYTES", 1_000_000)
    monkeypatch.setattr(streams, "FREE_BYTES", 1_000_000)

    in_zip = read("archive", zipped({"b.txt": bytes(9_000_000), "p.html": PAGE}))
    in_gzip = read("archive", gzip.compress(b"\n" * 9_000_000))

    assert told(in_zip) == [("b.txt", "zip_bomb"), ("p.html", "read")]
    assert told(in_gzip) == [(None, "zip_bomb")]


def test_a_truncated_gzip_gives_its_whole_lines_and_is_said(read: Any) -> None:
    lines = b"".join(b'{"url": "https://a.example/%d", "text": "River rises"}\n' % n for n in range(5000))
    content = gzip.compress(lines)

    items = read("archive", content[: len(content) // 2])

    assert len(items) > 1000
    assert all(isinstance(item, RawCapture) for item in items[:-1])
    assert items[-1].reason == "truncated_input"
    assert items[-1].origin.offset == items[-2].origin.offset


def test_a_gzip_with_a_wrong_checksum_is_said(read: Any) -> None:
    content = bytearray(gzip.compress(LINE * 3))
    content[-8] ^= 255

    items = read("archive", bytes(content))

    assert [reason for _, reason in told(items)] == ["read", "read", "read", "corrupt_member"]


@pytest.mark.parametrize("mode", ["w", "w:gz"])
def test_a_cut_tar_gives_its_whole_members_and_is_said(read: Any, mode: str) -> None:
    content = tar({"a.html": PAGE, "b.txt": bytes(range(1, 250)) * 40, "c.html": PAGE}, mode)

    items = read("archive", content[: len(content) * 2 // 3 if mode == "w:gz" else 4000])

    assert told(items)[:2] == [("a.html", "read"), ("b.txt", "truncated_input")]


def test_a_damaged_tar_header_costs_only_its_member(read: Any) -> None:
    content = bytearray(tar({"a.html": PAGE, "b.html": PAGE, "c.html": PAGE}))
    content[1024] ^= 255

    items = read("archive", bytes(content))

    assert told(items) == [("a.html", "read"), ("", "corrupt_member"), ("c.html", "read")]
    assert items[1].origin.offset == 1024


def test_a_damaged_header_behind_a_long_name_costs_only_its_member(read: Any) -> None:
    long = "folder/" * 20 + "b.html"
    content = bytearray(tar({"a.html": PAGE, long: PAGE, "c.html": PAGE}))
    content[content.rindex(b"folder/folder/")] ^= 255  # of the member; the extension before it has the whole name

    items = read("archive", bytes(content))

    assert told(items) == [("a.html", "read"), ("", "corrupt_member"), ("c.html", "read")]


def test_a_damaged_zip_member_costs_only_itself(read: Any) -> None:
    content = bytearray(zipped({"a.html": PAGE, "b.html": PAGE}))
    content[50] ^= 255

    items = read("archive", bytes(content))

    assert told(items) == [("a.html", "corrupt_member"), ("b.html", "read")]


def test_a_zip_without_its_directory_cannot_be_read(read: Any) -> None:
    with pytest.raises(BadCapture, match="here: the zip has no readable directory"):
        read("archive", zipped({"a.html": PAGE})[:-30])


def test_a_zip_comes_through_a_pipe_as_well(read: Any) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

    pipe = Pipe(zipped({"a.html": PAGE}))

    items = list(open_source("archive").read(pipe, location="-", defaults=CaptureFacts()))

    assert told(items) == [("a.html", "read")]
    assert not pipe.closed


def test_office_documents_are_no_archives() -> None:
    assert recognize(zipped({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"}), "a.docx") == "text"


def test_a_zip_named_wacz_without_archives_says_how_to_read_it(read: Any) -> None:
    content = zipped({"datapackage.json": b"{}", "data/p.html": PAGE})

    with pytest.raises(BadCapture, match="--format archive"):
        read("wacz", content)
    assert ("data/p.html", "read") in told(read("archive", content))
