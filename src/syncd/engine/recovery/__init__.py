"""Writes whose outcome is not known, and work whose worker is gone, are brought to an end."""
