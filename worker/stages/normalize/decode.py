"""Bytes → text. The only place that decodes: parsers are always handed `str`."""

from __future__ import annotations

import codecs
import re
import unicodedata
from typing import NamedTuple

SNIFF_BYTES = 4096  # where a charset declaration may stand (WHATWG looks at 1024; real pages are later)
DETECT_BYTES = 65_536
MAX_DAMAGE = 0.005  # share of C1 controls or broken sequences above which a declared charset is a lie
FOREIGN_SHARE = 0.2  # of letters; Western texts have fewer accented ones, Cyrillic or Greek read as Western has more

# What the web means by these labels (WHATWG Encoding, section 4.2); Python's own are narrower.
SUPERSETS = {
    "ascii": "cp1252",
    "us-ascii": "cp1252",
    "iso-8859-1": "cp1252",
    "iso8859-1": "cp1252",
    "latin-1": "cp1252",
    "latin1": "cp1252",
    "windows-1252": "cp1252",
    "iso-8859-9": "cp1254",
    "iso-8859-11": "cp874",
    "tis-620": "cp874",
    "windows-874": "cp874",
    "gb2312": "gb18030",
    "gbk": "gb18030",
    "x-gbk": "gb18030",
    "euc-kr": "cp949",
    "ks_c_5601-1987": "cp949",
    "shift_jis": "cp932",
    "shift-jis": "cp932",
    "x-sjis": "cp932",
    "big5": "big5hkscs",
    "utf-16": "utf-8",  # a page whose declaration can be read byte by byte is not UTF-16
    "utf-16le": "utf-8",
    "utf-16be": "utf-8",
    "utf8": "utf-8",
    "x-user-defined": "cp1252",
}
BOMS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32-le"),
    (codecs.BOM_UTF32_BE, "utf-32-be"),
    (codecs.BOM_UTF16_LE, "utf-16-le"),
    (codecs.BOM_UTF16_BE, "utf-16-be"),
)
META_CHARSET = re.compile(
    rb"""<(?:meta[^>]{0,300}?charset|\?xml[^>]{0,100}?encoding)\s*=\s*["']?\s*([\w.:-]{2,40})""", re.I
)
TAG = re.compile(r"<(?:style|script).*?</(?:style|script)|<[^>]*>", re.S | re.I)
C1 = re.compile("[\x80-\x84\x86-\x9f]")  # U+0085 is a line end in some old texts
HIGH_BYTE = re.compile(rb"[\x80-\xff]")
ESCAPE_JP = b"\x1b$B"  # ISO 2022-JP: the one 7-bit charset still met
CONTROL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ufeff]")
CONTROL_BYTES = bytes(code for code in range(128) if CONTROL.match(chr(code)))


class Decoded(NamedTuple):
    text: str  # NFC, lines end in LF, no control characters
    charset: str
    guessed: bool  # nothing told the charset, or what told it lied
    damaged: bool  # some sequences could not be decoded and stand as U+FFFD


def decode(body: bytes, declared: str | None = None) -> Decoded | None:
    """The text of `body`: BOM, then `declared` (by the transport), then its own meta, then a detector.

    A declared charset must decode it without error, else it is a lie and the next is asked. None when
    the bytes are no text in any charset.
    """
    for bom, charset in BOMS:
        if body.startswith(bom):
            text = body[len(bom) :].decode(charset, "replace")
            return Decoded(_clean(text), charset, guessed=False, damaged="�" in text)
    wide = _unmarked_utf16(body)
    if wide is not None:
        return Decoded(_clean(body.decode(wide, "replace")), wide, guessed=True, damaged=False)
    if body.isascii():
        told = _python_name(declared) or _python_name(_meta_charset(body))
        told = "iso2022_jp" if ESCAPE_JP in body else told or "utf-8"
        escaped = _strict(body, told) if told.startswith(("iso2022", "hz")) else None
        return Decoded(_clean(escaped or body.decode("ascii")), told, guessed=False, damaged=False)
    return _decode_high(body, declared)


