"""What a person may ask and order: views, explanations, decisions, switches."""
