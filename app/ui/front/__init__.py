"""What stands around a practice: choosing one, bringing a list in, settings, the connection, the log, long work."""
