"""The headless composition root: puts the adapters behind the engine's ports. Knows no window."""

from app.bootstrap.connection import look_at_connection, spine_settings
from app.bootstrap.demonstration import create_demonstration, demonstration_product
from app.bootstrap.maintenance import (
    Backup,
    back_up_practice,
    newest_backup,
    restore_practice,
    see_to_restored,
)
from app.bootstrap.moving import Moved, move_practice
from app.bootstrap.place import has_practice, refuse_taken
from app.bootstrap.practice_files import operating_system_account, practice_database
from app.bootstrap.practice_list import ListToImport, export_list, look_at_list, run_to_tell, store_list
from app.bootstrap.previewing import compared_with_latest, previews_of_records
from app.bootstrap.product import Product, open_product
from app.bootstrap.rehearsal import prepare_rehearsal
from app.bootstrap.reports import certificate_of, rows_of_report
from app.bootstrap.spine_process import simulated_spine
from app.bootstrap.watching import Watch, by_account, keeping_watch, schedules_of
from app.bootstrap.window_practice import practice_of_folder
from app.bootstrap.worklists import lines_of_worklist

__all__ = [
    "Backup",
    "ListToImport",
    "Moved",
    "Product",
    "Watch",
    "back_up_practice",
    "by_account",
    "certificate_of",
    "compared_with_latest",
    "create_demonstration",
    "demonstration_product",
    "export_list",
    "has_practice",
    "keeping_watch",
    "lines_of_worklist",
    "look_at_connection",
    "look_at_list",
    "move_practice",
    "newest_backup",
    "open_product",
    "operating_system_account",
    "practice_database",
    "practice_of_folder",
    "prepare_rehearsal",
    "previews_of_records",
    "refuse_taken",
    "restore_practice",
    "rows_of_report",
    "run_to_tell",
    "schedules_of",
    "see_to_restored",
    "simulated_spine",
    "spine_settings",
    "store_list",
]
