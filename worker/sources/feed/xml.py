"""The elements of an XML document, one by one, mended where people commonly break it."""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from contextlib import suppress
from html.entities import html5

import cchardet
from lxml import etree

from worker.models import BrokenRecord, Origin

_XML_ENTITIES = {"amp", "lt", "gt", "quot", "apos"}
_AMPERSAND = re.compile(r"&(#\d{1,7};|#[xX][0-9a-fA-F]{1,6};|[A-Za-z][A-Za-z0-9]{1,31};)?")
# Compiled when needed: wide ranges take 5 ms of each start.
_ILLEGAL = "[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]"
_DECLARATION = re.compile(r"\s*<\?xml[^>]*\?>")
_DECLARED = re.compile(rb"<\?xml[^>]*encoding\s*=\s*[\"']([\w.:-]+)")


class Mended:
    """An XML document that can be read; `complaint` says what was wrong and could not be mended."""

    def __init__(self, document: bytes) -> None:
        self._document = document
        self.complaint = _complaint(document)
        if self.complaint:
            self._document = _mend(document)
            self.complaint = _complaint(self._document)

    def elements(self, *names: str) -> Iterator[etree._Element]:
        """Each element with one of these local names, in any namespace, when it is whole; emptied afterwards."""
        with suppress(etree.XMLSyntaxError):  # nothing to be had at all: the complaint says so
            for _, element in _parse(self._whole(names), recover=True, tag=[f"{{*}}{name}" for name in names]):
                yield element
                element.clear()
                before = element.getprevious()
                if before is not None and before.tag == element.tag:
                    element.getparent().remove(before)

    def _whole(self, names: tuple[str, ...]) -> bytes:
        """The document; of a broken one, up to the last of these elements that is closed."""
        if not self.complaint:
            return self._document
        closing = re.compile(rb"</(?:[\w-]+:)?(?:%s)\s*>" % "|".join(names).encode())
        end = max((found.end() for found in closing.finditer(self._document)), default=len(self._document))
        return self._document[:end]


def text_of(element: etree._Element, *names: str) -> str | None:
    """The text of the first child with one of these local names, the names tried in order."""
    for name in names:
        for child in element.iterchildren(f"{{*}}{name}"):
            text = "".join(child.itertext()).strip()
            if text:
                return text
    return None


def cut_short(complaint: str, origin: Origin) -> BrokenRecord:
    """What to say of a document that was read, as far as it goes, in spite of `complaint`."""
    return BrokenRecord(origin=origin, reason="invalid_xml", detail=f"read as far as it goes: {complaint}")


def _parse(document: bytes, *, recover: bool, tag: list[str] | None = None) -> Iterator[tuple[str, etree._Element]]:
    return etree.iterparse(  # type: ignore[no-any-return]
        io.BytesIO(document), tag=tag, recover=recover, resolve_entities=False, no_network=True, load_dtd=False
    )


def _complaint(document: bytes) -> str:
    """What is wrong with the document; empty when it is well-formed."""
    try:
        for _, element in _parse(document, recover=False):
            element.clear()
    except etree.XMLSyntaxError as exc:
        return f"{str(exc.msg or 'not well-formed XML').splitlines()[0]} (line {exc.lineno})"  # later lines quote
    return ""


def _mend(document: bytes) -> bytes:
    """The document in UTF-8, without what XML forbids, with bare ampersands and HTML entities spelled out."""
    text = _DECLARATION.sub("", _decode(document), count=1).lstrip()
    return _AMPERSAND.sub(_spelled, re.sub(_ILLEGAL, "", text)).encode()


def _decode(document: bytes) -> str:
    declared = _DECLARED.search(document[:256])
    guesses = [declared[1].decode() if declared else "utf-8", cchardet.detect(document)["encoding"] or "latin-1"]
    for encoding in guesses:
        try:
            return document.decode(encoding)
        except (UnicodeError, LookupError):
            continue
    return document.decode("utf-8", "replace")


def _spelled(found: re.Match[str]) -> str:
    name = found[1]
    if name is None:
        return "&amp;"
    if name[0] == "#" or name[:-1] in _XML_ENTITIES:
        return found[0]
    return html5.get(name, f"&amp;{name}")
