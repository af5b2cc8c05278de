"""What flows. Everything that crosses a door is one of these: frozen, validated, without behaviour.

Each stage has its own complete message type, so the type tells where you are. Messages ignore
unknown fields and new fields have defaults, because old and new workers overlap in a roll-out.
`X | None` means "the world may lack it", never "not filled in yet".
"""

from __future__ import annotations

import contextlib
import hashlib
import json
from datetime import datetime
from functools import lru_cache
from typing import Annotated, Literal, NamedTuple

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, StringConstraints
from pydantic_core import PydanticSerializationError, to_json

Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
CaptureId = Digest
ArticleId = Digest
DeliveryId = Digest
Score = Annotated[float, Field(ge=0.0, le=1.0)]

Priority = Literal["urgent", "normal", "backfill"]
Stage = Literal["normalize", "deduplicate", "classify", "route", "deliver"]

DropReason = Literal[
    "empty",
    "unsupported_type",
    "undecodable",
    "too_large",
    "too_deep",
    "too_many_attributes",
    "error_page",
    "consent_wall",
    "bot_wall",
    "paywall_without_text",
    "listing_page",
    "feed_document",
    "no_main_content",
    "too_short",
    "unrouted",
]

DuplicateKind = Literal[
    "new",
    "recapture",
    "exact_copy",
    "near_copy",
    "excerpt",
    "update",
    "supersedes",
    "contained",
    "related",
    "pending_copy",
]

DatePrecision = Literal["second", "minute", "day", "month", "year"]
DateSource = Literal["sidecar", "feed", "json_ld", "meta", "time_element", "url", "text", "htmldate"]

Action = Literal["upsert", "retract", "canonical_changed"]
ReceiptStatus = Literal["stored", "unchanged", "superseded", "rejected", "retry"]
CaptureState = Literal["accepted", "routed", "stored", "dropped", "duplicate", "quarantined"]
TERMINAL_STATES: frozenset[CaptureState] = frozenset({"stored", "dropped", "duplicate", "quarantined"})


def digest_of(*parts: object) -> str:
    """The sha256 (hex) of `parts` as canonical JSON; null is hashed as null.

    >>> digest_of("a", None) == digest_of("a", None)
    True
    >>> digest_of("a", None) == digest_of("a", "null")
    False
    """
    return hashlib.sha256(_canonical(parts)).hexdigest()


def _canonical(parts: tuple[object, ...]) -> bytes:
    if _WRITTEN_ALIKE.issuperset(map(type, parts)):
        with contextlib.suppress(PydanticSerializationError):  # lone surrogates
            return to_json(parts)  # a third of the other's time, and the same bytes
    return _CANONICAL.encode(parts).encode("utf-8", "surrogatepass")


def _plain(value: object) -> str:
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"cannot hash a {type(value).__name__}")


_WRITTEN_ALIKE = frozenset({str, int, type(None)})
_CANONICAL = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), sort_keys=True, default=_plain)


class Message(BaseModel):
    """The base of all that crosses a process."""

    model_config = ConfigDict(frozen=True, extra="ignore", defer_build=True)  # many a process needs few of them


class _Same:
    """A message told by its identity: to hash one by its fields takes as long as to write it."""

    __slots__ = ("message",)

    def __init__(self, message: Message) -> None:
        self.message = message

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same) and self.message is other.message

    def __hash__(self) -> int:
        return id(self.message)


@lru_cache(maxsize=512)  # messages of 1 kB; a batch has two an article
def _written(same: _Same) -> str:
    return same.message.model_dump_json()


def json_of(message: Message) -> str:
    """`message` as JSON, remembered while it is likely to be asked for again: the verdicts of an article are written
    for the spool and once more for each sink, which was half of a record's cost (52 us, now 23).
    """
    return _written(_Same(message))


# --- in: captures ---------------------------------------------------------------------------------


class BodyRef(Message):
    """Where the raw bytes wait in the spool."""

    digest: Digest  # sha256 of the bytes
    size: int = Field(ge=0)  # bytes
    at: str | None = None  # where in the spool, for spools that file bodies together; not part of any identity


class Origin(Message):
    """The place a capture was read from, for people and for resume."""

    location: str  # file path, URL or "-" as the producer was given it
    record: int | None = None  # 1-based line or record number; null when the reading began in the middle
    offset: int | None = None  # byte offset inside the location where a reading can begin again
    member: str | None = None  # path inside an archive, nested ones joined by "!"


