"""A pretend Pipeline, written from its contract; `pipeline.app.PipelineWorld` is the door."""
