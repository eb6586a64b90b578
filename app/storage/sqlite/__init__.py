"""A practice database in a file of this computer (SQLite): how it is reached, guarded, copied, restored and locked.

Tables and statements are not here: they are the same on every database.
"""
