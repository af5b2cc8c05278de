"""The steps, once, in order; and what one process keeps open to take them.

A step takes items of one stage and returns a `Step`: what goes onward, what failed and why, what must wait, and
what was not reached in time. Failure is per item: its neighbours go on. Celery's shells (`tasks.py`) take these
steps; so can any other engine, and `whole_way` takes them all in one process.
"""

from __future__ import annotations

import gc
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, NamedTuple, cast

from worker import __version__, artefacts
from worker.errors import PermanentError, TransientError, reason_of
from worker.models import (
    Article,
    BodyRef,
    BrokenRecord,
    Capture,
    CleanArticle,
    Delivery,
    Drop,
    DuplicateVerdict,
    JudgedArticle,
    Message,
    Origin,
    Provenance,
    RawCapture,
    RouteVerdict,
    SinkItem,
    Stage,
    delivery_id_of,
)
from worker.plugins import Sink, open_sink
from worker.settings import Settings
from worker.stages import normalize as normalizing
from worker.stages.classify.regions import Gazetteer, regions
from worker.stages.classify.topics import TopicModel, resolve, topics
from worker.stages.deduplicate import fingerprint, paragraph_hashes
from worker.stages.route import route
from worker.state.ledger import End, Ledger, Routed, Verdict, open_ledger
from worker.state.spool import Spool, open_spool
from worker.state.stories import Settled, StoryIndex, open_stories

CIRCUIT_OPENS_AT = 3  # failures of a sink in a row; then its deliveries are parked for a while without being tried
FINAL_COPIES = frozenset({"recapture", "exact_copy"})  # not classified, not delivered
COPIES = FINAL_COPIES | {"near_copy", "excerpt"}


class Failure(NamedTuple):
    """An item that a stage could not take, and what stood against it."""

    stage: Stage
    item: Message
    error: Exception


@dataclass
class Step:
    """What became of a batch: each item is in exactly one list, or ended in the ledger."""

    onward: list[Message] = field(default_factory=list)  # items of the next stage
    failed: list[Failure] = field(default_factory=list)
    later: list[tuple[Stage, Message]] = field(default_factory=list)  # copies of a story that is not settled yet
    rest: list[tuple[Stage, Message]] = field(default_factory=list)  # not begun: the time was spent
    counts: dict[str, int] = field(default_factory=dict)  # outcomes by name, for logs and metrics

    def count(self, name: str, by: int = 1) -> None:
        self.counts[name] = self.counts.get(name, 0) + by

    def absorb(self, other: Step) -> None:
        """Take over all but `onward`, which is replaced: the other step went on from there."""
        self.onward = other.onward
        self.failed += other.failed
        self.later += other.later
        self.rest += other.rest
        for name, by in other.counts.items():
            self.count(name, by)


@dataclass(frozen=True)
class Models:
    """Everything heavy and read-only: loaded once in the parent, shared by its children after the fork."""

    normalize: normalizing.Models
    gazetteer: Gazetteer
    topics: TopicModel
    versions: dict[str, str]


def load_models() -> Models:
    """The artefacts that ship with copydesk, ready to use."""
    read: dict[str, artefacts.Artefact] = {}

    def reading(name: str) -> artefacts.Artefact:
        if name not in read:
            read[name] = artefacts.read(name)
        return read[name]

    models = Models(
        normalize=normalizing.load_models(reading),
        gazetteer=Gazetteer.from_artefact(reading("regions")),
        topics=TopicModel.from_artefacts(reading("topics"), reading("vocabulary")),
        versions={},
    )
    models.versions.update({name: artefact.version for name, artefact in sorted(read.items())})
    return models


WARMING_TEXT = b"""Ministers meet in Kenya over harvest

Ministers of five countries met in Nairobi, Kenya, on Tuesday to speak about the harvest and the price of bread.

The talks between governments will go on after the elections, a spokesman told reporters in the capital on Monday.
"""


def warm(models: Models, settings: Settings) -> None:
    """Use every model once, so that what they make on first use is made before the fork and shared after it."""
    raw = RawCapture(body=WARMING_TEXT, media_type="text/plain", origin=Origin(location="warm"))
    for _ in whole_way(Pipeline.in_memory(settings, models), [raw]):
        pass


