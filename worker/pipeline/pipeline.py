"""What one process keeps open, and the steps through it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

from worker import __version__
from worker.errors import PermanentError
from worker.models import (
    Article,
    Capture,
    CleanArticle,
    Delivery,
    Drop,
    JudgedArticle,
    Message,
    Provenance,
    RouteVerdict,
    Stage,
)
from worker.pipeline.courier import Courier
from worker.pipeline.models import Models, load_models
from worker.pipeline.outcomes import (
    COPIES,
    FINAL_COPIES,
    deliveries_of,
    settled,
    summary_of,
    version_of,
    wanted,
)
from worker.pipeline.step import UNLIMITED, Budget, Lots, Step, Unlimited, each
from worker.settings import Settings
from worker.stages import normalize as normalizing
from worker.stages.classify.regions import regions_of
from worker.stages.classify.topics import resolve, topics
from worker.stages.deduplicate import Fingerprint, fingerprint, fingerprints, paragraph_hashes
from worker.stages.route import route
from worker.state.ledger import End, Ledger, Routed, open_ledger
from worker.state.spool import DAY_S, Spool, open_spool
from worker.state.stories import StoryIndex, open_stories

LOT = 32  # articles that a stage takes together: more gain nothing, and the time budget is looked at between two lots


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
        self._courier = Courier(settings, spool, ledger, clock)
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
            spool=open_spool(settings.spool_url, ttl_s=settings.keep.spool_days * DAY_S),
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
        for kept in (self._courier, self.stories, self.ledger, self.spool):
            kept.close()

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

        readable = [(c, body) for c, body in zip(captures, bodies, strict=True) if not isinstance(body, PermanentError)]
        makers = iter(self.makers_of(readable, now))

        def one(pair: tuple[Capture, PermanentError | Callable[[], Article | Drop]]) -> None:
            capture, make = pair
            if isinstance(make, PermanentError):
                raise make
            made = make()
            if isinstance(made, Drop):
                ends.append(End(capture_id=capture.capture_id, state="dropped", reason=made.reason, detail=made.detail))
                step.count(f"dropped:{made.reason}")
            else:
                step.onward.append(made)
                step.count("normalized")

        makes = [body if isinstance(body, PermanentError) else next(makers) for body in bodies]
        each("normalize", zip(captures, makes, strict=True), one, step, budget, item=lambda pair: pair[0])
        if ends:
            self.ledger.end(ends)
        return step

    def makers_of(
        self, captures: Sequence[tuple[Capture, bytes]], now: datetime | None = None
    ) -> list[Callable[[], Article | Drop]]:
        """For each capture and its bytes what gives its article, or why there is none, or raises."""
        return normalizing.normalize_many(
            captures, self.settings.normalize, self.models.normalize, now or self._clock()
        )

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

    def explain(self, capture: Capture, body: bytes) -> normalizing.Explanation:
        """Each block or line of a capture, kept or not, and why."""
        rules, models = self.settings.normalize, self.models.normalize
        return normalizing.explain(capture, body, rules, models, self._clock())

    def deduplicate(self, articles: Sequence[Article], budget: Budget | Unlimited = UNLIMITED) -> Step:
        """Articles to JudgedArticles; exact copies and re-captures end here."""
        step = Step()
        known = self.stories.known_furniture([paragraph_hashes(article) for article in articles])
        rules = self.settings.deduplicate
        given = list(zip(articles, known, strict=True))
        made = Lots(given, lambda lot: fingerprints([one[0] for one in lot], [one[1] for one in lot], rules), LOT)
        prints: list[Fingerprint] = []
        kept: list[Article] = []

        def one(at: int) -> None:
            prints.append(made[at])
            kept.append(articles[at])

        each("deduplicate", range(len(articles)), one, step, budget, item=articles.__getitem__)
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
                        verdict=summary_of(article, verdict),
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
        articles = [item.article for item in judged]
        where, gazetteer = self.settings.regions, self.models.gazetteer
        rules, model = self._topic_rules, self.models.topics
        placed = Lots(articles, lambda lot: regions_of(lot, where, gazetteer), LOT)
        named = Lots(articles, lambda lot: topics(lot, rules, model), LOT)

        def one(at: int) -> None:
            step.onward.append(
                CleanArticle(
                    article=articles[at],
                    duplicate=judged[at].duplicate,
                    regions=placed[at],
                    topics=named[at],
                    version=version_of(articles[at].capture),
                    provenance=self._provenance,
                )
            )
            step.count("classified")

        each("classify", range(len(judged)), one, step, budget, item=judged.__getitem__)
        return step

    def route(self, cleaned: Sequence[CleanArticle]) -> Step:
        """CleanArticles to Deliveries, durable in the ledger before anything is published.

        The order is the promise: the clean article into the spool, its deliveries into the ledger in one
        transaction, then the claim is confirmed. What is in the ledger gets delivered.
        """
        step = Step()
        decided: list[tuple[CleanArticle, RouteVerdict]] = []
        each(
            "route",
            cleaned,
            lambda clean: decided.append((clean, self.routes_of(clean))),
            step,
            UNLIMITED,
        )
        told = [self._who_holds_the_earlier(clean) for clean, _ in decided]
        packed = [
            clean.packed() if held or wanted(verdict) else None
            for (clean, verdict), held in zip(decided, told, strict=True)
        ]
        refs = iter(self.spool.put_many([one[0] for one in packed if one]))
        routed = []
        for (clean, verdict), held, one in zip(decided, told, packed, strict=True):
            deliveries: tuple[Delivery, ...] = ()
            if one:
                ref = next(refs)
                deliveries = deliveries_of(clean, one[1], verdict, ref, held)
                self._courier.remember(ref, clean)
            summary = summary_of(clean.article, clean.duplicate, clean, verdict)
            routed.append(Routed(capture_id=clean.article.capture.capture_id, verdict=summary, deliveries=deliveries))
            step.count("routed" if deliveries else "unrouted")
        step.onward.extend(self.ledger.route(routed))
        self.stories.confirm([settled(clean) for clean, _ in decided if clean.duplicate.kind not in COPIES])
        return step

    def _who_holds_the_earlier(self, clean: CleanArticle) -> list[Delivery]:
        """How the article that stood for the story until now came to the sinks that have it: they are told too."""
        if clean.duplicate.kind != "supersedes" or clean.duplicate.of is None:
            return []
        known = {spec.name for spec in self.settings.sinks}
        articles = {held.delivery.article_id for held in self.ledger.holding([clean.duplicate.of])}
        return [held.delivery for held in self.ledger.holding(sorted(articles)) if held.delivery.sink in known]

    def deliver(self, name: str, deliveries: Sequence[Delivery]) -> Step:
        """Deliveries to one sink, with a receipt each in the ledger."""
        return self._courier.deliver(name, deliveries)

    def abort(self, item: Message) -> None:
        """Give up the claim of an item that goes to quarantine, so that the next copy takes over."""
        if isinstance(item, JudgedArticle | CleanArticle) and item.duplicate.kind not in COPIES:
            self.stories.abort([settled(item)])
