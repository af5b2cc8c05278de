"""What is refused before any parser sees it: the parsers hang, or answer nothing, on the worst inputs."""

from __future__ import annotations

import re
from itertools import islice
from typing import NamedTuple

from worker.models import DropReason
from worker.rules import NormalizeRules
from worker.stages.normalize.explain import Blocks, no_blocks


class Refusal(NamedTuple):
    reason: DropReason
    detail: str  # one sentence for a person; never body text
    blocks: Blocks = no_blocks


MAGIC: tuple[tuple[bytes, str], ...] = (
    (b"\x89PNG\r\n", "PNG image"),
    (b"\xff\xd8\xff", "JPEG image"),
    (b"GIF8", "GIF image"),
    (b"II*\x00", "TIFF image"),
    (b"MM\x00*", "TIFF image"),
    (b"\x00\x00\x01\x00", "icon"),
    (b"%PDF-", "PDF"),
    (b"PK\x03\x04", "ZIP archive"),
    (b"\x1f\x8b", "gzip data"),
    (b"BZh91AY&SY", "bzip2 data"),
    (b"\xfd7zXZ\x00", "xz data"),
    (b"\x28\xb5\x2f\xfd", "zstandard data"),
    (b"7z\xbc\xaf\x27\x1c", "7z archive"),
    (b"Rar!\x1a", "RAR archive"),
    (b"\xd0\xcf\x11\xe0", "OLE document"),
    (b"\x7fELF", "ELF binary"),
    (b"MZ\x90", "Windows binary"),
    (b"wOFF", "font"),
    (b"wOF2", "font"),
    (b"OTTO\x00", "font"),
    (b"\x00\x01\x00\x00\x00", "font"),
    (b"ID3\x03", "MP3 audio"),
    (b"ID3\x04", "MP3 audio"),
    (b"OggS\x00", "Ogg media"),
    (b"fLaC\x00", "FLAC audio"),
    (b"\x1aE\xdf\xa3", "Matroska video"),
    (b"{\\rtf", "RTF document"),
)
MAGICS = tuple(magic for magic, _ in MAGIC)
WIDE_BOMS = (b"\xff\xfe", b"\xfe\xff", b"\x00\x00\xfe\xff")
MAX_NUL_SHARE = 0.01
DATA_URI = re.compile(rb"(data:[a-zA-Z]{0,40}/?[\w.+;=-]{0,120},)[A-Za-z0-9+/=%]{1024,}")

# Scanning costs a tenth of an extraction, so only what could be hostile is scanned.
SCAN_TAGS = 10_000
MAX_TAGS = 30_000  # the most of 1,043 real pages was 9,770; judging a page of so many takes under two seconds
LONGEST_TAG = 4096  # characters; what is longer is looked into
LONG_TAG = re.compile(r"<[a-zA-Z!?/][^<>]{4096}")
TAG = re.compile(r"<(/?)([a-zA-Z][a-zA-Z0-9:-]*)")
SKIPPED = re.compile(r"<!--.*?(?:-->|\Z)|<(script|style)\b[^>]*>.*?(?:</\1\s*>|\Z)", re.S | re.I)
ATTRIBUTE = re.compile(r"[^\s=\"'<>/]+(?:\s*=\s*(?:\"[^\"]*\"|'[^']*'|[^\s\"'<>]+))?")
VOID = frozenset("area base br col embed hr img input link meta param source track wbr".split())
# Their end tag is optional (HTML, 13.1.2.4): on good pages these stay open in hundreds.
OPTIONAL_END = frozenset(
    "p li dt dd td th tr thead tbody tfoot colgroup caption option optgroup rt rp html head body".split()
)


