"""Rows of the ledger's tables as the words of the house."""

from __future__ import annotations

from datetime import UTC, datetime

from worker.models import Capture, Delivery
from worker.state.database import Row
from worker.state.ledger import DeliveryStanding, Holding, Standing, Verdict


def standing(row: Row) -> Standing:
    return Standing(
        capture_id=row["capture_id"],
        state=row["state"],
        reason=row["reason"],
        detail=row["detail"],
        url=row["url"],
        external_id=row["external_id"],
        accepted_at=datetime.fromtimestamp(row["accepted_at"], UTC),
        settled_at=instant(row["settled_at"]),
        verdict=Verdict() if row["verdict"] is None else Verdict.model_validate_json(row["verdict"]),
    )


def delivery_standing(row: Row) -> DeliveryStanding:
    return DeliveryStanding(
        delivery=Delivery.model_validate_json(row["delivery"]),
        state=row["state"],
        status=row["status"],
        attempts=row["attempts"],
        waiting_until=instant(row["waiting_until"]),
        recorded_at=datetime.fromtimestamp(row["recorded_at"], UTC),
        updated_at=datetime.fromtimestamp(row["updated_at"], UTC),
        detail=row["detail"],
    )


def holding(row: Row) -> Holding:
    return Holding(
        delivery=Delivery.model_validate_json(row["delivery"]),
        capture=None if row["capture"] is None else Capture.model_validate_json(row["capture"]),
        verdict=Verdict() if row["verdict"] is None else Verdict.model_validate_json(row["verdict"]),
    )


def instant(seconds: float | None) -> datetime | None:
    return None if seconds is None else datetime.fromtimestamp(seconds, UTC)
