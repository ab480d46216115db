"""The peer: a PyTorch objective under Optuna's loop, in processes, set up to be fast.

Each process has its own study in memory: nothing is shared through a file or a database. The
configs are handed out one by one, so that no process idles while another has a queue. There is no
torch.compile: each config is another network, and compiling one takes longer than training it.
"""

import multiprocessing
from collections.abc import Callable
from functools import partial
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Barrier
from time import perf_counter
from typing import Any, NamedTuple

import optuna
import torch
from optuna.trial import FrozenTrial, Trial, TrialState
from torch import nn
from torch.nn.functional import cross_entropy

from benchmarks.digits import (
    CLASSES,
    EPOCHS,
    LAYERS,
    LEARNING_RATE,
    Config,
    Digits,
    Ranges,
)
from benchmarks.report import Refusal

READY_SECONDS = 300.0
"""After which a process no longer waits for the others to be ready."""


class Work(NamedTuple):
    """What the peer's processes share."""

    ranges: Ranges
    configs: list[Config]
    data: Digits
    seed: int
    threads: int
    """PyTorch's, in each process."""
    ready: Barrier
    given: Any
    """Counts the configs that were handed out; a locked integer."""


class Answer(NamedTuple):
    """What one process did."""

    began: float
    """time.perf_counter(), which on Linux, macOS and Windows is one clock for all processes."""
    ended: float
    accuracies: dict[int, float]
    """Of each config's last epoch, by its number."""


def run(
    ranges: Ranges, configs: list[Config], data: Digits, seed: int, processes: int, threads: int
) -> tuple[float, list[float]]:
    """Train every config; return the seconds from the first start to the last end.

    The second value is the accuracy of each config. Imports, start-up and a first small training
    in each process are not counted. Raises Refusal if a process dies.
    """
    context = multiprocessing.get_context("spawn")
    ready, given = context.Barrier(processes), context.Value("i", 0)
    work = Work(ranges, configs, data, seed, threads, ready, given)
    ends = []
    for _ in range(processes):
        end, theirs = context.Pipe(duplex=False)
        context.Process(target=_work, args=(work, theirs), daemon=True).start()
        theirs.close()
        ends.append(end)
    try:
        answers: list[Answer] = [end.recv() for end in ends]
    except EOFError:
        raise Refusal("a process of the peer died, with the words above", exit_code=1) from None
    accuracies: dict[int, float] = {}
    for answer in answers:
        accuracies |= answer.accuracies
    seconds = max(a.ended for a in answers) - min(a.began for a in answers)
    return seconds, [accuracies[number] for number in range(len(configs))]


def _work(work: Work, end: "Connection[Answer, None]") -> None:
    """Run one process: get ready, wait for the others, then train configs until none is left."""
    torch.set_num_threads(work.threads)
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    train = partial(train_config, tuple(map(torch.from_numpy, work.data)))
    train(work.configs[0], seed=work.seed, record=lambda _accuracy, _epoch: None, epochs=1)
    study = optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.RandomSampler(),
        pruner=optuna.pruners.NopPruner(),
    )

    def enqueue_next(study: optuna.Study, _: FrozenTrial | None = None) -> None:
        with work.given.get_lock():
            number = work.given.value
            work.given.value += 1
        if number < len(work.configs):
            study.enqueue_trial(dict(work.configs[number]), user_attrs={"number": number})
        else:
            study.stop()

    def objective(trial: Trial) -> float:
        seed = 1000 * work.seed + trial.user_attrs["number"]
        return train(suggest(trial, work.ranges), seed=seed, record=trial.report)

    work.ready.wait(READY_SECONDS)
    began = perf_counter()
    enqueue_next(study)
    study.optimize(objective, callbacks=[enqueue_next])
    ended = perf_counter()
    end.send(Answer(began, ended, accuracies_of(study, work.configs)))


def suggest(trial: Trial, ranges: Ranges) -> Config:
    """Return the trial's config; it was enqueued, so nothing is drawn."""
    return {
        "learning_rate": trial.suggest_float("learning_rate", *LEARNING_RATE, log=True),
        "units": trial.suggest_int("units", *ranges.units, log=True),
        "layers": trial.suggest_int("layers", *LAYERS),
        "batch_size": trial.suggest_int("batch_size", *ranges.batch_size, log=True),
    }


def network(config: Config, inputs: int) -> nn.Sequential:
    """Return the same network as ours, its weights drawn from the same distributions."""
    layers: list[nn.Module] = []
    for _ in range(config["layers"]):
        linear = nn.Linear(inputs, config["units"], bias=False)
        nn.init.kaiming_normal_(linear.weight, nonlinearity="relu")
        layers += [linear, nn.BatchNorm1d(config["units"]), nn.ReLU()]
        inputs = config["units"]
    last = nn.Linear(inputs, CLASSES)
    nn.init.xavier_normal_(last.weight)
    nn.init.zeros_(last.bias)
    return nn.Sequential(*layers, last)


def train_config(
    data: tuple[torch.Tensor, ...],
    config: Config,
    *,
    seed: int,
    record: Callable[[float, int], None],
    epochs: int = EPOCHS,
) -> float:
    """Train one config in full; return the accuracy after the last epoch.

    The rows are gathered once an epoch and cut into views, whose sizes differ by one at most.
    """
    x, y, x_valid, y_valid = data
    torch.manual_seed(seed)
    model = network(config, x.shape[1])
    optimizer = torch.optim.Adam(model.parameters(), lr=config["learning_rate"], fused=True)
    batches = -(-len(x) // config["batch_size"])
    accuracy = 0.0
    for epoch in range(epochs):
        model.train()
        order = torch.randperm(len(x))
        for rows, labels in zip(
            x[order].tensor_split(batches), y[order].tensor_split(batches), strict=True
        ):
            optimizer.zero_grad()
            cross_entropy(model(rows), labels).backward()
            optimizer.step()
        model.eval()
        with torch.inference_mode():
            accuracy = (model(x_valid).argmax(1) == y_valid).float().mean().item()
        record(accuracy, epoch)
    return accuracy


def accuracies_of(study: optuna.Study, configs: list[Config]) -> dict[int, float]:
    """Return the accuracies by number, once every trial is seen to be what was asked for."""
    accuracies = {}
    for trial in study.get_trials(deepcopy=False):
        number = trial.user_attrs["number"]
        whole = trial.state is TrialState.COMPLETE and len(trial.intermediate_values) == EPOCHS
        if not whole or trial.params != dict(configs[number]) or trial.value is None:
            raise RuntimeError(f"the peer's trial {number} is not what was asked for: {trial}")
        accuracies[number] = trial.value
    return accuracies
