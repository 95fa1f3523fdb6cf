"""The workflows, one verb a room, each with a round that is bounded and returns."""
