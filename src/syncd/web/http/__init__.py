"""What all of HTTP has in common: endpoints, guards, listeners, problems, deadlines."""
