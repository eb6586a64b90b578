"""The headless composition root: puts the adapters behind the engine's ports. Knows no window."""

from app.bootstrap.demonstration import create_demonstration, demonstration_product
from app.bootstrap.product import Product, open_product, operating_system_account, practice_database
from app.bootstrap.spine_process import simulated_spine

__all__ = [
    "Product",
    "create_demonstration",
    "demonstration_product",
    "open_product",
    "operating_system_account",
    "practice_database",
    "simulated_spine",
]
