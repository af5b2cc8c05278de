"""A page's tree → its text blocks, each with the probability that it belongs to the article. Pure numpy, no walking."""

from worker.stages.normalize.blocks.features import EDITION, Layout, features, lay_out
from worker.stages.normalize.blocks.model import BodyModel
from worker.stages.normalize.blocks.second_look import second_look
from worker.stages.normalize.blocks.segment import segment

__all__ = ["EDITION", "BodyModel", "Layout", "features", "lay_out", "second_look", "segment"]