class Unlimited:
    """A time budget that is never spent."""

    def spent(self) -> bool:
        return False


class Budget:
    """A time budget in seconds from now."""

    def __init__(self, seconds: float) -> None:
        self._until = time.monotonic() + seconds

    def spent(self) -> bool:
        return time.monotonic() > self._until


UNLIMITED = Unlimited()


class Pipeline:
    """What one process keeps open, and the steps through it."""

    def __init__(
        self,
        settings: Settings,
        models: Models,
        *,
        spool: Spool,
        stories: StoryIndex,
        ledger: Ledger,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self.settings = settings
        self.models = models
        self.spool = spool
        self.stories = stories
        self.ledger = ledger
        self._clock = clock
        self._sinks: dict[str, Sink] = {}
        self._ailing: set[str] = {circuit.sink for circuit in ledger.circuits()}
        self._topic_rules, _ = resolve(settings.topics, models.topics.vocabulary)
        self._provenance = Provenance(
            pipeline_version=__version__, config_digest=settings.config_digest, artefacts=models.versions
        )

    @classmethod
    def open(cls, settings: Settings, models: Models | None = None) -> Pipeline:
        """A pipeline on the configured stores. Connections open here: call it after the fork."""
        return cls(
            settings,
            models or load_models(),
            spool=open_spool(settings.spool_url),
            stories=open_stories(settings.stories_url, settings.deduplicate, prefix=settings.broker.key_prefix),
            ledger=open_ledger(settings.ledger_url),
        )

    @classmethod
    def in_memory(cls, settings: Settings, models: Models | None = None) -> Pipeline:
        """A pipeline that touches nothing outside this process: for `try`, tests and batch engines."""
        return cls(
            settings,
            models or load_models(),
            spool=open_spool("memory://"),
            stories=open_stories("memory://", settings.deduplicate),
            ledger=open_ledger("memory://"),
        )

    def close(self) -> None:
        """Give back everything; twice does no harm."""
        for sink in self._sinks.values():
            sink.close()
        self._sinks.clear()
        for store in (self.stories, self.ledger, self.spool):
            store.close()

    # --- the steps ---------------------------------------------------------------------------------

    def perform(self, stage: Stage, items: Sequence[Any], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """Take `items` from `stage` to the end of its segment."""
        done = Step(onward=list(items))
        for name in self.settings.segment_from(stage):
            if not done.onward:
                break
            done.absorb(self.step(name, done.onward, budget))
        return done

    def step(self, stage: Stage, items: Sequence[Any], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """Take `items` through one stage."""
        match stage:
            case "normalize":
                return self.normalize(items, budget)
            case "deduplicate":
                return self.deduplicate(items, budget)
            case "classify":
                return self.classify(items, budget)
            case "route":
                return self.route(items)
            case "deliver":
                raise ValueError("deliveries go to one sink: use deliver()")

    def normalize(self, captures: Sequence[Capture], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """Captures to Articles; what is no article ends here as dropped."""
        step = Step()
        now = self._clock()
        bodies = self.spool.get_many([capture.body for capture in captures])
        ends: list[End] = []

        def one(pair: tuple[Capture, bytes | PermanentError]) -> None:
            capture, body = pair
            if isinstance(body, PermanentError):
                raise body
            made = self.article_of(capture, body, now)
            if isinstance(made, Drop):
                ends.append(End(capture_id=capture.capture_id, state="dropped", reason=made.reason, detail=made.detail))
                step.count(f"dropped:{made.reason}")
            else:
                step.onward.append(made)
                step.count("normalized")

        _each("normalize", zip(captures, bodies, strict=True), one, step, budget, item=lambda pair: pair[0])
        if ends:
            self.ledger.end(ends)
        return step

    def article_of(self, capture: Capture, body: bytes, now: datetime | None = None) -> Article | Drop:
        """The article in a capture, or why there is none."""
        rules, models = self.settings.normalize, self.models.normalize
        return normalizing.normalize(capture, body, rules, models, now or self._clock())

    def judge_alone(self, article: Article) -> JudgedArticle:
        """An article judged and settled at once: for a way on which nothing comes between."""
        known = self.stories.known_furniture([paragraph_hashes(article)])[0]
        (verdict,) = self.stories.claim([fingerprint(article, known, self.settings.deduplicate)])
        judged = JudgedArticle(article=article, duplicate=verdict)
        if verdict.kind not in COPIES:
            self.stories.confirm([settled(judged)])
        return judged

    def routes_of(self, clean: CleanArticle) -> RouteVerdict:
        """Which routes take the article, and why the earlier ones do not."""
        return route(clean, self.settings.routes, self.models.topics.vocabulary)

    def explain(self, result: Result) -> normalizing.Explanation | None:
        """Each block or line of a capture, kept or not, and why."""
        if result.capture is None:
            return None
        rules, models = self.settings.normalize, self.models.normalize
        return normalizing.explain(result.capture, result.body, rules, models, self._clock())

    def deduplicate(self, articles: Sequence[Article], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """Articles to JudgedArticles; exact copies and re-captures end here."""
        step = Step()
        known = self.stories.known_furniture([paragraph_hashes(article) for article in articles])
        prints = []
        kept: list[Article] = []

        def one(pair: tuple[Article, Any]) -> None:
            article, furniture = pair
            prints.append(fingerprint(article, furniture, self.settings.deduplicate))
            kept.append(article)

        _each("deduplicate", zip(articles, known, strict=True), one, step, budget, item=lambda pair: pair[0])
        ends: list[End] = []
        for article, verdict in zip(kept, self.stories.claim(prints), strict=True):
            step.count(f"judged:{verdict.kind}")
            if verdict.kind == "pending_copy":
                step.later.append(("deduplicate", article))
            elif verdict.kind in FINAL_COPIES:
                ends.append(
                    End(
                        capture_id=article.capture.capture_id,
                        state="duplicate",
                        reason=verdict.kind,
                        verdict=_summary(article, verdict),
                    )
                )
            else:
                step.onward.append(JudgedArticle(article=article, duplicate=verdict))
        if ends:
            self.ledger.end(ends)
        return step

    def classify(self, judged: Sequence[JudgedArticle], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """JudgedArticles to CleanArticles, by region and topic."""
        step = Step()
        placed: list[tuple[JudgedArticle, Any]] = []

        def place(item: JudgedArticle) -> None:
            placed.append((item, regions(item.article, self.settings.regions, self.models.gazetteer)))

        _each("classify", judged, place, step, budget)
        rules, model = self._topic_rules, self.models.topics
        named: list[Any] = []
        try:
            named = topics([item.article for item, _ in placed], rules, model)
        except Exception:  # one bad article must not take its batch with it: find it
            survivors = []

            def name(pair: tuple[JudgedArticle, Any]) -> None:
                named.extend(topics([pair[0].article], rules, model))
                survivors.append(pair)

            _each("classify", placed, name, step, UNLIMITED, item=lambda pair: pair[0])
            placed = survivors
        for (item, places), subjects in zip(placed, named, strict=True):
            step.onward.append(
                CleanArticle(
                    article=item.article,
                    duplicate=item.duplicate,
                    regions=places,
                    topics=subjects,
                    version=version_of(item.article.capture),
                    provenance=self._provenance,
                )
            )
            step.count("classified")
        return step

    def route(self, cleaned: Sequence[CleanArticle]) -> Step:
        """CleanArticles to Deliveries, durable in the ledger before anything is published.

        The order is the promise: the clean article into the spool, its deliveries into the ledger in one
        transaction, then the claim is confirmed. What is in the ledger gets delivered.
        """
        step = Step()
        decided: list[tuple[CleanArticle, RouteVerdict]] = []
        _each(
            "route",
            cleaned,
            lambda clean: decided.append((clean, self.routes_of(clean))),
            step,
            UNLIMITED,
        )
        refs = iter(self.spool.put_many([_stored(clean) for clean, verdict in decided if _wanted(verdict)]))
        routed = []
        for clean, verdict in decided:
            deliveries = _deliveries(clean, verdict, next(refs)) if _wanted(verdict) else ()
            summary = _summary(clean.article, clean.duplicate, clean, verdict)
            routed.append(Routed(capture_id=clean.article.capture.capture_id, verdict=summary, deliveries=deliveries))
            step.count("routed" if deliveries else "unrouted")
        step.onward.extend(self.ledger.route(routed))
        self.stories.confirm([settled(clean) for clean, _ in decided if clean.duplicate.kind not in COPIES])
        return step

    def deliver(self, name: str, deliveries: Sequence[Delivery]) -> Step:
        """Deliveries to one sink, with a receipt each in the ledger.

        A sink that is away raises nothing here: its deliveries are parked in the ledger, which publishes them
        again when their time has come, and no attempt is spent.
        """
        step = Step()
        if (until := self._closed_until(name)) is not None:
            self.ledger.park([delivery.delivery_id for delivery in deliveries], until)
            step.count("delivered:parked", len(deliveries))
            return step
        bodies = self.spool.get_many([delivery.body for delivery in deliveries])
        items: list[SinkItem] = []

        def one(pair: tuple[Delivery, bytes | PermanentError]) -> None:
            delivery, body = pair
            if isinstance(body, PermanentError):
                raise body
            items.append(SinkItem(delivery, CleanArticle.model_validate_json(body)))

        _each("deliver", zip(deliveries, bodies, strict=True), one, step, UNLIMITED, item=lambda pair: pair[0])
        if not items:
            return step
        try:
            receipts = self.sink(name).write(items)
        except TransientError as exc:
            self._park(name, items, exc)
            step.count("delivered:parked", len(items))
            return step
        if name in self._ailing:
            self.ledger.heal(name)
            self._ailing.discard(name)
        self.ledger.receive(receipts)
        for receipt in receipts:
            step.count(f"delivered:{receipt.status}")
        return step

    def _closed_until(self, name: str) -> datetime | None:
        """When the circuit of a sink closes again; None when it may be tried now."""
        if name not in self._ailing:
            return None
        until = next((circuit.open_until for circuit in self.ledger.circuits() if circuit.sink == name), None)
        return until if until is not None and until > self._clock() else None

    def _park(self, name: str, items: Sequence[SinkItem], error: TransientError) -> None:
        retry = self.settings.retry
        self._ailing.add(name)
        pause_s = error.retry_after_s or retry.backoff_max_s
        until = self.ledger.strike(name, threshold=CIRCUIT_OPENS_AT, pause_s=pause_s)
        until = until or self._clock() + timedelta(seconds=error.retry_after_s or retry.delay_s)
        self.ledger.park([item.delivery.delivery_id for item in items], until)

    def sink(self, name: str) -> Sink:
        """The open sink of this name."""
        if name not in self._sinks:
            spec = self.settings.sink(name)
            self._sinks[name] = open_sink(spec.name, spec.kind, spec.options)
        return self._sinks[name]

    def abort(self, item: Message) -> None:
        """Give up the claim of an item that goes to quarantine, so that the next copy takes over."""
        if isinstance(item, JudgedArticle | CleanArticle) and item.duplicate.kind not in COPIES:
            self.stories.abort([settled(item)])


def version_of(capture: Capture) -> int:
    """What orders the revisions of an article: its capture time in ms, else the time it was accepted, else 0."""
    at = capture.captured_at or capture.accepted_at
    return int(at.timestamp() * 1000) if at else 0


def settled(item: JudgedArticle | CleanArticle) -> Settled:
    """What names the claim of an article in the story index."""
    return Settled(item.article.capture.capture_id, item.duplicate.story_id, item.duplicate.fence)


def _each(
    stage: Stage,
    items: Iterable[Any],
    take: Callable[[Any], None],
    step: Step,
    budget: Budget | Unlimited,
    *,
    item: Callable[[Any], Message] = lambda it: it,
) -> None:
    """Take items one by one: what raises is noted as failed, what the budget does not reach as rest."""
    for it in items:
        if budget.spent():
            step.rest.append((stage, item(it)))
            continue
        try:
            take(it)
        except Exception as exc:  # the culprit alone is set aside; tasks.py decides by the kind of error
            step.failed.append(Failure(stage, item(it), exc))
            if isinstance(exc, MemoryError):
                gc.collect()


def _wanted(verdict: RouteVerdict) -> bool:
    return any(match.sinks for match in verdict.matched)


def _stored(clean: CleanArticle) -> bytes:
    return clean.model_dump_json(exclude_defaults=True).encode()


def _deliveries(clean: CleanArticle, verdict: RouteVerdict, body: BodyRef) -> tuple[Delivery, ...]:
    digest = clean.content_digest()
    made: dict[str, Delivery] = {}
    for match in verdict.matched:
        for sink in match.sinks:
            made.setdefault(
                sink,
                Delivery(
                    delivery_id=delivery_id_of(sink, "upsert", digest),
                    capture_id=clean.article.capture.capture_id,
                    article_id=clean.article.article_id,
                    sink=sink,
                    route=match.route,
                    version=clean.version,
                    body=body,
                ),
            )
    return tuple(made.values())


def _summary(
    article: Article,
    duplicate: DuplicateVerdict,
    clean: CleanArticle | None = None,
    verdict: RouteVerdict | None = None,
) -> Verdict:
    return Verdict(
        headline=article.headline,
        language=article.language,
        article_id=article.article_id,
        kind=duplicate.kind,
        story_id=duplicate.story_id,
        of=duplicate.of,
        similarity=duplicate.similarity,
        primary_region=clean.regions.primary if clean else None,
        primary_topic=clean.topics.primary if clean else None,
        topic_label=clean.topics.all[0].label if clean and clean.topics.all else None,
        routes=tuple(match.route for match in verdict.matched) if verdict else (),
        sinks=tuple(sink for match in verdict.matched for sink in match.sinks) if verdict else (),
    )


# --- the whole way in one process ------------------------------------------------------------------------


class Result(NamedTuple):
    """What became of one capture, with everything that was decided on the way."""

    outcome: Literal["article", "dropped", "quarantined"]
    reason: str  # a drop's or a failure's; empty for an article
    detail: str  # one sentence for a person
    origin: Origin
    capture: Capture | None = None  # null when not even a capture could be made
    clean: CleanArticle | None = None
    verdict: RouteVerdict | None = None
    deliveries: tuple[Delivery, ...] = ()
    body: bytes = b""


def whole_way(
    pipeline: Pipeline, records: Iterable[RawCapture | BrokenRecord], *, at_most: int = 32
) -> Iterator[Result]:
    """What becomes of each record, in order, streaming; nothing is delivered.

    The same steps as in the workers, with two differences that `try` wants: an article is settled as soon as it
    is judged, and re-captures and exact copies are classified too, so that one sees. Chunks grow from one record
    to `at_most`: the first answer comes at once, the many go at the pace of whole batches.
    """
    chunk: list[RawCapture | BrokenRecord] = []
    size = 1
    for record in records:
        chunk.append(record)
        if len(chunk) >= size:
            yield from _chunk_results(pipeline, chunk)
            chunk, size = [], min(size * 2, at_most)
    yield from _chunk_results(pipeline, chunk)


def _chunk_results(pipeline: Pipeline, records: Sequence[RawCapture | BrokenRecord]) -> list[Result]:
    results: dict[int, Result] = {}
    judged: dict[int, JudgedArticle] = {}
    for place, record in enumerate(records):
        if isinstance(record, BrokenRecord):
            results[place] = Result("quarantined", record.reason, record.detail, record.origin)
            continue
        digest = hashlib.sha256(record.body).hexdigest()
        capture = Capture.of(record, BodyRef(digest=digest, size=len(record.body)))
        results[place] = Result("quarantined", "", "", record.origin, capture, body=record.body)
        try:
            made = pipeline.article_of(capture, record.body)
            if isinstance(made, Drop):
                results[place] = results[place]._replace(outcome="dropped", reason=made.reason, detail=made.detail)
            else:
                judged[place] = pipeline.judge_alone(made)
        except Exception as exc:
            reason, detail = reason_of(exc)
            results[place] = results[place]._replace(reason=reason, detail=detail)
    step = pipeline.classify(list(judged.values()))
    failed = {id(failure.item): failure.error for failure in step.failed}
    cleaned = iter(step.onward)
    for place, item in judged.items():
        if id(item) in failed:
            reason, detail = reason_of(failed[id(item)])
            results[place] = results[place]._replace(reason=reason, detail=detail)
            continue
        clean = cast(CleanArticle, next(cleaned))
        verdict = pipeline.routes_of(clean)
        ref = cast(Capture, results[place].capture).body
        sent = () if clean.duplicate.kind in FINAL_COPIES else _deliveries(clean, verdict, ref)
        results[place] = results[place]._replace(outcome="article", clean=clean, verdict=verdict, deliveries=sent)
    return [results[place] for place in sorted(results)]
