"""What the history needs: the rule that decided each patient, and the trail by kind and by run, in its own order."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column, empty for what was decided before, and the two indexes."""
    op.add_column("item", sa.Column("rule", sa.Integer()))
    op.create_index("ix_audit_event_action_number", "audit_event", ["action", "number"])
    op.create_index("ix_audit_event_run_id_number", "audit_event", ["run_id", "number"])
