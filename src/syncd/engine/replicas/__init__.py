"""Which of several replicas works: standing by, taking the site's lease, holding it."""
