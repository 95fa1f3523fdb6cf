"""The demo: its story, its people, its stage and its judge."""
