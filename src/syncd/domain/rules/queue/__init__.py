"""What becomes of a job: outcomes, holds, back-off, uncertain writes."""
