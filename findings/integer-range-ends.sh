#!/usr/bin/env bash
# Five tuners disagree on a uniform integer from 1 to 5: in three, the ends are half as probable.
#
# Versions: Optuna 5.0.0, ConfigSpace 1.2.2, hyperopt 0.3.0, scikit-optimize 0.10.2,
# nevergrad 1.0.12, NumPy 2.4.6.
#
# Fractions of 1, 2, 3, 4 and 5 among 4,000 random samples of a uniform integer:
#
#     Optuna            suggest_int(1, 5)               [0.20 0.21 0.19 0.19 0.20]
#     ConfigSpace       Integer((1, 5))                 [0.20 0.20 0.20 0.21 0.20]
#     scikit-optimize   (1, 5), random forest           [0.20 0.20 0.20 0.21 0.20]
#     scikit-optimize   (1, 5), Gaussian process        [0.13 0.26 0.25 0.24 0.13]
#     hyperopt          uniformint(1, 5)                [0.13 0.25 0.25 0.25 0.12]
#     nevergrad         Scalar(1..5) cast to integers   [0.13 0.26 0.25 0.24 0.13]
#
# Why it is surprising: hyperopt's name says "uniform", and scikit-optimize's default prior of
# an integer is called "uniform"; there, even the random initial points depend on the model
# that is fitted later, since a Gaussian process makes it normalise the space. All three
# sample a real number between the bounds and round it, which leaves half an interval to each
# end. The same space is searched differently by each tuner, at the expense of its ends.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    optuna==5.0.0 ConfigSpace==1.2.2 hyperopt==0.3.0 scikit-optimize==0.10.2 \
    nevergrad==1.0.12 numpy==2.4.6 scikit-learn==1.9.1

"$folder/venv/bin/python" -W ignore - <<'PYTHON'
import sys

import nevergrad
import numpy as np
import optuna
import skopt
from ConfigSpace import Integer
from hyperopt import hp
from hyperopt.pyll.stochastic import sample

COUNT = 4000
optuna.logging.set_verbosity(optuna.logging.ERROR)


def with_optuna():
    study = optuna.create_study(sampler=optuna.samplers.RandomSampler(seed=0))
    return [study.ask().suggest_int("n", 1, 5) for _ in range(COUNT)]


def with_configspace():
    return Integer("n", (1, 5)).sample_value(size=COUNT, seed=np.random.RandomState(0))


def with_skopt(model):
    optimizer = skopt.Optimizer([(1, 5)], base_estimator=model, random_state=0)
    return [point[0] for point in optimizer.space.rvs(COUNT, random_state=0)]


def with_hyperopt():
    generator = np.random.default_rng(0)
    return [sample(hp.uniformint("n", 1, 5), rng=generator) for _ in range(COUNT)]


def with_nevergrad():
    scalar = nevergrad.p.Scalar(lower=1, upper=5).set_integer_casting()
    scalar.random_state.seed(0)
    return [scalar.sample().value for _ in range(COUNT)]


def report(tuner, call, samples, end):
    fractions = np.bincount(np.asarray(samples, dtype=int), minlength=6)[1:] / COUNT
    print(f"{tuner:<17} {call:<31} [{' '.join(f'{f:.2f}' for f in fractions)}]")
    inside = fractions[1:-1].mean()
    if not np.allclose(fractions[[0, -1]] / inside, end, atol=0.12):
        sys.exit(f"CHANGED: in {tuner} the ends are no longer {end} times as probable")


report("Optuna", "suggest_int(1, 5)", with_optuna(), 1)
report("ConfigSpace", "Integer((1, 5))", with_configspace(), 1)
report("scikit-optimize", "(1, 5), random forest", with_skopt("RF"), 1)
report("scikit-optimize", "(1, 5), Gaussian process", with_skopt("GP"), 0.5)
report("hyperopt", "uniformint(1, 5)", with_hyperopt(), 0.5)
report("nevergrad", "Scalar(1..5) cast to integers", with_nevergrad(), 0.5)
print("as described: the ends are half as probable in three of five tuners")
PYTHON