class CaptureFacts(Message):
    """What the producer knows about a capture besides its bytes. Told, not read from the page."""

    source: str = "default"  # the owner's name for where captures come from
    url: str | None = None  # as captured; the canonical form belongs to Article
    captured_at: AwareDatetime | None = None  # null stays null: a clock here would break replay
    media_type: str = "application/octet-stream"  # text/html or text/plain once recognised
    charset: str | None = None  # as declared by the transport
    http_status: int | None = None
    title: str | None = None
    description: str | None = None  # a summary that was told beside the body
    published_at: AwareDatetime | None = None  # from a feed, a sidecar or a JSONL record
    published_source: Literal["sidecar", "feed"] = "sidecar"  # who told `published_at`
    language: str | None = None  # BCP 47, as declared by the container
    publisher_country: str | None = None  # ISO 3166-1 alpha-2
    external_id: str | None = None  # the input record's own `id`


class RawCapture(CaptureFacts):
    """One capture as a source reads it, with its bytes. Never crosses a queue."""

    body: bytes
    origin: Origin


class BrokenRecord(Message):
    """A record a source could not read; the source goes on with the next."""

    origin: Origin
    reason: str  # short, stable: "invalid_json", "truncated_gzip", …
    detail: str  # one sentence for a person
    body: bytes = b""  # the raw bytes of the record, as far as they could be had
    lost: bool = True  # false: only a remark, all that it speaks of was read


class Reference(Message):
    """What a feed or a news sitemap says of a page it does not hold: facts to join to a capture of that URL."""

    url: str
    title: str | None = None
    description: str | None = None
    published_at: AwareDatetime | None = None
    language: str | None = None  # BCP 47
    publisher: str | None = None
    origin: Origin


class Capture(CaptureFacts):
    """One fetched page, by reference: the bytes wait in the spool."""

    capture_id: CaptureId  # sha256 over source, url, captured_at and payload digest: the same on every replay
    body: BodyRef
    origin: Origin
    accepted_at: AwareDatetime | None = None  # the producer's clock; not part of the identity
    priority: Priority = "normal"

    @classmethod
    def of(
        cls, raw: RawCapture, body: BodyRef, *, accepted_at: datetime | None = None, priority: Priority = "normal"
    ) -> Capture:
        """The reference that travels for a raw capture whose bytes are at `body`."""
        return cls(
            **{name: getattr(raw, name) for name in CaptureFacts.model_fields},
            capture_id=capture_id_of(raw.source, raw.url, raw.captured_at, body.digest),
            body=body,
            origin=raw.origin,
            accepted_at=accepted_at,
            priority=priority,
        )


def capture_id_of(source: str, url: str | None, captured_at: datetime | None, payload_digest: str) -> CaptureId:
    """The identity of a capture: computed, never drawn. URL and time may be null and are hashed as null."""
    return digest_of("capture", source, url, captured_at.isoformat() if captured_at else None, payload_digest)


# --- normalize --------------------------------------------------------------------------------------


class Organisation(Message):
    """A publisher or agency."""

    name: str | None = None
    domain: str | None = None  # registrable domain


class OriginalPublisher(Organisation):
    """Who wrote a syndicated text, and how we know."""

    evidence: tuple[str, ...] = ()  # headline_suffix, caption_courtesy, courtesy_line, dateline, canonical_link, …


class LeadImage(Message):
    url: str | None = None
    caption: str | None = None
    credit: str | None = None


class Extractor(Message):
    """What made the body text."""

    name: str
    version: str
    path: str  # html.blocks, html.trafilatura, html.json_ld, text.lines, …


class Quality(Message):
    score: Score = 1.0
    flags: tuple[str, ...] = ()  # date_inferred, charset_guessed, timezone_unknown, low_confidence_body, …


