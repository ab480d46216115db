"""How the learning rate falls while training."""


def inverse_decay(learning_rate: float, decay: float, epoch: int) -> float:
    """Return learning_rate / (1 + decay * epoch); the first epoch is 0."""
    return float(learning_rate / (1 + decay * epoch))
