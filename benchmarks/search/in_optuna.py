"""The peer: Optuna, its samplers at their defaults."""

import warnings

import optuna
from optuna.samplers import BaseSampler, GPSampler, RandomSampler, TPESampler
from optuna.trial import Trial

from benchmarks.search.peers import Loss
from benchmarks.search.tables import Config
from tunesmith.space import LOG, Choice, Float, Space

optuna.logging.set_verbosity(optuna.logging.WARNING)


def random(space: Space, loss: Loss, seed: int, budget: int) -> None:
    """Search by random configs."""
    search(RandomSampler(seed=seed), space, loss, budget)


def tpe(space: Space, loss: Loss, seed: int, budget: int) -> None:
    """Search by tree-structured Parzen estimators, the default sampler."""
    search(TPESampler(seed=seed), space, loss, budget)


def gaussian_process(space: Space, loss: Loss, seed: int, budget: int) -> None:
    """Search by a Gaussian process."""
    import torch

    torch.set_num_threads(1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        search(GPSampler(seed=seed), space, loss, budget)


def search(sampler: BaseSampler, space: Space, loss: Loss, budget: int) -> None:
    """Run a study of one sampler; its best trial is the one whose loss was smallest."""
    study = optuna.create_study(sampler=sampler)
    study.optimize(lambda trial: loss(suggest(trial, space)), n_trials=budget)


def suggest(trial: Trial, space: Space) -> Config:
    """Ask for one value of every param."""
    config = {}
    for name, param in space.items():
        if isinstance(param, Choice):
            config[name] = trial.suggest_categorical(name, param.options)
        else:
            ask = trial.suggest_float if isinstance(param, Float) else trial.suggest_int
            config[name] = ask(name, param.low, param.high, log=param.scale == LOG)
    return config
