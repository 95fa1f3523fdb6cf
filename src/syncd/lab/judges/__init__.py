"""The judges of a simulated day."""
