"""Looking back in the window: runs and their executions, two runs compared, the audit trail."""
