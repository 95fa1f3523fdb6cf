"""The operator API, one room per resource."""
