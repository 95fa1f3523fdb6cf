"""Control totals: both books added up, every difference named."""
