"""What each side shows, in one form, and where the sides differ."""
