"""The store: every table, every statement, and what a row means. Opened by the engine only."""
