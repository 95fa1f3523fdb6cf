"""The schema for PostgreSQL: 0030 makes what SQLite has by then, each later number is in both."""
