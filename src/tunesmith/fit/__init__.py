"""A table tuned: the built-in space, the plan, the objective, the whole flow."""
