#!/usr/bin/env bash
# Keras on PyTorch: BatchNormalization computes negative variances and answers with NaN, where
# PyTorch's own layer normalises the same columns correctly.
#
# Versions: keras 3.15.1, torch 2.13.0, NumPy 2.4.6.
#
# 8 float32 columns of 512 rows with a standard deviation of about 1, moved to larger means:
#
#     mean      true variance   Keras: variance       NaN columns   PyTorch: variance
#     0         0.87 to 1.11    0.87 to 1.11          0 of 8        0.88 to 1.11
#     1000      0.87 to 1.11    0.94 to 1.12          0 of 8        0.88 to 1.11
#     10000     0.87 to 1.11    -24.00 to 16.00       5 of 8        0.88 to 1.11
#     100000    0.88 to 1.11    -2048.00 to 1024.00   6 of 8        0.88 to 1.11
#
# (PyTorch keeps the unbiased variance; the figures of Keras can differ between processors.)
#
# Why it is surprising: a variance is never negative, and the layer exists to bring columns to
# one scale. Keras subtracts the squared mean from the mean of squares in float32, which
# cancels once the mean is some thousand standard deviations: timestamps, identifiers,
# pressures, or a nearly constant column. The moving variance is stored and stays negative.
# The source of the JAX backend calls jnp.var instead (read, not run here), so the backend
# decides; the documentation of the layer does not mention it.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check torch==2.13.0
"$folder/venv/bin/pip" install -qq --disable-pip-version-check keras==3.15.1 numpy==2.4.6

KERAS_BACKEND=torch "$folder/venv/bin/python" - <<'PYTHON'
import sys

import keras
import numpy as np
import torch

COLUMNS = 8
rows = np.random.default_rng(0).normal(size=(512, COLUMNS)).astype(np.float32)
nan_columns, peer_stds = 0, []
print("mean      true variance   Keras: variance       NaN columns   PyTorch: variance")
for mean in (0, 1_000, 10_000, 100_000):
    x = rows + np.float32(mean)
    layer = keras.layers.BatchNormalization(momentum=0.0)
    output = keras.ops.convert_to_numpy(layer(x, training=True))
    variance = keras.ops.convert_to_numpy(layer.moving_variance)
    peer = torch.nn.BatchNorm1d(COLUMNS, momentum=1.0)
    peer_stds.append(peer(torch.tensor(x)).detach().numpy().std(axis=0))
    peer_variance = peer.running_var.numpy()
    true = x.astype(np.float64).var(axis=0)
    nans = np.isnan(output).any(axis=0)
    if not (nans == (variance < -1e-3)).all():
        sys.exit("CHANGED: NaN no longer follows from a negative variance")
    nan_columns += nans.sum()
    ranges = [f"{v.min():.2f} to {v.max():.2f}" for v in (true, variance, peer_variance)]
    print(f"{mean:<9} {ranges[0]:<15} {ranges[1]:<21} {nans.sum()} of {COLUMNS:<8} {ranges[2]}")

if nan_columns == 0:
    sys.exit("CHANGED: Keras no longer computes a negative variance")
if np.abs(np.array(peer_stds) - 1).max() > 0.01:
    sys.exit("CHANGED: PyTorch's layer no longer normalises these columns to 1")
print("as described: negative variances, and NaN")
PYTHON
