"""What every workflow stands on: its context, the change set of a round, the journal's entries."""
