"""What the audit trail says: transitions, explanations, the chain of hashes."""
