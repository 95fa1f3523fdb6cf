"""Who is at work on a simulated day: the office, the bookkeeper, the operator."""
