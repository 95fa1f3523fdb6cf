"""What syncd can be told, and where it is told it. The only reader of the environment."""
