"""The headless composition root: puts the adapters behind the engine's ports. Knows no window."""

from app.bootstrap.demonstration import create_demonstration, demonstration_product
from app.bootstrap.maintenance import back_up_practice, first_broken_audit_event, restore_practice
from app.bootstrap.practice_list import ListToImport, export_list, look_at_list, run_to_tell, store_list
from app.bootstrap.product import Product, open_product, operating_system_account, practice_database
from app.bootstrap.spine_process import simulated_spine

__all__ = [
    "ListToImport",
    "Product",
    "back_up_practice",
    "create_demonstration",
    "demonstration_product",
    "export_list",
    "first_broken_audit_event",
    "look_at_list",
    "open_product",
    "operating_system_account",
    "practice_database",
    "restore_practice",
    "run_to_tell",
    "simulated_spine",
    "store_list",
]
