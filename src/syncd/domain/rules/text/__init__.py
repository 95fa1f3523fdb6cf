"""Text of others made fit to be kept and shown."""
