"""Where an article goes, by the owner's rules, and why. Pure: no clock, no network."""

from worker.stages.route.check import problems
from worker.stages.route.choose import route
from worker.stages.route.conditions import TopicTree

__all__ = ["TopicTree", "problems", "route"]
