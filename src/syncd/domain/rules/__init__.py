"""Given what is known, what follows? One subject a room, every answer a value."""
