"""Commands that ask a running daemon, one room per noun."""