def _decode_high(body: bytes, declared: str | None) -> Decoded | None:
    """The text of bytes with some above 0x7F and no byte-order mark."""
    utf8 = _strict(body, "utf-8")
    if utf8 is not None:  # text of a legacy charset is not valid UTF-8 by chance
        return Decoded(_clean(utf8), "utf-8", guessed=False, damaged=False)
    told = [name for label in (declared, _meta_charset(body)) if (name := _python_name(label)) is not None]
    for name in told:
        text = _strict(body, name)
        if text is not None and not _is_lie(text, name):
            return Decoded(_clean(text), name, guessed=False, damaged=False)
    patched = body.decode("utf-8", "replace")
    broken = patched.count("�")
    if broken <= MAX_DAMAGE * len(patched) and broken * 2 < sum(1 for char in patched if char > "\x7f"):
        return Decoded(_clean(patched), "utf-8", guessed="utf-8" not in told, damaged=True)
    for name in (_detect(body), "cp1252"):
        text = _strict(body, name) if name else None
        if name and text is not None and len(C1.findall(text)) <= MAX_DAMAGE * len(text):
            return Decoded(_clean(text), name, guessed=True, damaged=False)
    if broken > 0.3 * len(patched):
        return None
    return Decoded(_clean(patched), "utf-8", guessed=True, damaged=True)


def _strict(body: bytes, name: str) -> str | None:
    """The text if every byte is valid; a character cut in two at the very end is left out, not an error."""
    try:
        return codecs.getincrementaldecoder(name)("strict").decode(body, final=False)
    except (UnicodeDecodeError, LookupError):
        return None


def _is_lie(text: str, name: str) -> bool:
    if len(C1.findall(text)) > MAX_DAMAGE * len(text):
        return True
    if name != "cp1252":
        return False
    visible = TAG.sub("", text[:DETECT_BYTES])
    letters = [char for char in visible if char.isalpha()]
    return sum(1 for char in letters if char > "\x7f") > FOREIGN_SHARE * len(letters)


def _detect(body: bytes) -> str | None:
    import cchardet

    first = HIGH_BYTE.search(body)
    start = max(first.start() - SNIFF_BYTES, 0) if first else 0  # scripts before it would fill the sample with ASCII
    sample = body[start : start + DETECT_BYTES]
    return _python_name(cchardet.detect(sample)["encoding"])


def _meta_charset(body: bytes) -> str | None:
    head = body[:SNIFF_BYTES]
    found = META_CHARSET.search(head) if b"<" in head else None
    return found[1].decode("ascii") if found else None


def _python_name(label: str | None) -> str | None:
    """Python's name for the charset that `label` means on the web, or None when nobody knows it."""
    if not label:
        return None
    label = label.strip("\"' ").lower()
    try:
        return codecs.lookup(SUPERSETS.get(label, label)).name
    except LookupError:
        return None


def _unmarked_utf16(body: bytes) -> str | None:
    """UTF-16 without a byte-order mark shows as a NUL beside nearly every ASCII character."""
    head = body[:SNIFF_BYTES]
    if len(head) < 8 or 0 not in head:
        return None
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if odd > 0.3 * len(head) / 2 and even * 20 < odd:
        return "utf-16-le"
    if even > 0.3 * len(head) / 2 and odd * 20 < even:
        return "utf-16-be"
    return None


def _clean(text: str) -> str:
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    if _holds_control(text):
        text = CONTROL.sub("", text)
    return text if text.isascii() or unicodedata.is_normalized("NFC", text) else unicodedata.normalize("NFC", text)


def _holds_control(text: str) -> bool:
    """Whether CONTROL finds anything; ten times as fast as asking it."""
    data = text.encode("utf-8", "surrogatepass")
    return "\ufeff" in text or len(data.translate(None, CONTROL_BYTES)) < len(data)
