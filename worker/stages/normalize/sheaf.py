"""Captures of one batch whose texts are judged together."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from worker.models import Capture
from worker.rules import NormalizeRules
from worker.stages.normalize.guards import Refusal
from worker.stages.normalize.opening import Opened, open_body
from worker.stages.normalize.text import JudgedText, LineModel, judge_texts

MOST_BYTES = 256 * 1024  # judged at once: more gains nothing, and a long text is to cost no neighbour its memory


@dataclass
class Sheaf:
    """Some captures, opened and judged when the first is asked for; what fails, fails for its capture alone."""

    items: Sequence[tuple[Capture, bytes]]
    rules: NormalizeRules
    model: LineModel

    def __getitem__(self, at: int) -> tuple[Opened | Refusal, JudgedText | None]:
        """The text of one capture and its judged lines. Raises what stood against it."""
        opened = self._opened[at]
        if isinstance(opened, Exception):
            raise opened
        return opened, self._judged.get(at)

    @cached_property
    def _opened(self) -> list[Opened | Refusal | Exception]:
        return [self._open(capture, body) for capture, body in self.items]

    def _open(self, capture: Capture, body: bytes) -> Opened | Refusal | Exception:
        try:
            return open_body(capture, body, self.rules)
        except Exception as exc:  # raised again where this capture is asked for
            return exc

    @cached_property
    def _judged(self) -> dict[int, JudgedText | None]:
        """The texts by place; none when one of them breaks the others: then each is judged by itself."""
        texts = {
            at: opened.decoded.text
            for at, opened in enumerate(self._opened)
            if isinstance(opened, Opened) and not opened.is_page
        }
        try:
            return dict(zip(texts, judge_texts(list(texts.values()), self.model), strict=True))
        except Exception:
            return {}


def sheaves(items: Sequence[tuple[Capture, bytes]], rules: NormalizeRules, model: LineModel) -> Iterator[Sheaf]:
    """`items` in their order, cut so that no sheaf of two or more has over MOST_BYTES."""
    begin = size = 0
    for at, (_, body) in enumerate(items):
        if at > begin and size + len(body) > MOST_BYTES:
            yield Sheaf(items[begin:at], rules, model)
            begin, size = at, 0
        size += len(body)
    if begin < len(items):
        yield Sheaf(items[begin:], rules, model)
