"""Pages of both books at once: plans and control totals, and the jobs that make them."""
