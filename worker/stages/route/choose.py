"""The routes that take an article."""

from __future__ import annotations

from collections.abc import Sequence

from worker.models import CleanArticle, DuplicateKind, RouteMatch, RouteMiss, RouteVerdict
from worker.rules import Route
from worker.stages.route.conditions import TopicTree, judge
from worker.stages.route.facts import NEVER_ROUTED, ON_REQUEST, Facts


def route(clean: CleanArticle, routes: Sequence[Route], topics: TopicTree) -> RouteVerdict:
    """Which routes take the article, and why the others that were asked did not.

    The first that matches wins; one that says `continue` takes it and lets the next be asked as well. A near copy
    or an excerpt goes only to a route that asks for its kind; a re-capture or an exact copy goes nowhere.
    """
    kind = clean.duplicate.kind
    facts = Facts(clean)
    matched: list[RouteMatch] = []
    missed: list[RouteMiss] = []
    for rule in routes:
        if kind in NEVER_ROUTED or (kind in ON_REQUEST and kind not in rule.duplicates):
            missed.append(RouteMiss(route=rule.name, because=_no_copies(kind)))
            continue
        holds, because = judge(rule.when, facts, topics)
        if not holds:
            missed.append(RouteMiss(route=rule.name, because=because))
            continue
        matched.append(RouteMatch(route=rule.name, sinks=rule.sinks, because=because))
        if not rule.continue_:
            break
    return RouteVerdict(matched=tuple(matched), missed=tuple(missed))


def _no_copies(kind: DuplicateKind) -> str:
    name = kind.replace("_", " ")
    return f"{name}: the route does not ask for it" if kind in ON_REQUEST else f"{name}: never delivered"