class Article(Message):
    """A clean article. Field names follow schema.org NewsArticle and ninjs 3, in snake_case."""

    capture: Capture
    article_id: ArticleId  # from the canonical URL, else the capture's URL without tracking, else the text
    headline: str | None = None
    alt_headlines: tuple[str, ...] = ()
    description: str | None = None
    text: tuple[str, ...]  # paragraphs in order, without headline, caption, byline or furniture
    authors: tuple[str, ...] = ()
    published_at: AwareDatetime | None = None
    published_precision: DatePrecision | None = None
    published_source: DateSource | None = None
    modified_at: AwareDatetime | None = None
    modified_precision: DatePrecision | None = None
    modified_source: DateSource | None = None
    language: str = "und"  # BCP 47
    language_confidence: Score = 0.0
    language_declared: str | None = None
    publisher: Organisation | None = None  # who served this copy
    original_publisher: OriginalPublisher | None = None
    section: str | None = None
    breadcrumbs: tuple[str, ...] = ()
    keywords: tuple[str, ...] = ()
    byline: str | None = None  # the printed lines themselves, out of the text
    dateline: str | None = None
    source_line: str | None = None
    lead_image: LeadImage | None = None
    url: str | None = None  # the capture's
    canonical_url: str | None = None
    syndication_source: str | None = None  # link to the original, where the page names one
    is_excerpt: bool = False
    extractor: Extractor
    quality: Quality = Quality()


class Drop(Message):
    """No article here: counted, never retried."""

    capture: Capture
    reason: DropReason
    detail: str = ""  # one sentence for a person; never body text


# --- deduplicate ------------------------------------------------------------------------------------


class DuplicateVerdict(Message):
    """How an article stands to what is already held."""

    kind: DuplicateKind
    story_id: str  # allocated once, never reused
    of: CaptureId | None = None  # the canonical capture it matched
    similarity: Score | None = None  # containment of shared text; 1 for exact
    version: int = 1  # of the article at this URL; for people
    fence: int = 1  # owner's right to settle the story (claim, confirm, abort)
    reason: str | None = None  # same_url_same_text, same_text, shared_passages, too_short, …
    shared_anchors: int = 0
    live_anchors: int = 0
    numbers_compared: int = 0
    numbers_agreed: int = 0
    length_ratio: float | None = None  # words of this text / words of the matched text
    evidence: tuple[str, ...] = ()  # sentences for a person: shared passages, numbers that agree or differ
    sketch_version: str = "v2"


class JudgedArticle(Message):
    """An article with its duplicate verdict: what classify reads."""

    article: Article
    duplicate: DuplicateVerdict


# --- classify ---------------------------------------------------------------------------------------


class RegionEvidence(Message):
    """The words that speak for a region, and where they stand."""

    surface: str
    kind: str  # country, demonym, capital, admin1, city, dateline, alias, rule, …
    field: str  # headline, text, dateline, breadcrumbs, section
    start: int | None = None  # character offsets in that field; text = paragraphs joined by a blank line
    end: int | None = None
    tier: Literal["strong", "weak"] = "strong"


class RegionScore(Message):
    code: str  # ISO 3166-1 alpha-2 (XK for Kosovo), ISO 3166-2 or UN M49
    name: str = ""
    score: Score
    role: Literal["about", "dateline", "mention"] = "mention"
    evidence: tuple[RegionEvidence, ...] = ()


class RegionVerdict(Message):
    """What places the story is about. `about` and `mentioned` are disjoint and ranked."""

    primary: str | None = None
    about: tuple[RegionScore, ...] = ()
    mentioned: tuple[RegionScore, ...] = ()
    subdivisions: tuple[RegionScore, ...] = ()
    world_regions: tuple[RegionScore, ...] = ()
    gazetteer_version: str


class TopicEvidence(Message):
    kind: Literal["word", "rule", "concept", "sentence", "section"]
    text: str
    paragraph: int | None = None  # 0-based index in Article.text; null for the headline or a section
    weight: float = 0.0


class TopicLabel(Message):
    code: str  # medtop:20000638
    label: str
    score: Score


class TopicScore(Message):
    code: str  # medtop:11000000
    label: str
    score: Score  # calibrated probability of this label
    role: Literal["primary", "secondary"] = "secondary"
    second_level: TopicLabel | None = None
    evidence: tuple[TopicEvidence, ...] = ()
    method: Literal["linear", "labels", "rules", "keywords"] = "keywords"


