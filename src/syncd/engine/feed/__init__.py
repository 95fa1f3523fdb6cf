"""Pipeline's side: its feed of changes is taken in, and results are told to it."""
