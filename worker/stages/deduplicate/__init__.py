"""One story, once: what an article leaves behind, and how it stands to what is held.

Pure: what is held comes in as an argument. The story index (worker/state/stories) holds it and decides atomically.
"""

from __future__ import annotations

from worker.stages.deduplicate.fingerprint import (
    SKETCH_VERSION,
    Fingerprint,
    SiteParagraphs,
    fingerprint,
    fingerprints,
    paragraph_hashes,
)
from worker.stages.deduplicate.judge import (
    NOT_SHORTER,
    Candidate,
    Decision,
    Fresh,
    Sketch,
    Source,
    better,
    judge,
    rank_of,
)

__all__ = [
    "NOT_SHORTER",
    "SKETCH_VERSION",
    "Candidate",
    "Decision",
    "Fingerprint",
    "Fresh",
    "SiteParagraphs",
    "Sketch",
    "Source",
    "better",
    "fingerprint",
    "fingerprints",
    "judge",
    "paragraph_hashes",
    "rank_of",
]
