"""Who an article is: its canonical URL and its identity. Computed, never drawn."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache, lru_cache
from importlib.resources import files
from urllib.parse import SplitResult, parse_qsl, quote, urlencode, urljoin, urlsplit, urlunsplit

from worker.models import ArticleId, digest_of

MAX_URL = 8192  # characters
PLAIN = re.compile(r"https?://[a-z0-9.-]*[a-z0-9]/[\w/.~-]*", re.ASCII)  # already in the one writing
TRACKING = re.compile(
    r"(?:utm_|mtm_|pk_|hsa_|wt[_.]|at_custom).*|fbclid|gclid|dclid|msclkid|yclid|igshid|mc_cid|mc_eid|ref|ref_src|"
    r"ref_url|cmpid|cmp|ocid|ncid|ns_(?:mchannel|source|campaign|linkname)|smid|smtyp|xtor|at_medium|at_campaign|spm|"
    r"_ga|_gl|amp|outputtype|share|sharetoken|guccounter|guce_referrer(?:_sig)?|soc_src|soc_trk|tag_id|ito|mbid|icid",
    re.I,
)


@lru_cache(maxsize=4096)
def registrable_domain(url: str | None) -> str | None:
    """The registrable domain of `url` by the public suffix list (`bbc.co.uk`), or None.

    >>> registrable_domain("https://news.bbc.co.uk/1")
    'bbc.co.uk'
    """
    parts = split_web(url)
    return _domain_of_host(parts.hostname) if parts is not None and parts.hostname else None


@lru_cache(maxsize=4096)
def _domain_of_host(host: str) -> str | None:
    labels = host.rstrip(".").split(".")
    names = [_unicode(label) if label.startswith("xn--") else label for label in labels]
    rules = _suffix_rules()
    for at in range(len(labels)):  # the longest suffix first; a host that is one stands for itself
        rest = ".".join(names[at + 1 :])
        suffix = f"{names[at]}.{rest}" if rest else names[at]
        if f"!{suffix}" in rules:
            return ".".join(labels[at:])
        if suffix in rules or f"*.{rest}" in rules:
            return ".".join(labels[max(at - 1, 0) :]) if all(labels) else None
    return None


def _unicode(label: str) -> str:
    try:
        return label.encode().decode("idna")
    except UnicodeError:
        return label


@cache
def _suffix_rules() -> frozenset[str]:
    """The rules of the public suffix list that the package `tld` carries.

    Read here in 4 ms: the package's own trie of it took 60 ms of the start of `copydesk try`. Comments stay among them:
    no host is written like one.
    """
    text = files("tld").joinpath("res/effective_tld_names.dat.txt").read_text("utf-8")
    return frozenset(filter(None, map(str.strip, text.splitlines())))


@lru_cache(maxsize=256)  # one URL is asked for by several: its clean form, domain and identity
def split_web(url: str | None) -> SplitResult | None:
    """The parts of an http(s) URL, or None when it is none."""
    if not url or len(url) > MAX_URL:
        return None
    try:
        parts = urlsplit(url.strip())
        _ = parts.port
    except ValueError:
        return None
    return parts if parts.scheme.lower() in ("http", "https") and parts.hostname else None


def clean_url(url: str | None, base: str | None = None) -> str | None:
    """`url` in one writing: absolute, lower-case host, no default port, no fragment, no tracking parameters.

    >>> clean_url("HTTP://Example.COM:80/a?utm_source=x&id=3#top")
    'http://example.com/a?id=3'
    """
    if url and base:
        try:
            url = urljoin(base, url.strip())
        except ValueError:
            return None
    if url and PLAIN.fullmatch(url) and len(url) <= MAX_URL:
        return url
    parts = split_web(url)
    if parts is None or parts.hostname is None:
        return None
    port = parts.port if parts.port not in (None, 80, 443) else None
    host = parts.hostname.rstrip(".") + (f":{port}" if port else "")
    query = [
        (key, value) for key, value in parse_qsl(parts.query, keep_blank_values=True) if TRACKING.fullmatch(key) is None
    ]
    path = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    return urlunsplit((parts.scheme.lower(), host, path, urlencode(query), ""))


def same_site(one: str | None, other: str | None) -> bool:
    """Whether both URLs belong to one registrable domain."""
    domain = registrable_domain(one)
    return domain is not None and domain == registrable_domain(other)


def canonical_of(declared: str | None, captured: str | None) -> str | None:
    """The canonical URL a page declares, if it may: on its own registrable domain, and not a bare home page."""
    canonical = clean_url(declared, captured)
    if canonical is None or (captured is not None and not same_site(canonical, captured)):
        return None
    return None if _is_home(canonical) and not _is_home(clean_url(captured)) else canonical


def _is_home(url: str | None) -> bool:
    parts = split_web(url)
    return parts is not None and parts.path in ("", "/") and not parts.query


def article_id_of(canonical: str | None, captured: str | None, headline: str | None, text: Sequence[str]) -> ArticleId:
    """The identity of an article: its canonical URL, else its own URL without tracking, else its content.

    `http` and `https`, and a leading `www.`, are one.
    """
    url = canonical or clean_url(captured)
    if url is None:
        return digest_of("article", "content", headline, *text)
    parts = urlsplit(url)
    return digest_of("article", parts.netloc.removeprefix("www."), parts.path.rstrip("/"), parts.query)
