"""Slow work that a person orders and need not wait for: plans made and applied, reports read."""
