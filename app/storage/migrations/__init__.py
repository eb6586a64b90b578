"""The schema's history, one module per revision, run by `app.storage.schema`; nothing here imports the tables."""
