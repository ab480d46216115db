"""demo: what it searches in a small budget."""


def test_a_small_budget_is_spent_on_what_matters_most(made):
    """Three trials of the demo search the learning rate, and say when more would be searched."""
    _, results = made
    lines = results["demo"].stderr.splitlines()
    at = lines.index("searched: learning_rate")
    assert lines[at + 1] == "defaults: bins=1"  # 61 numbers are too many to spread
    assert lines[at + 2] == "defaults below 15 trials: units=128, batch_size=128"
