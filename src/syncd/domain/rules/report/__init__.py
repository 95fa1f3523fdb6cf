"""Control totals: contributions, causes of differences, sums."""
