"""Who gets to a page of the console: origin, session and role."""
