"""The conformance check: a server held against the contract of Pipeline's side, from outside."""
