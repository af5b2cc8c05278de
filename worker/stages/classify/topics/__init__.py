"""Which IPTC Media Topics an article is about, with scores and evidence, or an honest abstention.

Pure: the model comes in as an argument, no file is read, no clock. `topics` judges a batch at once, and each article
as if it stood alone. `resolve` checks the owner's rules once, at the start. `Vocabulary` answers what the router asks:
is a code known, retired, within another.

The way: `tokens` → `lexicon` (which terms stand where) → `scores` (how much they say) → `verdict`.
"""

from __future__ import annotations

from worker.stages.classify.topics.batch import topics
from worker.stages.classify.topics.model import TopicModel
from worker.stages.classify.topics.owner import resolve
from worker.stages.classify.topics.vocabulary import Vocabulary

__all__ = ["TopicModel", "Vocabulary", "resolve", "topics"]
