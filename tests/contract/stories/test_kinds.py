"""What every story index makes of copies, excerpts, templates, digests and furniture."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from worker.models import Article
from worker.rules import DedupRules
from worker.stages.deduplicate import fingerprint

Make = Callable[..., Article]
Prose = Callable[..., str]


def _first(text: str, paragraphs: int) -> str:
    return "\n\n".join(text.split("\n\n")[:paragraphs])


def test_excerpt_then_original_is_one_story_whose_canonical_moves(desk: Any, article: Make, prose: Prose) -> None:
    excerpt = article(_first(prose(1), 3) + "\n\nRead the full story", "https://two.example/b")
    full = article(prose(1))
    first = desk.store(excerpt)

    verdict = desk.store(full)

    assert (first.kind, verdict.kind) == ("new", "supersedes")
    assert verdict.story_id == first.story_id
    assert verdict.of == excerpt.capture.capture_id
    story = desk.index.story(first.story_id)
    assert story.canonical == full.capture.capture_id
    assert [member.kind for member in story.members] == ["new", "supersedes"]
    assert [member.site for member in story.members] == ["two.example", "one.example"]


def test_reports_from_one_template_with_other_numbers_are_two_stories(desk: Any, article: Make, prose: Prose) -> None:
    def report(*numbers: str) -> str:
        parts = prose(7, 200).split("\n\n")
        return "\n\n".join(f"{part} The figure was {n}." for part, n in zip(parts, numbers, strict=False))

    desk.store(article(report("1.2", "33", "4,500", "18", "77"), "https://one.example/1"))

    other = desk.store(article(report("9.8", "51", "6,100", "29", "64"), "https://two.example/2"))
    same = desk.store(article(report("1.2", "33", "4,500", "18", "77") + "\n\nOne more line.", "https://two.example/3"))

    assert other.kind == "new"
    assert same.kind == "near_copy"
    assert (same.numbers_compared, same.numbers_agreed) == (5, 5)
    assert same.evidence[1].startswith("5 of 5 comparable numbers agree: ")
    assert "4,500" in same.evidence[1] or "1.2" in same.evidence[1] or "33" in same.evidence[1]
    assert "sampled passages are shared: “" in same.evidence[0]


def test_evidence_names_the_numbers_that_agree_and_those_the_other_text_lacks(
    desk: Any, article: Make, prose: Prose
) -> None:
    def report(last: str) -> str:
        return prose(7, 200) + f"\n\nOf 1,204 members 33 voted 18 to 15, for 4.5 million against {last}."

    desk.store(article(report("77"), "https://one.example/1"))

    copied = article(report("78"), "https://two.example/2", at="copy")
    verdict = desk.store(copied)

    assert verdict.kind == "near_copy"
    assert (verdict.numbers_compared, verdict.numbers_agreed) == (6, 5)
    said = verdict.evidence[1]
    assert said.startswith("5 of 6 comparable numbers agree: ")
    assert said.endswith("; 1 differs; the other text lacks 78")
    assert set(said.split(": ")[1].split(";")[0].split(", ")) < {"1,204", "33", "18", "15", "4.5"}
    assert desk.claim(copied).evidence == verdict.evidence


def test_corrected_number_at_the_same_address_is_an_update(desk: Any, article: Make, prose: Prose) -> None:
    first = desk.store(article(prose(1) + "\n\nThey voted 11 to 4, with 7 away and 22 present."))

    verdict = desk.store(article(prose(1) + "\n\nThey voted 12 to 3, with 8 away and 23 present."))

    assert (verdict.kind, verdict.version, verdict.story_id) == ("update", 2, first.story_id)


def test_live_page_that_shares_nothing_is_an_update(desk: Any, article: Make, prose: Prose) -> None:
    desk.store(article(prose(1)))

    assert desk.store(article(prose(2))).kind == "update"
    assert desk.store(article(prose(2), "https://two.example/b")).kind == "exact_copy"


def test_many_copies_never_kill_their_own_story(desk: Any, article: Make, prose: Prose) -> None:
    kinds = set()
    for i in range(60):
        text = prose(1) + f"\n\nA closing line of house {prose(100 + i, 12)}"
        kinds.add(desk.store(article(text, f"https://site{i}.example/a")).kind)

    last = desk.store(article(prose(1), "https://last.example/a"))

    assert kinds == {"new", "near_copy"}
    assert last.kind == "near_copy"


def test_digest_of_several_stories_contains_them_and_owns_none(desk: Any, article: Make, prose: Prose) -> None:
    texts = [prose(seed, 160) for seed in range(1, 5)]
    for i, text in enumerate(texts[:3]):
        desk.store(article(text, f"https://one.example/{i}"))
    digest = article("\n\n".join(texts), "https://digest.example/")

    verdict = desk.store(digest)
    later = desk.store(article(texts[3], "https://one.example/9"))

    assert verdict.kind == "contained"
    assert later.kind == "new"


def test_short_items_under_one_long_footer_are_stories_of_their_own(desk: Any, article: Make, prose: Prose) -> None:
    footer = prose(99, 160)
    items = [article(prose(seed, 40) + "\n\n" + footer, f"https://one.example/{seed}") for seed in range(1, 31)]

    kinds = [desk.store(item).kind for item in items]

    assert kinds.count("new") >= 28


def test_furniture_is_learned_from_two_stories_of_a_site(desk: Any, article: Make, prose: Prose) -> None:
    from worker.stages.deduplicate import paragraph_hashes

    footer = prose(99, 40)
    for seed in (1, 2):
        desk.store(article(prose(seed) + "\n\n" + footer, f"https://one.example/{seed}"))
    page = article(prose(3) + "\n\n" + footer, "https://one.example/3")

    known = desk.index.known_furniture([paragraph_hashes(page)])[0]

    assert known == {paragraph_hashes(page).paragraphs[-1]}
    assert fingerprint(page, known, DedupRules()).stripped == 1
    elsewhere = article(footer, "https://two.example/1")
    assert desk.index.known_furniture([paragraph_hashes(elsewhere)]) == [frozenset()]


def test_article_posted_at_six_addresses_of_its_site_stays_one_story(desk: Any, article: Make, prose: Prose) -> None:
    kinds = [desk.store(article(prose(1), f"https://one.example/{i}")).kind for i in range(6)]

    assert kinds == ["new"] + ["exact_copy"] * 5


def test_story_is_found_across_weeks_and_forgotten_after_the_window(desk: Any, article: Make, prose: Prose) -> None:
    first = desk.store(article(prose(1)))
    desk.clock.now += 27 * 86400
    within = desk.store(article(prose(1), "https://two.example/b"))
    desk.clock.now += 36 * 86400

    after = desk.store(article(prose(1), "https://three.example/c"))

    assert within.kind == "exact_copy"
    assert after.kind == "new"
    assert after.story_id != first.story_id


def test_forgotten_capture_leaves_its_story_to_the_next_copy(desk: Any, article: Make, prose: Prose) -> None:
    gone, copy = article(prose(1)), article(prose(1), "https://two.example/b")
    first = desk.store(gone)

    assert desk.index.forget(gone.capture.capture_id)
    taken = desk.store(copy)

    assert (taken.kind, taken.reason, taken.story_id) == ("new", "took_over", first.story_id)
    story = desk.index.story(first.story_id)
    assert [member.capture_id for member in story.members] == [copy.capture.capture_id]


def test_size_counts_stories_and_captures(desk: Any, article: Make, prose: Prose) -> None:
    desk.store(article(prose(1)))
    desk.store(article(prose(1), "https://two.example/b"))
    desk.store(article(prose(2), "https://two.example/c"))

    size = desk.index.size()

    assert (size.stories, size.captures) == (2, 3)


def test_simultaneous_copies_have_exactly_one_new(desk: Any, article: Make, prose: Prose) -> None:
    races = [
        [fingerprint(article(prose(seed), f"https://site{n}.example/{seed}"), (), DedupRules()) for n in range(2)]
        for seed in range(60)
    ]
    verdicts: list[list[str]] = [[], []]
    start = threading.Barrier(2)

    def claim_all(side: int) -> None:
        start.wait()
        for race in races:
            verdicts[side].append(desk.index.claim([race[side]])[0].kind)

    threads = [threading.Thread(target=claim_all, args=(side,)) for side in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(sorted(pair) == ["new", "pending_copy"] for pair in zip(*verdicts, strict=True))
