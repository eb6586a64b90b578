"""One module per revision of the schema; a revision's id is the schema number the database file carries."""
