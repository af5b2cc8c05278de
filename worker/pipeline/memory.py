"""The garbage collector of a process that works on batches: what a batch makes lives for a moment, what was loaded
lives for ever. Looking through both at its own pace, the collector took three quarters of the reading of an article."""

from __future__ import annotations

import gc


def keep_what_is_loaded() -> None:
    """Never look again for circles in what stands in memory now."""
    gc.collect()
    gc.freeze()


def collect_seldom() -> None:
    """Look for circles less often."""
    gc.set_threshold(50_000, 20, 50)
