"""The story index: what is held of all stories within the window, and one atomic decision for each capture."""

from __future__ import annotations

from worker.rules import DedupRules
from worker.state.stories.contract import IndexSize, Member, Settled, Story, StoryIndex
from worker.state.stories.memory import MemoryStories

__all__ = ["IndexSize", "Member", "Settled", "Story", "StoryIndex", "open_stories"]


def open_stories(url: str, rules: DedupRules, *, prefix: str = "copydesk:") -> StoryIndex:
    """The story index at `url`: `memory://`, or any Redis URL. Opens no connection before its first use.

    Raises ConfigError for a scheme that is not known.
    """
    if url.startswith("memory:"):
        return MemoryStories(rules)
    from worker.state.stories.redis_index import RedisStories  # needs a server, so only when one is named

    return RedisStories(url, rules, prefix=prefix)
