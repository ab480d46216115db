"""The scikit-learn face: a dense network, given or tuned, as a classifier and as a regressor."""
