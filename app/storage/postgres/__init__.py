"""A practice database on a server that several workstations share (PostgreSQL): its address, recipe, backend and lock.

The driver is loaded by `recipe` and what imports it, and by nothing else: a practice in a file never waits for it.
Tables and statements are not here: they are the same on every database.
"""
