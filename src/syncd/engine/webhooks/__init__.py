"""Xero's events: stored before they are answered, then read and taken in."""
