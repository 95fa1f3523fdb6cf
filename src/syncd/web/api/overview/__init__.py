"""What an operator looks at first: who they are, what needs a person, what can be pressed."""
