"""A graph that is being written: no two values share a name."""

import numpy as np

from tunesmith.interchange.onnx_draft import Draft, Node


def test_names():
    """A name that is taken gets a tail, as long as it needs."""
    draft = Draft({"label", "label_", "/constant_0"})
    assert [draft.fresh("label") for _ in range(2)] == ["label__", "label___"]
    assert draft.constant(3) == "/constant_0_"


def test_what_is_added():
    """Operators come in the order in which they were added, and constants in their type."""
    draft = Draft({"x", "y"})
    three = draft.constant([3], np.int64)
    both = draft.joined(["x", "y"])
    assert draft.joined(["x"]) == "x"
    assert draft.add("Gather", both, three, axis=1, output="z") == "z"
    assert draft.nodes == [
        Node("Concat", ("x", "y"), both, {"axis": 1}),
        Node("Gather", (both, three), "z", {"axis": 1}),
    ]
    assert draft.constants[three].dtype == np.int64
