"""How messages reach people: a signed JSON POST, a mail."""
