"""The practice database: tables, connections, the stores behind the engine's ports, audit, lock, backup. SQL only."""
