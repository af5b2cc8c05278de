"""How a verdict reads for a person at a terminal."""

from __future__ import annotations

from rich.console import Console
from rich.markup import escape
from rich.text import Text

from worker.cli.words import counted, shortened
from worker.intake import place
from worker.models import CleanArticle, RegionScore, TopicScore
from worker.pipeline import Result
from worker.stages.normalize import Explanation

COLOURS = {"article": "green", "dropped": "yellow", "quarantined": "red"}
KIND_COLOURS = {"new": "green", "update": "green", "supersedes": "green", "related": "cyan", "contained": "cyan"}


def show(console: Console, result: Result, explanation: Explanation | None = None) -> None:
    """One capture for a person: what it is, and why each verdict is as it is."""
    colour = COLOURS[result.outcome]
    title: str = result.outcome
    if result.clean is not None:
        title = result.clean.article.headline or "(no headline)"
    console.print(Text.assemble(("▌ ", colour), (title, "bold")), soft_wrap=True)
    console.print(Text(f"  {place(result.origin)}", style="dim"), soft_wrap=True)
    if explanation is not None:
        show_explanation(console, explanation)
    if result.clean is None:
        why = f"{result.reason}: {result.detail}" if result.detail else result.reason
        _line(console, result.outcome, why, colour)
    else:
        _show_clean(console, result.clean, result)
    console.print()


def _show_clean(console: Console, clean: CleanArticle, result: Result) -> None:
    article, copy = clean.article, clean.duplicate
    words = sum(len(paragraph.split()) for paragraph in article.text)
    facts = [counted(len(article.text), "paragraph"), counted(words, "word"), article.language]
    if article.authors:
        facts.append("by " + ", ".join(article.authors))
    if article.published_at:
        facts.append(f"published {article.published_at:%Y-%m-%d} ({article.published_source})")
    if article.original_publisher and article.original_publisher.name:
        how = ", ".join(article.original_publisher.evidence)
        kind = "excerpt of" if article.is_excerpt else "from"
        facts.append(f"{kind} {article.original_publisher.name} ({how})")
    elif article.is_excerpt:
        facts.append("excerpt")
    _line(console, "article", " · ".join(facts))
    said = copy.kind.replace("_", " ")
    if copy.of:
        said += f" of {copy.of[:12]}"
    if copy.similarity is not None and copy.kind not in ("new",):
        said += f", {copy.similarity:.0%} of the text shared"
    if copy.reason:
        said += f" ({copy.reason.replace('_', ' ')})"
    _line(console, "duplicate", said, KIND_COLOURS.get(copy.kind, "yellow"))
    for sentence in copy.evidence:
        _line(console, "", sentence)
    _line(console, "regions", "; ".join(_region(r) for r in clean.regions.about) or "none is clear")
    if clean.regions.mentioned:
        _line(console, "", "mentioned: " + ", ".join(r.code for r in clean.regions.mentioned))
    if clean.topics.all:
        for at, topic in enumerate(clean.topics.all):
            _line(console, "" if at else "topics", _topic(topic))
    else:
        _line(console, "topics", f"none ({(clean.topics.abstain_reason or 'unclear').replace('_', ' ')})")
    if result.verdict is not None:
        for match in result.verdict.matched:
            sinks = ", ".join(match.sinks) or "nowhere"
            _line(console, "routed", f"{match.route} → {sinks}  ({match.because})")
        if not result.verdict.matched:
            _line(console, "routed", "by no rule")
        for miss in result.verdict.missed:
            _line(console, "", f"not {miss.route}: {miss.because}")
    if not result.deliveries and result.verdict is not None and result.verdict.matched:
        _line(console, "", f"in production a {copy.kind.replace('_', ' ')} is noted on its story and not delivered")


def _region(region: RegionScore) -> str:
    surfaces = list(dict.fromkeys(e.surface for e in region.evidence))[:4]
    words = ", ".join(f"“{surface}”" for surface in surfaces)
    return f"{region.code} {region.score:.2f}" + (f" ({words})" if words else "")


def _topic(topic: TopicScore) -> str:
    text = f"{topic.label} {topic.score:.2f}"
    if topic.second_level:
        text += f" → {topic.second_level.label}"
    words = list(dict.fromkeys(e.text for e in topic.evidence))[:6]
    return text + (f"  ({', '.join(shortened(word, 40) for word in words)})" if words else "")


def show_explanation(console: Console, explanation: Explanation) -> None:
    """Each block or line of a capture: kept or not, its role, and why."""
    for line in explanation.blocks:
        style = "green" if line.kept else "dim"
        score = f" {line.score:.2f}" if line.score is not None else ""
        mark = "+" if line.kept else "-"
        head = Text(f"  {mark} {line.role:<12}", style=style)
        head.append(f"{shortened(line.text, max(20, console.width - 50))}", style="" if line.kept else "dim")
        head.append(f"  {line.why}{score}", style="cyan")
        console.print(head, soft_wrap=True)


def _line(console: Console, label: str, text: str, colour: str = "") -> None:
    body = f"[{colour}]{escape(text)}[/]" if colour else escape(text)
    console.print(f"  [dim]{label:<10}[/] {body}", soft_wrap=not console.is_terminal)
