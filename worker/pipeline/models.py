"""Everything heavy and read-only, loaded once before the fork."""

from __future__ import annotations

from dataclasses import dataclass

from worker import artefacts
from worker.stages import normalize
from worker.stages.classify.regions import Gazetteer
from worker.stages.classify.topics import TopicModel


@dataclass(frozen=True)
class Models:
    """Everything heavy and read-only: loaded once in the parent, shared by its children after the fork."""

    normalize: normalize.Models
    gazetteer: Gazetteer
    topics: TopicModel
    versions: dict[str, str]


def load_models() -> Models:
    """The artefacts that ship with copydesk, ready to use."""
    read: dict[str, artefacts.Artefact] = {}

    def reading(name: str) -> artefacts.Artefact:
        if name not in read:
            read[name] = artefacts.read(name)
        return read[name]

    models = Models(
        normalize=normalize.load_models(reading),
        gazetteer=Gazetteer.from_artefact(reading("regions")),
        topics=TopicModel.from_artefacts(reading("topics"), reading("vocabulary")),
        versions={},
    )
    models.versions.update({name: artefact.version for name, artefact in sorted(read.items())})
    return models
