"""PyTorch's side: eager, or its forward and backward compiled; fused Adam, batches by index."""

import warnings
from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import final

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.engine.job import first_weights, orders, rows
from benchmarks.engine.shapes import Shape
from tunesmith.engine.network import Floats


def network(layers: Sequence[Mapping[str, Floats]]) -> nn.Sequential:
    """Return the same network as ours with the weights of `layers`, as `parts` gives them."""
    modules: list[nn.Module] = []
    for parts in layers:
        inputs, units = parts["w"].shape
        linear = nn.Linear(inputs, units, bias="bias" in parts)
        modules.append(linear)
        with torch.no_grad():
            linear.weight.copy_(torch.from_numpy(parts["w"].T))
            if "bias" in parts:
                linear.bias.copy_(torch.from_numpy(parts["bias"]))
            if "gamma" in parts:
                norm = nn.BatchNorm1d(units)
                norm.weight.copy_(torch.from_numpy(parts["gamma"]))
                norm.bias.copy_(torch.from_numpy(parts["beta"]))
                modules.append(norm)
        modules.append(nn.ReLU())
    return nn.Sequential(*modules[:-1])


def set_statistics(model: nn.Sequential, mean: Floats, variance: Floats) -> None:
    """Give its batch norms the running averages [H of all layers] of ours."""
    start = 0
    for module in model:
        if isinstance(module, nn.BatchNorm1d):
            here = slice(start, start + module.num_features)
            module.running_mean = torch.from_numpy(mean[here].copy())
            module.running_var = torch.from_numpy(variance[here].copy())
            start = here.stop


@final
class Torch:
    """PyTorch on the cores it is given, a thread each."""

    def __init__(self, threads: int, compiled: bool) -> None:
        torch.set_num_threads(threads)
        self._compiled = compiled
        warnings.filterwarnings("ignore", "dynamo_pgo force disabled")  # as was asked for

    def prepare(self, shape: Shape) -> float | None:
        """Make ready to train; return the seconds of compiling, None for eager."""
        model, (x, labels) = network(first_weights(shape)), map(torch.from_numpy, rows(shape))
        self._optimizer = torch.optim.Adam(model.parameters(), fused=True)
        self._shape, self._turns = shape, 0

        def loss_of(chosen: torch.Tensor) -> torch.Tensor:
            return cross_entropy(model(x[chosen]), labels[chosen])

        self._loss_of = loss_of
        if not self._compiled:
            return None
        torch.compiler.reset()
        self._loss_of = torch.compile(loss_of, dynamic=False)
        began = perf_counter()
        self._loss_of(torch.arange(shape.batch)).backward()
        return perf_counter() - began

    def turn(self) -> tuple[float, float]:
        """Train for a turn; return its seconds and the mean loss of its last epoch."""
        batches = torch.from_numpy(orders(self._shape, self._turns)).unbind()
        self._turns += 1
        losses, began = [], perf_counter()
        for chosen in batches:
            self._optimizer.zero_grad()
            loss = self._loss_of(chosen)
            loss.backward()
            self._optimizer.step()
            losses.append(loss.detach())
        seconds = perf_counter() - began
        return seconds, torch.stack(losses[-len(losses) // self._shape.epochs :]).mean().item()
