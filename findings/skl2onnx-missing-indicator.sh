#!/usr/bin/env bash
# skl2onnx: an imputer with missing indicators is converted without them, and a linear
# classifier after it then answers with probabilities that do not sum to 1.
#
# Versions: skl2onnx 1.20.0, scikit-learn 1.9.1, onnxruntime 1.32.0, onnx 1.23.2, NumPy 2.4.6.
#
# SimpleImputer(add_indicator=True) and LogisticRegression, fitted on 400 rows of 2 columns:
#
#                                  scikit-learn     ONNX Runtime
#     columns after the imputer    3                2
#     accuracy on these rows       1.000            0.580
#     sum of the probabilities     1.00 to 1.00     0.01 to 2.00
#
# Why it is surprising: the imputer passes 3 columns on in scikit-learn and 2 in ONNX, yet the
# conversion neither fails nor warns, and ONNX Runtime runs the model. Its LinearClassifier
# takes the number of features from its input, so the coefficients of the second class start
# one number too early. After an MLPClassifier in its stead, the conversion succeeds too, and
# the first prediction fails with a mismatch of dimensions.
set -euo pipefail

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -qq --disable-pip-version-check \
    skl2onnx==1.20.0 scikit-learn==1.9.1 onnxruntime==1.32.0 onnx==1.23.2 numpy==2.4.6

"$folder/venv/bin/python" -W error - <<'PYTHON'
import sys

import numpy as np
import onnxruntime
from skl2onnx import to_onnx
from sklearn.impute import SimpleImputer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline

rng = np.random.default_rng(0)
x = rng.normal(size=(400, 2)).astype(np.float32)
missing = rng.random(400) < 0.3
y = (x[:, 1] + 2 * missing > 0.7).astype(int)
x[missing, 0] = np.nan


def run(model):
    converted = to_onnx(model, x[:1], options={LogisticRegression: {"zipmap": False}})
    session = onnxruntime.InferenceSession(
        converted.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    return session.run(None, {"X": x})


imputer = SimpleImputer(add_indicator=True)
pipeline = make_pipeline(imputer, LogisticRegression()).fit(x, y)
labels, probabilities = run(pipeline)
converted = to_onnx(imputer, x[:1])
imputed = onnxruntime.InferenceSession(
    converted.SerializeToString(), providers=["CPUExecutionProvider"]
).run(None, {"X": x})[0]

in_sklearn, in_onnx = imputer.transform(x).shape[1], imputed.shape[1]
accuracies = pipeline.score(x, y), (labels == y).mean()
sums = pipeline.predict_proba(x).sum(axis=1), probabilities.sum(axis=1)
print("                             scikit-learn     ONNX Runtime")
print(f"columns after the imputer    {in_sklearn:<16} {in_onnx}")
print(f"accuracy on these rows       {accuracies[0]:<16.3f} {accuracies[1]:.3f}")
ranges = [f"{s.min():.2f} to {s.max():.2f}" for s in sums]
print(f"sum of the probabilities     {ranges[0]:<16} {ranges[1]}")

if not (in_sklearn == 3 and in_onnx == 2):
    sys.exit("CHANGED: the indicator is no longer left out by the conversion")
if not (accuracies[0] - accuracies[1] > 0.1 and np.ptp(sums[1]) > 0.5):
    sys.exit("CHANGED: the classifier answers as in scikit-learn")
print("as described: converted without an error or a warning, and wrong")
PYTHON