class TopicVerdict(Message):
    """What the story is about in IPTC Media Topics, or an honest abstention."""

    primary: str | None = None
    all: tuple[TopicScore, ...] = ()
    abstain_reason: Literal["too_short", "low_score", "low_margin", "unsupported_language", "no_known_words"] | None = (
        None
    )
    scheme: str = "medtop"
    release: str
    model_version: str


class Provenance(Message):
    """What made a verdict: enough to make it again."""

    pipeline_version: str
    config_digest: str
    artefacts: dict[str, str] = Field(default_factory=dict)  # artefact name → version


class CleanArticle(Message):
    """The finished article: what sinks store."""

    schema_version: Literal["1"] = "1"
    article: Article
    duplicate: DuplicateVerdict
    regions: RegionVerdict
    topics: TopicVerdict
    version: int  # orders revisions without coordination: capture time in ms, else the accept time
    provenance: Provenance

    def content_digest(self) -> Digest:
        """The sha256 of what a reader would see change: the article and its verdicts, not who made or moved them."""
        return self.packed()[1]

    def packed(self) -> tuple[bytes, Digest]:
        """The article as JSON, and its content digest: from one writing of it, which is most of the cost of both."""
        article = self.article.model_dump_json(exclude={"capture"})
        duplicate = self.duplicate.model_dump_json(exclude={"fence"})
        verdicts = f'"regions":{json_of(self.regions)},"topics":{json_of(self.topics)}'
        rest = f'{verdicts},"version":{self.version}'
        # Fields stand in the order of the models, so the same content gives the same text.
        told = f'{{"schema_version":"{self.schema_version}","article":{article},"duplicate":{duplicate},{rest}}}'
        capture = self.article.capture.model_dump_json(exclude_defaults=True)
        whole = (
            f'{{"article":{{"capture":{capture},{article[1:]},'
            f'"duplicate":{duplicate[:-1]},"fence":{self.duplicate.fence}}},'
            f'{rest},"provenance":{json_of(self.provenance)}}}'
        )
        return whole.encode(), hashlib.sha256(told.encode()).hexdigest()


# --- route and deliver --------------------------------------------------------------------------------


class Delivery(Message):
    """One thing to do at one sink. The clean article waits in the spool."""

    delivery_id: DeliveryId
    capture_id: CaptureId
    article_id: ArticleId
    sink: str
    route: str
    action: Action = "upsert"
    version: int
    body: BodyRef  # the CleanArticle as JSON


def delivery_id_of(sink: str, action: Action, content_digest: str) -> DeliveryId:
    """The identity of a delivery: the same article to the same sink is the same delivery."""
    return digest_of("delivery", sink, action, content_digest)


class SinkItem(NamedTuple):
    """What a sink is handed: a delivery and the article it speaks of."""

    delivery: Delivery
    article: CleanArticle


class Receipt(Message):
    """What a sink says about one delivery."""

    delivery_id: DeliveryId
    status: ReceiptStatus
    detail: str = ""
    retry_after_s: float | None = None


class Quarantined(Message):
    """What could not be processed, with all that a person needs to decide."""

    quarantine_id: Digest
    stage: Stage | Literal["source"]
    reason: str  # short, stable: bad_capture, out_of_memory, kills_its_process, sink_rejected, …
    detail: str
    capture: Capture | None = None  # null when not even a capture could be made
    origin: Origin | None = None
    item: str = ""  # the message as JSON, to be replayed at `stage`
    body: BodyRef | None = None  # the raw bytes of a record that became no capture
    quarantined_at: AwareDatetime
    attempts: int = 1


class Batch(Message):
    """What a queue carries: items of one stage, each as JSON text of its own, and what was tried so far."""

    version: int = 1
    batch_id: str  # follows from the items, so a repeat is recognised
    items: tuple[str, ...] = ()
    parcel: bool = False  # the items wait beside the queue, under `batch_id`
    tries: int = 0  # retries of what may pass
    attempts: int = 0  # earlier starts that ended with their process
    priority: str = "normal"


# --- a route's verdict ---------------------------------------------------------------------------------


class RouteMatch(Message):
    route: str
    sinks: tuple[str, ...]
    because: str


class RouteMiss(Message):
    route: str
    because: str  # the first condition that failed


class RouteVerdict(Message):
    """Which routes took the article, and why the earlier ones did not."""

    matched: tuple[RouteMatch, ...] = ()
    missed: tuple[RouteMiss, ...] = ()
