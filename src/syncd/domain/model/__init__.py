"""The values the rules speak of: Pipeline's words, Xero's words and what we remember."""
