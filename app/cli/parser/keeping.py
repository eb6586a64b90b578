"""The commands that keep the practice: its list in and out, backups, and where its database is."""

from __future__ import annotations

from pathlib import Path

from app.cli.parser.flags import Verbs, patient_count
from app.cli.parser.later import Later

maintenance_commands = Later("maintenance_commands")
practice_commands = Later("practice_commands")


def add_practice(verbs: Verbs) -> None:
    """A practice's list in and out."""
    practice = verbs.add("practice", "bring a practice's list in, or take it out")
    kinds = Verbs(practice, "practice_verb", "WHAT")
    create = kinds.add("create-demo", "make a synthetic practice")
    create.add_argument("--patients", type=patient_count, required=True, help="how many patients, 1 to 500000")
    create.add_argument("--seed", type=int, required=True, help="the same seed makes the same practice")
    create.set_defaults(carry_out=practice_commands.create_demo)
    bring = kinds.add("import", "a practice's own list from CSV files")
    bring.add_argument("--patients", type=Path, required=True, help="the patients file")
    bring.add_argument("--consent", type=Path, required=True, help="the consent entries file")
    bring.add_argument("--groups", type=Path, help="the patient groups file")
    bring.add_argument("--update", action="store_true", help="merge into the list that is there already")
    bring.set_defaults(carry_out=practice_commands.bring_in)
    take = kinds.add("export", "the practice as it stands, and a run's outcomes")
    take.add_argument("--out", type=Path, required=True, help="the folder to write into")
    take.add_argument("--run", type=int, help="the run whose outcomes are written (default: the latest)")
    take.set_defaults(carry_out=practice_commands.take_out)


def add_maintenance(verbs: Verbs) -> None:
    """Backups, and where the database is."""
    copy = verbs.add("backup", "make a checked copy of the practice database")
    copy.add_argument("--out", type=Path, help="the folder to write into (default: backups in the data folder)")
    copy.set_defaults(carry_out=maintenance_commands.back_up)
    back = verbs.add("restore", "go back to a backup; what is there now is kept")
    back.add_argument("file", type=Path, help="the backup")
    back.set_defaults(carry_out=maintenance_commands.restore)
    database = verbs.add("database", "where the practice is kept")
    places = Verbs(database, "database_verb", "WHAT")
    move = places.add("copy", "move the practice to a database that workstations share")
    move.add_argument("--to", required=True, metavar="URL", help="its address: postgresql://user@server/database")
    move.set_defaults(carry_out=maintenance_commands.move_to_server)
    put_back = "after the server's own backup was put back: have read back what it cannot know of"
    restored = places.add("restored", put_back)
    restored.set_defaults(carry_out=maintenance_commands.see_to_restored_server)
