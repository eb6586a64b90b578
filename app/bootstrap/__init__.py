"""The headless composition root: puts the adapters behind the engine's ports. Knows no window."""

from app.bootstrap.demonstration import create_demonstration, demonstration_product
from app.bootstrap.maintenance import back_up_practice, first_broken_audit_event, restore_practice
from app.bootstrap.product import Product, open_product, operating_system_account, practice_database
from app.bootstrap.spine_process import simulated_spine

__all__ = [
    "Product",
    "back_up_practice",
    "create_demonstration",
    "demonstration_product",
    "first_broken_audit_event",
    "open_product",
    "operating_system_account",
    "practice_database",
    "restore_practice",
    "simulated_spine",
]
