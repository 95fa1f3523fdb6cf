"""Plans: what would be written, made without writing, and applied as it was shown."""
