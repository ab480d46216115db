"""How long until a convolutional network is right for 99 % of the validation images.

The network, the space, the images and the machine are the same for both: those of
examples/pytorch_convnet.py, on one thread. Ours searches from coarse to fine with asynchronous
halving, and promotes from checkpoints; Optuna searches by TPE with its SuccessiveHalvingPruner.
Both get momentum on the log scale of its distance from 1. A side ends with the first epoch of any
trial that reaches the target. Beside the seconds stand the processor's own, and the epochs and
steps that were trained, which other work on the machine does not change.
"""

import argparse
import tempfile
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict, dataclass
from importlib.util import find_spec, module_from_spec, spec_from_file_location
from pathlib import Path
from statistics import median
from typing import Any, final

import tunesmith as ts
from benchmarks.options import at_least
from benchmarks.report import Refusal, Report, progress

TITLE = "time until a convolutional network reaches 99 % on digits, beside Optuna"

EXAMPLE = Path(__file__).resolve().parents[1] / "examples" / "pytorch_convnet.py"
PEERS = ("torch", "optuna")
EPOCHS = 27
"""The full training of one trial."""
TARGET = 0.99


def add_options(parser: argparse.ArgumentParser) -> None:
    """Add this benchmark's options."""
    add = parser.add_argument
    add("--seeds", type=at_least(1), default=10, help="of each side (%(default)s)")
    add("--most", type=at_least(27), default=3000, help="epochs of one run (%(default)s)")


@final
@dataclass(frozen=True, slots=True)
class Spent:
    """What one run took to the target, or in all where it did not come there."""

    seconds: float
    processor: float
    epochs: int
    steps: int
    """Of the optimizer."""
    reached: bool


class Reached(KeyboardInterrupt):
    """Ends a study at once, whoever runs it."""


@final
class Watch:
    """Counts what is trained, and ends the study at the target."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._epochs = self._steps = 0
        self._began, self._worked = time.perf_counter(), time.process_time()
        self._reached = False

    def epoch(self, accuracy: float, steps: int) -> None:
        """Take what an epoch came to."""
        self._epochs, self._steps = self._epochs + 1, self._steps + steps
        self._reached = accuracy >= TARGET
        if self._reached or self._epochs >= self._most:
            raise Reached

    @property
    def spent(self) -> Spent:
        """What it took."""
        return Spent(
            time.perf_counter() - self._began,
            time.process_time() - self._worked,
            self._epochs,
            self._steps,
            self._reached,
        )


def run(options: argparse.Namespace) -> Report:
    """Measure both sides in turn, seed by seed."""
    missing = [name for name in PEERS if find_spec(name) is None]
    if missing:
        raise Refusal(f"the peer is not installed: pip install {' '.join(missing)}", exit_code=2)
    import torch

    torch.set_num_threads(1)
    net = load_example()
    found: dict[str, list[Spent]] = {"Tunesmith": [], "Optuna": []}
    for seed in range(options.seeds):
        for name, side in (("Tunesmith", ours), ("Optuna", theirs)):
            found[name].append(timed(side, net, seed, options.most))
            progress(f"{name}, seed {seed}: {found[name][-1]}")
    return Report(
        title=f"to {TARGET:.0%} of the validation images, {options.seeds} seeds",
        columns=["", "reached", "seconds", "of the processor", "epochs", "steps"],
        rows=[row(name, spent) for name, spent in found.items()],
        notes=[
            *(
                f"{part}: {ratio(found, part):.2f} of Optuna's median"
                for part in ("seconds", "processor", "epochs", "steps")
            ),
            "medians; a run that did not come to the target counts with all that it took",
        ],
        figures={name: [asdict(one) for one in spent] for name, spent in found.items()},
    )


def row(name: str, spent: list[Spent]) -> list[str]:
    """Return a side's line of the table."""
    reached = sum(one.reached for one in spent)
    seconds, processor = (median(getattr(s, n) for s in spent) for n in ("seconds", "processor"))
    epochs, steps = (median(getattr(s, n) for s in spent) for n in ("epochs", "steps"))
    middle = [f"{seconds:.1f}", f"{processor:.1f}", f"{epochs:.0f}", f"{steps:.0f}"]
    return [name, f"{reached} of {len(spent)}", *middle]


def ratio(found: dict[str, list[Spent]], part: str) -> float:
    """Return our median as a share of theirs."""
    mine, other = (median(getattr(s, part) for s in found[n]) for n in ("Tunesmith", "Optuna"))
    return float(mine / other)


def load_example() -> Any:
    """Return the example as a module."""
    spec = spec_from_file_location("pytorch_convnet", EXAMPLE)
    if spec is None or spec.loader is None:
        raise Refusal(f"there is no {EXAMPLE}", exit_code=1)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


Side = Callable[[Any, int, Watch], None]


def timed(side: Side, net: Any, seed: int, most: int) -> Spent:
    """Run a side to the target."""
    watch = Watch(most)
    with suppress(Reached):
        side(net, seed, watch)
    return watch.spent


def steps_of(net: Any, batch_size: int) -> int:
    """Return how many steps an epoch takes."""
    return -(-len(net.TRAIN_X) // batch_size)


def ours(net: Any, seed: int, watch: Watch) -> None:
    """Tune the example's own function; each accuracy is heard on its way."""
    heard = net.train_epoch

    def train_epoch(model: Any, optimizer: Any, batch_size: int, chance: Any) -> float:
        accuracy: float = heard(model, optimizer, batch_size, chance)
        watch.epoch(accuracy, steps_of(net, batch_size))
        return accuracy

    net.train_epoch = train_epoch
    try:
        with tempfile.TemporaryDirectory() as folder:
            ts.tune(
                net.train,
                net.SPACE,
                metric="accuracy",
                goal="max",
                trials=2000,
                epochs=EPOCHS,
                seed=seed,
                store=Path(folder) / "convnet.study",
            )
    finally:
        net.train_epoch = heard


def theirs(net: Any, seed: int, watch: Watch) -> None:
    """Run the same trainings under Optuna's loop, its study in memory."""
    import optuna
    import torch

    optuna.logging.set_verbosity(optuna.logging.ERROR)

    def objective(trial: optuna.Trial) -> float:
        config = {
            "learning_rate": trial.suggest_float("learning_rate", 1e-4, 1.0, log=True),
            "momentum": 1 - trial.suggest_float("1 - momentum", 0.01, 0.5, log=True),
            "channels": trial.suggest_int("channels", 4, 32, log=True),
            "batch_size": trial.suggest_int("batch_size", 16, 256, log=True),
            "weight_decay": trial.suggest_float("weight_decay", 1e-6, 1e-2, log=True),
        }
        model, optimizer = net.begin(config, 1000 * seed + trial.number)
        accuracy = 0.0
        for epoch in range(EPOCHS):
            chance = torch.Generator().manual_seed(1000 * trial.number + epoch)
            accuracy = net.train_epoch(model, optimizer, config["batch_size"], chance)
            watch.epoch(accuracy, steps_of(net, config["batch_size"]))
            trial.report(accuracy, epoch + 1)
            if trial.should_prune():
                raise optuna.TrialPruned
        return accuracy

    optuna.create_study(
        direction="maximize",
        sampler=optuna.samplers.TPESampler(seed=seed),
        pruner=optuna.pruners.SuccessiveHalvingPruner(),
    ).optimize(objective, n_trials=2000)