def check_bytes(body: bytes, rules: NormalizeRules) -> Refusal | None:
    """Why `body` is refused before it is decoded, or None. Costs microseconds."""
    if not body.strip():
        return Refusal("empty", "no bytes, or only white space")
    if len(body) > rules.max_body_bytes:
        return Refusal("too_large", f"{len(body)} bytes; max_body_bytes is {rules.max_body_bytes}")
    if body.startswith(MAGICS):
        what = next(what for magic, what in MAGIC if body.startswith(magic))
        return Refusal("unsupported_type", f"the first bytes say {what}")
    if (body[:4] == b"RIFF" and body[8:12] in (b"WEBP", b"WAVE", b"AVI ")) or body[4:8] == b"ftyp":
        return Refusal("unsupported_type", "the first bytes say image, sound or video")
    if body.startswith(WIDE_BOMS):
        return None
    nuls = body.count(0)
    if nuls > MAX_NUL_SHARE * len(body) and not _looks_wide(body):
        return Refusal("unsupported_type", f"{nuls} NUL bytes among {len(body)}: not text")
    return None


def without_data_uris(body: bytes) -> bytes:
    """`body` with the contents of long `data:` URIs taken out: pictures, not text."""
    return DATA_URI.sub(rb"\1", body) if b"data:" in body else body


def check_markup(text: str, rules: NormalizeRules) -> Refusal | None:
    """Why the markup of `text` is refused before it is parsed, or None."""
    tags = text.count("<")
    is_small = tags < SCAN_TAGS and len(text) <= rules.max_text_run
    if is_small and _most_attributes(text, rules) <= rules.max_attributes:
        return None
    bare = SKIPPED.sub("<>", text)  # what looks like a tag may be a script that compares
    if (found := _most_attributes(bare, rules)) > rules.max_attributes:
        return Refusal("too_many_attributes", f"{found} or more in one tag; max_attributes is {rules.max_attributes}")
    if is_small:
        return None
    position = 0
    depth = deepest = 0
    for tag_found in TAG.finditer(bare):
        if tag_found.start() - position > rules.max_text_run:
            return _text_run(rules)
        position = tag_found.end()
        name = tag_found[2].lower()
        if name in VOID or name in OPTIONAL_END:
            continue
        depth = max(depth - 1, 0) if tag_found[1] else depth + 1
        deepest = max(deepest, depth)
    if len(bare) - position > rules.max_text_run:
        return _text_run(rules)
    if deepest > rules.max_depth:
        return Refusal("too_deep", f"{deepest} open tags; max_depth is {rules.max_depth}")
    if (tags := bare.count("<")) > MAX_TAGS:
        return Refusal("too_large", f"{tags} tags; no article has more than {MAX_TAGS}")
    return None


def _most_attributes(text: str, rules: NormalizeRules) -> int:
    """The most attributes that a long tag has, counted no further than one too many."""
    parts = text.split("<")  # five times as fast as asking LONG_TAG whether there is one
    if not any(len(part) > LONGEST_TAG and ">" not in part[:LONGEST_TAG] for part in parts[1:]):
        return 0
    most = 0
    for opening in LONG_TAG.finditer(text):
        end = text.find(">", opening.end())
        found = ATTRIBUTE.finditer(text, opening.start() + 1, end if end > 0 else len(text))
        most = max(most, sum(1 for _ in islice(found, rules.max_attributes + 2)) - 1)
    return most


def check_lines(text: str, rules: NormalizeRules) -> Refusal | None:
    """Why a text without markup is refused before its lines are read, or None."""
    if len(text) > rules.max_text_run < max(map(len, text.split("\n"))):
        return Refusal("too_large", f"more than {rules.max_text_run} characters in one line")
    return None


def _text_run(rules: NormalizeRules) -> Refusal:
    return Refusal("too_large", f"more than {rules.max_text_run} characters without a tag")


def _looks_wide(body: bytes) -> bool:
    head = body[:4096]
    even, odd = head[0::2].count(0), head[1::2].count(0)
    return max(even, odd) > 0.15 * len(head) and min(even, odd) * 20 < max(even, odd)
