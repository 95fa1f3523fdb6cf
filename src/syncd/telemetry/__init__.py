"""Observers of facts: logs, metrics and health; nobody below them owns a logger."""
