"""What runs when: each workflow's loop, its named job, and what wakes it."""
