"""What the broker may hand to a worker: JSON, never a pickle."""

from __future__ import annotations

import pickle

import pytest
from kombu.exceptions import ContentDisallowed
from kombu.serialization import loads

from worker.app import create
from worker.settings import Settings


def test_a_pickled_message_is_refused_unread(settings: Settings) -> None:
    accepted = create(settings, role="test").conf.accept_content
    message = pickle.dumps({"batch_id": "b"})

    with pytest.raises(ContentDisallowed):
        loads(message, "application/x-python-serialize", "binary", accept=accepted)
