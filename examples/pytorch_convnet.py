"""PyTorch: a small convolutional network with batch norm, on images of handwritten digits."""

import numpy as np
import torch
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

import tunesmith as ts

IMAGES, LABELS = load_digits(return_X_y=True)
IMAGES = (IMAGES.reshape(-1, 1, 8, 8) / 16).astype(np.float32)
TRAIN_X, VALID_X, TRAIN_Y, VALID_Y = map(
    torch.from_numpy, train_test_split(IMAGES, LABELS, random_state=0)
)

SPACE = ts.Space(
    learning_rate=ts.Float(1e-4, 1.0, scale=ts.LOG, priority=1),
    momentum=ts.Float(0.5, 0.99, scale=ts.LOG1M, priority=2),
    channels=ts.Int(4, 32, scale=ts.LOG, priority=2),
    batch_size=ts.Int(16, 256, scale=ts.LOG, priority=2),
    weight_decay=ts.Float(1e-6, 1e-2, scale=ts.LOG, priority=3),
)


def network(channels):
    """Return two convolutions, each with batch norm and no bias, and a linear layer."""
    return nn.Sequential(
        nn.Conv2d(1, channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(channels),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Conv2d(channels, 2 * channels, 3, padding=1, bias=False),
        nn.BatchNorm2d(2 * channels),
        nn.ReLU(),
        nn.MaxPool2d(2),
        nn.Flatten(),
        nn.Linear(8 * channels, 10),
    )


def begin(config, seed):
    """Return a new network and its optimizer."""
    torch.manual_seed(seed)
    model = network(config["channels"])
    return model, torch.optim.SGD(
        model.parameters(),
        config["learning_rate"],
        momentum=config["momentum"],
        weight_decay=config["weight_decay"],
        nesterov=True,
    )


def train_epoch(model, optimizer, batch_size, chance):
    """Train once on every image, in an order drawn from `chance`; return validation accuracy."""
    model.train()
    for rows in torch.randperm(len(TRAIN_X), generator=chance).split(batch_size):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(TRAIN_X[rows]), TRAIN_Y[rows]).backward()
        optimizer.step()
    model.eval()
    with torch.no_grad():
        return (model(VALID_X).argmax(1) == VALID_Y).double().mean().item()


def train(attempt):
    """Go on from the checkpoint if there is one; record each epoch; leave a checkpoint."""
    model, optimizer = begin(attempt, attempt.number)
    saved = attempt.checkpoint / "model.pt"
    if saved.exists():
        state = torch.load(saved)
        model.load_state_dict(state["model"])  # with the running statistics of batch norm
        optimizer.load_state_dict(state["optimizer"])  # with the momentum
    for epoch in attempt.epochs:
        chance = torch.Generator().manual_seed(1000 * attempt.number + epoch)
        attempt.record(accuracy=train_epoch(model, optimizer, attempt["batch_size"], chance))
    part = saved.with_suffix(".part")
    torch.save({"model": model.state_dict(), "optimizer": optimizer.state_dict()}, part)
    part.replace(saved)  # whole, or not there


if __name__ == "__main__":
    torch.set_num_threads(1)
    history = ts.tune(train, SPACE, metric="accuracy", goal="max", trials=16, epochs=9)
    best = history.best
    print(f"accuracy {best.metric('accuracy'):.3f} with {dict(best.config)}")
