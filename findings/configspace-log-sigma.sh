#!/usr/bin/env bash
# ConfigSpace: on a log scale, a smaller sigma of a normal prior gives a wider prior.
#
# Versions: ConfigSpace 1.2.2, NumPy 2.4.6, SciPy 1.17.1.
#
# A learning rate from 1e-5 to 1 on a log scale gets the prior Normal(1e-3, sigma).
# The middle 90 % of 20,000 samples:
#
#     sigma=0.0001  1.9e-05 to 4.8e-01   4.41 decades
#     sigma=0.01    2.0e-05 to 3.0e-01   4.17 decades
#     sigma=0.1     3.5e-05 to 4.2e-02   3.07 decades
#     sigma=0.5     3.2e-04 to 3.1e-03   0.98 decades
#     sigma=1       1.0e-03 to 1.0e-03   0.00 decades
#     sigma=2       3.2e-04 to 3.1e-03   0.98 decades
#
# Why it is surprising: the documentation calls sigma the standard deviation. Whether it is
# measured in values or in logarithms, a larger one should give a wider prior. Here the width
# is proportional to |log(lower + sigma)|: it shrinks until lower + sigma is 1 and grows after
# that. The vague sigma of 1 fixes every sample to the mean, the narrow sigma of 1e-4 covers
# the whole range, and nothing warns.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    ConfigSpace==1.2.2 numpy==2.4.6 scipy==1.17.1

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
from ConfigSpace import Float, Normal

SIGMAS = (1e-4, 1e-2, 0.1, 0.5, 1.0, 2.0)
decades = {}
for sigma in SIGMAS:
    prior = Float("learning_rate", (1e-5, 1.0), distribution=Normal(1e-3, sigma), log=True)
    samples = prior.sample_value(size=20_000, seed=np.random.RandomState(7))
    low, high = np.quantile(samples, (0.05, 0.95))
    decades[sigma] = np.log10(high / low)
    print(f"sigma={sigma:<7g} {low:.1e} to {high:.1e}   {decades[sigma]:.2f} decades")

falling = all(decades[a] > decades[b] for a, b in zip(SIGMAS, SIGMAS[1:5]))
if not (falling and decades[1e-4] > 4 and decades[1.0] < 0.001 and decades[2.0] > 0.5):
    sys.exit("CHANGED: the width no longer shrinks while sigma grows to 1")
print("as described: the smallest sigma gives the widest prior")
PYTHON
