#!/usr/bin/env bash
# ConfigSpace: the density of an integer hyperparameter is not the distribution it samples.
#
# Versions: ConfigSpace 1.2.2, NumPy 2.4.6, SciPy 1.17.1.
#
# `sample_value` draws, `pdf_values` says how probable each value is. For integers:
#
#     layers in 1..5, Beta(2, 2)
#       sampled [0.1034 0.2482 0.2942 0.2507 0.1035]
#       density [0.     0.2344 0.3125 0.2344 0.    ]  sum 0.781
#     layers in 1..5, Normal(3, 1)
#       sampled [0.0973 0.2411 0.3246 0.2398 0.0972]
#       density [0.0458 0.2053 0.3384 0.2053 0.0458]  sum 0.840
#     layers in 1..5, log scale
#       sampled [0.3663 0.2287 0.1653 0.1314 0.1083]
#       density [0.2 0.2 0.2 0.2 0.2]  sum 1.000
#
# Why it is surprising: `pdf_values` is documented as the probability density of the values,
# with zero for values that are not legal. Both ends of the Beta range are legal and make up
# a fifth of all samples, yet their density is zero. A search that weights its candidates by
# the density of the prior excludes values that the same prior samples often. The densities
# of five values do not sum to 1 either, and a log scale has no effect on them.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    ConfigSpace==1.2.2 numpy==2.4.6 scipy==1.17.1

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
from ConfigSpace import Beta, Integer, Normal

VALUES = np.arange(1, 6)


def compare(text, **settings):
    layers = Integer("layers", (1, 5), **settings)
    samples = np.asarray(layers.sample_value(size=100_000, seed=np.random.RandomState(0)))
    sampled = np.array([(samples == value).mean() for value in VALUES])
    density = layers.pdf_values(VALUES)
    print(f"layers in 1..5, {text}")
    print(f"  sampled {np.round(sampled, 4)}")
    print(f"  density {np.round(density, 4)}  sum {density.sum():.3f}")
    return sampled, density


beta_sampled, beta_density = compare("Beta(2, 2)", distribution=Beta(2, 2))
normal_sampled, normal_density = compare("Normal(3, 1)", distribution=Normal(3, 1))
log_sampled, log_density = compare("log scale", log=True)

if not (beta_density[0] == beta_density[-1] == 0 and beta_sampled[[0, -1]].min() > 0.09):
    sys.exit("CHANGED: the ends of Beta(2, 2) have a density, or are no longer sampled")
if not normal_sampled[0] > 1.8 * normal_density[0]:
    sys.exit("CHANGED: the ends of Normal(3, 1) are sampled as often as their density says")
if not (log_sampled[0] > 3 * log_sampled[-1] and np.ptp(log_density) == 0):
    sys.exit("CHANGED: the density of a log scale is no longer flat")
print("as described: a value of density zero is one sample in ten")
PYTHON
