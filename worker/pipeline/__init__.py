"""The steps, once, in order; and what one process keeps open to take them.

A step takes items of one stage and returns a `Step`: what goes onward, what failed and why, what must wait, and
what was not reached in time. Failure is per item: its neighbours go on. Celery's shells (`worker.tasks`) take these
steps; so can any other engine, and `whole_way` takes them all in one process.
"""

from worker.pipeline.models import Models, load_models
from worker.pipeline.pipeline import Pipeline
from worker.pipeline.step import UNLIMITED, Budget, Failure, Step
from worker.pipeline.whole_way import Result, warm, whole_way

__all__ = ["UNLIMITED", "Budget", "Failure", "Models", "Pipeline", "Result", "Step", "load_models", "warm", "whole_way"]
