"""What feeds and sitemaps say of pages they do not hold, joined to the captures of these pages."""

from __future__ import annotations

from urllib.parse import urlsplit

from worker.models import RawCapture, Reference

AT_MOST = 200_000  # remembered; four of the largest sitemaps allowed, about 200 MB


class References:
    """The references of one run, by address. The first that speaks of a page counts."""

    def __init__(self) -> None:
        self._held: dict[str, Reference] = {}
        self._found: set[str] = set()

    @property
    def without_page(self) -> int:
        """How many addresses no capture of the run has."""
        return len(self._held) - len(self._found)

    def remember(self, reference: Reference) -> None:
        if len(self._held) < AT_MOST:
            self._held.setdefault(page_key(reference.url), reference)

    def join(self, raw: RawCapture) -> RawCapture:
        """The capture with what a reference to its address adds; what it says itself stays."""
        reference = self._held.get(page_key(raw.url)) if raw.url and self._held else None
        if reference is None or raw.url is None:
            return raw
        self._found.add(page_key(raw.url))
        return joined(raw, reference)


def joined(raw: RawCapture, reference: Reference) -> RawCapture:
    """The capture with what `reference` adds; what it says itself stays."""
    said = {name: getattr(reference, name) for name in ("title", "description", "published_at", "language")}
    added: dict[str, object] = {
        name: value for name, value in said.items() if value is not None and getattr(raw, name) is None
    }
    if "published_at" in added:
        added["published_source"] = "feed"
    return raw.model_copy(update=added) if added else raw


def page_key(url: str) -> str:
    """The address as far as it names a page: no scheme, no fragment, no campaign parameters.

    >>> page_key("HTTP://Example.org/a/?utm_source=rss&id=3#top") == page_key("https://example.org/a?id=3")
    True
    """
    try:
        parts = urlsplit(url)
    except ValueError:
        return url
    query = "&".join(p for p in parts.query.split("&") if p and not p.lower().startswith("utm_"))
    return f"{parts.netloc.lower()}{parts.path.rstrip('/')}?{query}"
