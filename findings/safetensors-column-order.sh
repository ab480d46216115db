#!/usr/bin/env bash
# safetensors 0.8 stores a NumPy array in column order with its values in the wrong cells.
#
# Versions: safetensors 0.7.0 and 0.8.0, NumPy 2.4.6.
#
# The array is saved with `save` and read back with `load` of the same version:
#
#     safetensors 0.7.0
#       row order     [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] -> [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
#       column order  [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] -> [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
#       transposed    [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] -> [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]]
#     safetensors 0.8.0
#       row order     [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] -> [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]]
#       column order  [[0.0, 1.0, 2.0], [3.0, 4.0, 5.0]] -> [[0.0, 3.0, 1.0], [4.0, 2.0, 5.0]]  WRONG
#       transposed    [[0.0, 3.0], [1.0, 4.0], [2.0, 5.0]] -> [[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]]  WRONG
#
# Why it is surprising: the documentation asks for contiguous arrays, and NumPy calls an array
# in column order contiguous (F_CONTIGUOUS). A transposed weight matrix is in that order, and
# so are arrays that scikit-learn fits, such as the components of a PCA. Version 0.7 stored
# them correctly, and `safetensors.torch.save` refuses a transposed tensor with an error.
# Version 0.8 writes the raw memory with the logical shape, without an error or a warning.
# Reported to its authors as safetensors issue 825.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cat >"$folder/round_trip.py" <<'PYTHON'
import sys
from importlib.metadata import version

import numpy as np
from safetensors.numpy import load, save

always_right = sys.argv[1] == "right"
print(f"safetensors {version('safetensors')}")
rows = np.arange(6, dtype=np.float32).reshape(2, 3)
arrays = {"row order": rows, "column order": np.asfortranarray(rows), "transposed": rows.T}
for text, array in arrays.items():
    loaded = load(save({"weight": array}))["weight"]
    right = np.array_equal(loaded, array)
    print(f"  {text:<13} {array.tolist()} -> {loaded.tolist()}{'' if right else '  WRONG'}")
    if right != (always_right or text == "row order"):
        sys.exit(f"CHANGED: {text} is now {'right' if right else 'wrong'}")
PYTHON
for expected in 0.7.0:right 0.8.0:wrong; do
    python3 -m venv --clear "$folder/venv"
    "$folder/venv/bin/pip" install -qq --disable-pip-version-check \
        "safetensors==${expected%:*}" numpy==2.4.6
    "$folder/venv/bin/python" "$folder/round_trip.py" "${expected#*:}"
done
echo "as described: right in 0.7.0, wrong in 0.8.0"
