#!/usr/bin/env bash
# ONNX Runtime: one NaN can make the operator Unique lose the other values.
#
# Versions: onnxruntime 1.32.0, onnx 1.23.2, NumPy 2.4.6.
#
# A model with the one operator Unique (opset 11, sorted, also with counts):
#
#     input                      ONNX Runtime             ONNX reference and NumPy
#     nan, 1, nan, 1, 0          nan x5                   0 x1, 1 x2, nan x2
#     1, nan, 0, 1, 2            0 x1, 1 x3, 2 x1         0 x1, 1 x2, 2 x1, nan x1
#     2, 1, nan, 3, 1            1 x3, 2 x1, 3 x1         1 x2, 2 x1, 3 x1, nan x1
#     1, 0, 1, 2, nan            0 x2, 1 x2, 2 x1         0 x1, 1 x2, 2 x1, nan x1
#
# Why it is surprising: the specification of Unique refers to numpy.unique and says that the
# output contains all unique values. Here NaN is counted as whichever value it was compared
# with, so the result depends on the order of the input, and a column whose first cell is
# missing has one unique value. There is no error, and the model passes the checker.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6

"$folder/venv/bin/python" - <<'PYTHON'
import sys

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper
from onnx.reference import ReferenceEvaluator

NAN = float("nan")
INPUTS = ([NAN, 1, NAN, 1, 0], [1, NAN, 0, 1, 2], [2, 1, NAN, 3, 1], [1, 0, 1, 2, NAN])

graph = helper.make_graph(
    [helper.make_node("Unique", ["x"], ["values", "", "", "counts"])],
    "unique",
    [helper.make_tensor_value_info("x", TensorProto.FLOAT, ["rows"])],
    [
        helper.make_tensor_value_info("values", TensorProto.FLOAT, ["n"]),
        helper.make_tensor_value_info("counts", TensorProto.INT64, ["n"]),
    ],
)
model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 11)], ir_version=10)
onnx.checker.check_model(model, full_check=True)
session = onnxruntime.InferenceSession(
    model.SerializeToString(), providers=["CPUExecutionProvider"]
)
reference = ReferenceEvaluator(model)


def text(values, counts):
    return ", ".join(f"{value:g} x{count}" for value, count in zip(values, counts))


losses = 0
for cells in INPUTS:
    x = np.array(cells, dtype=np.float32)
    values, counts = session.run(None, {"x": x})
    expected = reference.run(None, {"x": x})
    np.testing.assert_array_equal(expected[0], np.unique(x))
    losses += len(values) < len(expected[0])
    cell_text = ", ".join(f"{cell:g}" for cell in cells)
    print(f"{cell_text:<26} {text(values, counts):<24} {text(*expected)}")

if losses == 0:
    sys.exit("CHANGED: Unique keeps the other values beside NaN")
print(f"as described: values lost in {losses} of {len(INPUTS)} inputs")
PYTHON
