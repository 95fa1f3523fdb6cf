"""The journal: state changes in words, explanations, the chain of hashes."""
