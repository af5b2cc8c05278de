"""What is hashed for identities is one canonical JSON, whichever writer wrote it."""

from __future__ import annotations

import hashlib
import json

from hypothesis import given
from hypothesis import strategies as st

from worker.models import digest_of

PARTS = (
    st.none()
    | st.integers()
    | st.text(st.characters())
    | st.booleans()
    | st.floats(allow_nan=False)
    | st.lists(st.text())
)


@given(st.lists(PARTS))
def test_an_identity_is_the_digest_of_pythons_own_canonical_json(parts: list[object]) -> None:
    written = json.dumps(parts, ensure_ascii=False, separators=(",", ":"), sort_keys=True)

    assert digest_of(*parts) == hashlib.sha256(written.encode("utf-8", "surrogatepass")).hexdigest()
