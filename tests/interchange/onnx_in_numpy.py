"""ONNX operators in NumPy, as the standard describes them: enough to run our graphs."""

import math

import numpy as np

DTYPES = {"double": np.float64, "float": np.float32, "int64": np.int64}


def look_up(x, domain=None, default_int64=None, values_int64s=None, **keys):
    (known,) = keys.values()
    rows = dict(zip(known, values_int64s, strict=True))
    return np.array([[rows.get(cell, default_int64) for cell in row] for row in x.tolist()])


def softmax(x, axis):
    e = np.exp(x - x.max(axis, keepdims=True))
    return e / e.sum(axis, keepdims=True)


def selu(x, alpha, gamma):
    return gamma * np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0)))


OPERATORS = {
    "Add": np.add,
    "ArgMax": lambda x, axis, keepdims: x.argmax(axis, keepdims=bool(keepdims)),
    "Cast": lambda x, to: x.astype(DTYPES[to]),
    "Concat": lambda *x, axis: np.concatenate(x, axis),
    "Div": np.divide,
    "Elu": lambda x, alpha: np.where(x > 0, x, alpha * np.expm1(np.minimum(x, 0))),
    "Equal": np.equal,
    "Erf": lambda x: np.vectorize(math.erf, [x.dtype])(x),
    "Floor": np.floor,
    "Gather": lambda x, places, axis: np.take(x, places, axis),
    "Identity": lambda x: x,
    "IsInf": np.isinf,
    "IsNaN": np.isnan,
    "LabelEncoder": look_up,
    "LeakyRelu": lambda x, alpha: np.where(x > 0, x, alpha * x),
    "MatMul": np.matmul,
    "Max": lambda *x: np.maximum(*x),
    "Mean": lambda *x: np.mean(x, axis=0),
    "Min": lambda *x: np.minimum(*x),
    "Mod": np.mod,
    "Mul": np.multiply,
    "Neg": np.negative,
    "ReduceSum": lambda x, axes, keepdims: x.sum(tuple(axes), keepdims=bool(keepdims)),
    "Relu": lambda x: np.maximum(x, 0),
    "Reshape": lambda x, shape: x.reshape(shape),
    "Selu": selu,
    "Sigmoid": lambda x: 1 / (1 + np.exp(-x)),
    "Softmax": softmax,
    "Softplus": lambda x: np.logaddexp(0, x),
    "Sqrt": np.sqrt,
    "Sub": np.subtract,
    "Sum": lambda *x: sum(x),
    "Tanh": np.tanh,
    "Where": np.where,
}


def run_graph(graph, inputs):
    """Return what the graph gives, by the names of its outputs."""
    values = {**graph.constants, **inputs}
    for node in graph.nodes:
        assert node.output not in values, f"{node.output} is written twice"
        given = [values[name] for name in node.inputs]
        with np.errstate(over="ignore", invalid="ignore"):
            values[node.output] = OPERATORS[node.op](*given, **node.attributes)
    return {port.name: values[port.name] for port in graph.outputs}


def cells_of(graph, table):
    """Return a typed table's columns as the inputs of a graph."""
    found = {}
    for port in graph.inputs:
        column = table.frame[port.name]
        if port.dtype == "double":
            cells = column.to_numpy()
        elif port.dtype == "string":
            cells = column.fill_null("").to_numpy().astype(object)
        else:
            cells = column.to_numpy().astype("datetime64[us]").astype(np.int64)
        found[port.name] = cells[:, None]
    return found
