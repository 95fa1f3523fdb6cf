"""The pretend worlds: a Xero and a Pipeline that behave, with people who work in their books.

Written from the documents; it imports nothing of syncd, not even its money: it is the witness.
"""
