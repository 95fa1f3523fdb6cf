"""A Pipeline that behaves like Pipeline, written from its contract alone."""
