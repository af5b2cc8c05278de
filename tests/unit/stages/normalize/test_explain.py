"""Each block of a page says whether it was kept, and who decided: a rule, the model's score, or trafilatura."""

from __future__ import annotations

from collections.abc import Callable

from worker.models import Article
from worker.stages.normalize import Explanation

Explained = Callable[..., Explanation]
Page = Callable[..., str]


def test_blocks_of_a_page_that_trafilatura_read_are_kept_as_it_kept_them(
    explained: Explained, sentences: tuple[str, ...]
) -> None:
    menu = "".join(f'<li><a href="/{n}">Section {n}</a></li>' for n in range(12))
    linked = "".join(
        f'<p><a href="/{n}">{text}</a></p>' for n, text in enumerate(sentences)
    )  # the model takes it for a menu

    outcome, blocks = explained(
        f"<html><head><title>New quay opens</title></head><body><nav><ul>{menu}</ul></nav><article>"
        f'<h1>New quay opens after three years</h1><nav class="footer">{linked}</nav></article></body></html>'
    )

    assert isinstance(outcome, Article)
    assert (outcome.extractor.name, outcome.extractor.path) == ("trafilatura", "html.trafilatura")
    assert outcome.text == sentences
    assert tuple(block.text for block in blocks if block.kept) == sentences
    assert {block.why for block in blocks} == {"trafilatura"}
    assert all(block.score is not None and block.score < 0.45 for block in blocks if block.kept)


def test_every_block_says_what_became_of_it_and_the_kept_ones_are_the_text(explained: Explained, page: Page) -> None:
    outcome, blocks = explained(page(before="<p>By Ben Marsh</p>"))

    assert isinstance(outcome, Article)
    assert tuple(block.text for block in blocks if block.kept) == outcome.text
    assert {block.why for block in blocks} <= {"rule", "score"}
    kept = {block.text: block.kept for block in blocks}
    assert (kept["By Ben Marsh"], kept["Related articles"]) == (False, False)
