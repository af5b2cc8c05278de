"""What every story index promises about claims, leases and redelivery."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from worker.models import Article

Make = Callable[..., Article]
Prose = Callable[..., str]


def test_first_sight_is_new_and_names_its_story(desk: Any, article: Make, prose: Prose) -> None:
    verdict = desk.claim(article(prose(1)))

    assert verdict.kind == "new"
    assert verdict.story_id
    assert verdict.of is None
    assert verdict.fence == 1


def test_same_address_with_the_same_text_is_a_recapture(desk: Any, article: Make, prose: Prose) -> None:
    first = article(prose(1))
    desk.store(first)

    verdict = desk.store(article(prose(1)))

    assert verdict.kind == "recapture"
    assert verdict.of == first.capture.capture_id
    assert verdict.similarity == 1
    assert verdict.version == 1


def test_same_text_at_another_address_is_an_exact_copy(desk: Any, article: Make, prose: Prose) -> None:
    first = article(prose(1))
    desk.store(first)

    verdict = desk.store(article(prose(1), "https://two.example/b"))

    assert verdict.kind == "exact_copy"
    assert verdict.of == first.capture.capture_id


def test_other_text_is_another_story(desk: Any, article: Make, prose: Prose) -> None:
    one = desk.store(article(prose(1)))

    two = desk.store(article(prose(2), "https://two.example/b"))

    assert two.kind == "new"
    assert two.story_id != one.story_id


def test_capture_without_an_address_is_compared_by_text(desk: Any, article: Make, prose: Prose) -> None:
    desk.store(article(prose(1), None))

    assert desk.store(article(prose(1), None)).kind == "exact_copy"
    assert desk.store(article(prose(2), None)).kind == "new"


def test_short_texts_are_never_merged_by_text(desk: Any, article: Make) -> None:
    desk.store(article("Please confirm that you are not a robot.", "https://one.example/a"))

    verdict = desk.store(article("Please confirm that you are not a robot.", "https://two.example/b"))

    assert (verdict.kind, verdict.reason) == ("new", "too_short")


def test_redelivery_of_every_kind_gets_its_first_verdict(desk: Any, article: Make, prose: Prose) -> None:
    text = prose(1)
    arrivals = [
        article(text, at="new"),
        article(text, at="recapture"),
        article(text, "https://two.example/b", at="exact"),
        article(text + "\n\nThe paper adds a closing line of its own.", "https://three.example/c", at="near"),
        article("\n\n".join(text.split("\n\n")[:3]), "https://four.example/d", at="excerpt"),
        article(text + "\n\n" + prose(3, 200), "https://five.example/e", at="supersedes"),
        article(text.replace("winter", "summer"), at="update"),
    ]
    first = [desk.store(each) for each in arrivals]

    again = [desk.claim(each) for each in reversed(arrivals)][::-1]

    assert [v.kind for v in first] == [
        "new",
        "recapture",
        "exact_copy",
        "near_copy",
        "excerpt",
        "supersedes",
        "update",
    ]
    assert again == first


def test_copy_of_an_unsettled_story_waits_and_is_judged_when_it_settles(desk: Any, article: Make, prose: Prose) -> None:
    owner, copy = article(prose(1)), article(prose(1), "https://two.example/b")
    claim = desk.claim(owner)

    waiting = desk.claim(copy)
    desk.confirm(owner, claim)
    final = desk.claim(copy)

    assert waiting.kind == "pending_copy"
    assert waiting.story_id == claim.story_id
    assert final.kind == "exact_copy"


def test_excerpt_of_an_unsettled_story_waits_too(desk: Any, article: Make, prose: Prose) -> None:
    desk.claim(article(prose(1)))

    verdict = desk.claim(article("\n\n".join(prose(1).split("\n\n")[:3]), "https://two.example/b"))

    assert verdict.kind == "pending_copy"


def test_owner_gets_its_own_pending_claim_back(desk: Any, article: Make, prose: Prose) -> None:
    owner = article(prose(1))
    first = desk.claim(owner)

    again = desk.claim(owner)

    assert again == first
    assert desk.confirm(owner, again)


def test_after_an_abort_the_next_copy_takes_over(desk: Any, article: Make, prose: Prose) -> None:
    owner, copy = article(prose(1)), article(prose(1), "https://two.example/b")
    claim = desk.claim(owner)
    assert desk.abort(owner, claim)

    taken = desk.claim(copy)

    assert (taken.kind, taken.reason, taken.fence) == ("new", "took_over", 2)
    assert taken.story_id == claim.story_id
    assert desk.confirm(copy, taken)


def test_after_the_lease_the_next_copy_takes_over_and_the_late_owner_is_refused(
    desk: Any, article: Make, prose: Prose
) -> None:
    owner, copy = article(prose(1)), article(prose(1), "https://two.example/b")
    late = desk.claim(owner)
    desk.clock.now += 901

    taken = desk.claim(copy)

    assert (taken.kind, taken.fence) == ("new", 2)
    assert not desk.confirm(owner, late)
    assert not desk.abort(owner, late)
    assert desk.confirm(copy, taken)
    assert desk.claim(owner).kind == "recapture"


def test_owner_may_confirm_late_while_nobody_took_over(desk: Any, article: Make, prose: Prose) -> None:
    owner = article(prose(1))
    claim = desk.claim(owner)
    desk.clock.now += 5000

    assert desk.confirm(owner, claim)
    assert desk.claim(article(prose(1), "https://two.example/b")).kind == "exact_copy"


def test_redelivery_to_the_owner_renews_its_lease(desk: Any, article: Make, prose: Prose) -> None:
    owner = article(prose(1))
    desk.claim(owner)
    desk.clock.now += 800
    desk.claim(owner)
    desk.clock.now += 800

    assert desk.claim(article(prose(1), "https://two.example/b")).kind == "pending_copy"


def test_confirm_and_abort_are_idempotent_and_exclusive(desk: Any, article: Make, prose: Prose) -> None:
    owner = article(prose(1))
    claim = desk.claim(owner)

    assert desk.confirm(owner, claim)
    assert desk.confirm(owner, claim)
    assert not desk.abort(owner, claim)


def test_unknown_captures_cannot_be_settled(desk: Any, article: Make, prose: Prose) -> None:
    claimed, stranger = article(prose(1)), article(prose(2))
    verdict = desk.claim(claimed)

    assert not desk.confirm(stranger, verdict)
    assert not desk.abort(stranger, verdict)
    assert not desk.index.forget(stranger.capture.capture_id)


@pytest.mark.parametrize("kind", ["new", "update", "supersedes", "near_copy", "excerpt"])
def test_aborted_capture_is_judged_anew_as_if_it_had_not_come(
    desk: Any, article: Make, prose: Prose, kind: str
) -> None:
    text = prose(1)
    if kind != "new":
        desk.store(article(text))
    later = {
        "new": lambda: article(text),
        "update": lambda: article(text + "\n\n" + prose(2, 40)),
        "supersedes": lambda: article(text + "\n\n" + prose(2, 200), "https://two.example/b"),
        "near_copy": lambda: article(text + "\n\nA last line for the copy.", "https://two.example/b"),
        "excerpt": lambda: article("\n\n".join(text.split("\n\n")[:3]), "https://two.example/b"),
    }[kind]()
    first = desk.claim(later)

    assert desk.abort(later, first)
    again = desk.claim(later)

    assert first.kind == again.kind == kind
    assert desk.confirm(later, again)


def test_a_batch_is_judged_in_order(desk: Any, article: Make, prose: Prose) -> None:
    from worker.rules import DedupRules
    from worker.stages.deduplicate import fingerprint

    batch = [article(prose(seed), f"https://one.example/{i}") for i, seed in enumerate([1, 2, 1, 3, 2])]

    verdicts = desk.index.claim([fingerprint(each, (), DedupRules()) for each in batch])

    assert [v.kind for v in verdicts] == ["new", "new", "pending_copy", "new", "pending_copy"]
    assert [v.story_id for v in verdicts] == [verdicts[i].story_id for i in (0, 1, 0, 3, 1)]


def test_an_empty_batch_is_no_question(desk: Any) -> None:
    assert desk.index.claim([]) == []
    assert desk.index.confirm([]) == []
    assert desk.index.known_furniture([]) == []
