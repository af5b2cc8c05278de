"""One story, once: what an article leaves behind, and how it stands to what is held.

Pure: what is held comes in as an argument. The story index (worker/state/stories) holds it and decides atomically.
"""

from __future__ import annotations

from worker.stages.deduplicate.fingerprint import (
    Fingerprint,
    SiteParagraphs,
    fingerprint,
    paragraph_hashes,
)
from worker.stages.deduplicate.judge import Candidate, Decision, Fresh, Sketch, judge

__all__ = [
    "Candidate",
    "Decision",
    "Fingerprint",
    "Fresh",
    "SiteParagraphs",
    "Sketch",
    "fingerprint",
    "judge",
    "paragraph_hashes",
]
