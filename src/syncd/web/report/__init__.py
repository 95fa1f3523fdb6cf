"""The report in its forms: shapes, CSV, a page that prints."""
