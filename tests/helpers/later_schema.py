"""A schema of a version that is yet to come: that of the program, and one revision more."""

from __future__ import annotations

import shutil
from pathlib import Path

from app.storage.schema import CURRENT, Schema

NEXT = '''
"""A later revision."""
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{before}"


def upgrade():
    op.add_column("patient", sa.Column("later", sa.Text()))
    op.execute("UPDATE patient SET later = surname")
    op.execute({statement!r})
'''


LATER = CURRENT.number + 1


def later_schema(folder: Path, statement: str) -> Schema:
    """Written into this folder; `statement` is carried out last."""
    scripts = folder / "scripts"
    shutil.copytree(CURRENT.scripts, scripts)
    revision = NEXT.format(revision=f"{LATER:04}", before=f"{CURRENT.number:04}", statement=statement)
    (scripts / "versions" / f"r{LATER:04}_later.py").write_text(revision)
    return Schema(LATER, scripts)
