"""A week of figures of each tenant: counted in memory, kept every five minutes, read as series."""
