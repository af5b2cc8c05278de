"""Feeds that are polled: what is due is asked for, politely; what is full goes in, the rest is remembered.

copydesk does not crawl: only the addresses of `config/sources.toml` are asked for, and an item without its article is
a reference, whose title and date a later capture of the page gets.
"""

from worker.polling.feeds import Polled, polled
from worker.polling.round import Outcome, poll

__all__ = ["Outcome", "Polled", "poll", "polled"]
