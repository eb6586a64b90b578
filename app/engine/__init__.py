"""The resumable batch: ports, the operator, the migration loop and its controls. No window, no SQL, no HTTP."""
