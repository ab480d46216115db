"""Our networks and PyTorch's, from the same weights on the same batches, step by step.

Three conventions differ, and stand here as factors: PyTorch's running variance is the unbiased
one; its buffers start at 0 and 1 and are not corrected; its momentum does not average.
"""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tunesmith.engine import loop, reference  # noqa: E402
from tunesmith.engine.network import Activation, Loss, Network  # noqa: E402
from tunesmith.engine.optimizers import Optimizer, Rule  # noqa: E402
from tunesmith.engine.train import Recipe, Training  # noqa: E402
from tunesmith.rng import stream  # noqa: E402

ROWS = 71
NETWORK = Network(
    inputs=7, hidden=(13, 6), outputs=4, activation=Activation.TANH, bn_decay=0.8, bn_epsilon=1e-3
)
ACTIVATIONS = {
    Activation.SIGMOID: torch.nn.Sigmoid,
    Activation.TANH: torch.nn.Tanh,
    Activation.RELU: torch.nn.ReLU,
}
OPTIMIZER = Optimizer(learning_rate=0.02, momentum=0.7, beta1=0.8, beta2=0.95, epsilon=1e-4)

TOLERANCE = {
    np.float64: {"rtol": 1e-9, "atol": 1e-11},
    np.float32: {"rtol": 1e-4, "atol": 2e-5},
}


def their_network(network, weights):
    """Return a torch.nn network in double precision that holds `weights`."""
    modules = []
    for layer in network.layers:
        w, gamma, shift = (
            None if part is None else torch.tensor(part, dtype=torch.double)
            for part in reference.parts(layer, weights)
        )
        linear = torch.nn.Linear(layer.inputs, layer.units, bias=gamma is None)
        linear.weight.data = w.T.contiguous()
        modules.append(linear)
        if gamma is None:
            linear.bias.data = shift
        else:
            norm = torch.nn.BatchNorm1d(
                layer.units, eps=network.bn_epsilon, momentum=1 - network.bn_decay
            )
            norm.weight.data, norm.bias.data = gamma, shift
            modules.append(norm)
        if layer != network.layers[-1]:
            modules.append(ACTIVATIONS[network.activation]())
    return torch.nn.Sequential(*modules).double()


def flat(network, model, *, slopes=False):
    """Return a model's weights, or their slopes, in the order of our flat array."""
    parts = []
    for module in model:
        for value in module.parameters():
            value = value.grad if slopes else value.detach()
            parts.append((value.T if value.ndim == 2 else value).numpy().ravel())
    flattened = np.concatenate(parts)
    assert flattened.shape == (network.weight_count,)
    return flattened


def buffers(model, name):
    """Return the running means or variances of all layers."""
    return np.concatenate(
        [getattr(m, name).numpy() for m in model if isinstance(m, torch.nn.BatchNorm1d)]
    )


def their_loss(loss, outputs, goal):
    """Return the loss in our convention: half the squared distance, a mean over rows alone."""
    if loss is Loss.CROSS_ENTROPY:
        return torch.nn.functional.cross_entropy(outputs, torch.tensor(goal))
    targets = torch.tensor(goal, dtype=torch.double)
    return 0.5 * torch.nn.functional.mse_loss(outputs, targets, reduction="sum") / len(goal)


def their_optimizer(optimizer, model):
    """Return PyTorch's optimizer of the same steps."""
    rate, weights = optimizer.learning_rate, model.parameters()
    match optimizer.rule:
        case Rule.SGD:
            return torch.optim.SGD(weights, lr=rate)
        case Rule.MOMENTUM:  # their v is a sum, ours an average: 1 / (1 - beta) as long
            beta = optimizer.momentum
            return torch.optim.SGD(weights, lr=(1 - beta) * rate, momentum=beta)
        case Rule.RMSPROP:
            return torch.optim.RMSprop(
                weights, lr=rate, alpha=optimizer.beta2, eps=optimizer.epsilon
            )
        case Rule.ADAM:
            return torch.optim.Adam(
                weights,
                lr=rate,
                betas=(optimizer.beta1, optimizer.beta2),
                eps=optimizer.epsilon,
            )


def moved(optimizer, step, w, g, v, s):
    """Return weights and moments after a step of the reference's optimizer."""
    rate, beta2, epsilon = optimizer.learning_rate, optimizer.beta2, optimizer.epsilon
    match optimizer.rule:
        case Rule.SGD:
            w = reference.sgd(w, g, learning_rate=rate)
        case Rule.MOMENTUM:
            w, v = reference.momentum(w, g, v, learning_rate=rate, momentum=optimizer.momentum)
        case Rule.RMSPROP:
            w, s = reference.rmsprop(w, g, s, learning_rate=rate, beta2=beta2, epsilon=epsilon)
        case Rule.ADAM:
            w, v, s = reference.adam(
                w,
                g,
                v,
                s,
                step=step,
                learning_rate=rate,
                beta1=optimizer.beta1,
                beta2=beta2,
                epsilon=epsilon,
            )
    return w, v, s


def drawn(network, loss, *address):
    """Draw float32 weights, rows and a goal."""
    chance = stream(5, "parity", *address)
    weights = chance.normal(scale=0.7, size=network.weight_count).astype(np.float32)
    x = chance.normal(size=(ROWS, network.inputs)).astype(np.float32)
    if loss is Loss.CROSS_ENTROPY:
        return weights, x, chance.integers(network.outputs, size=ROWS)
    return weights, x, chance.normal(size=(ROWS, network.outputs)).astype(np.float32)


def begun(network, recipe, weights, x, goal):
    """Return a Training that starts from given weights."""
    training = Training(network, recipe, x, goal, seed=5)
    training.weights[:] = weights
    return training


# --- one batch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_loss_and_gradient(activation, loss, batch_norm):
    """Loss, gradient and statistics of a batch: the reference to 1e-9, the kernels to float32."""
    network = replace(NETWORK, activation=activation, batch_norm=batch_norm)
    weights, x, goal = drawn(network, loss, activation.value)
    model = their_network(network, weights)
    theirs = their_loss(loss, model(torch.tensor(x, dtype=torch.double)), goal)
    theirs.backward()
    slopes = flat(network, model, slopes=True)

    value, gradient, *_ = reference.gradient(
        network, loss, weights.astype(np.float64), x.astype(np.float64), goal
    )
    assert value == pytest.approx(theirs.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, **TOLERANCE[np.float64])

    training = begun(network, Recipe(loss=loss, batch_size=ROWS), weights, x, goal)
    arrays = training._arrays
    value = loop.gradient(arrays, training._settings, training._data, np.arange(ROWS))
    assert value == pytest.approx(theirs.item(), rel=1e-5)
    np.testing.assert_allclose(arrays.gradient, slopes, **TOLERANCE[np.float32])


def test_batch_norm_alone():
    """BatchNorm1d in training: outputs, and slopes by input, gamma and beta."""
    chance = stream(5, "parity", "batch norm")
    z, dy = chance.normal(4.0, 3.0, size=(2, 23, 5))
    gamma, beta = chance.normal(size=(2, 5))
    norm = torch.nn.BatchNorm1d(5, eps=1e-3).double()
    norm.weight.data, norm.bias.data = torch.tensor(gamma), torch.tensor(beta)
    their_z = torch.tensor(z, requires_grad=True)
    their_y = norm(their_z)
    their_y.backward(torch.tensor(dy))

    y, x_hat, _, variance = reference.batch_norm(z, gamma, beta, 1e-3)
    dz, dgamma, dbeta = reference.batch_norm_backward(dy, x_hat, gamma, variance, 1e-3)
    pairs = [
        (y, their_y.detach()),
        (dz, their_z.grad),
        (dgamma, norm.weight.grad),
        (dbeta, norm.bias.grad),
    ]
    for ours, theirs in pairs:
        np.testing.assert_allclose(ours, theirs.numpy(), **TOLERANCE[np.float64])


# --- ten steps ------------------------------------------------------------------------------------


@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "biases"])
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_optimizers_step_by_step(rule, batch_norm, loss):
    """Two epochs of five unequal batches, the weights compared after each of the ten steps."""
    network = replace(NETWORK, batch_norm=batch_norm)
    optimizer = replace(OPTIMIZER, rule=rule)
    weights, x, goal = drawn(network, loss, rule.value)
    model = their_network(network, weights)
    theirs = their_optimizer(optimizer, model)
    training = begun(
        network, Recipe(loss=loss, optimizer=optimizer, batch_size=15), weights, x, goal
    )
    w, v, s = weights.astype(np.float64), 0, 0
    for step in range(10):
        order, batch = stream(5, "order", step // 5).permutation(ROWS), step % 5
        rows = order[batch * ROWS // 5 : (batch + 1) * ROWS // 5]
        exact = x[rows].astype(np.float64)
        theirs.zero_grad()
        their_value = their_loss(loss, model(torch.tensor(exact)), goal[rows])
        their_value.backward()
        theirs.step()
        their_weights = flat(network, model)

        value, g, *_ = reference.gradient(network, loss, w, exact, goal[rows])
        w, v, s = moved(optimizer, step + 1, w, g, v, s)
        assert value == pytest.approx(their_value.item(), rel=1e-9)
        np.testing.assert_allclose(w, their_weights, **TOLERANCE[np.float64])

        total = loop.train(
            training._arrays,
            training._settings,
            training._data,
            order,
            5,
            batch,
            batch + 1,
            step,
            optimizer.learning_rate,
        )
        assert total / len(rows) == pytest.approx(their_value.item(), rel=1e-4)
        np.testing.assert_allclose(training.weights, their_weights, **TOLERANCE[np.float32])


# --- test time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("epochs", [1, 4])
def test_running_averages_and_prediction(epochs):
    """The buffers agree but for the factors, and so do predictions in eval mode with ours in them.

    After t steps a buffer that started at b holds decay^t b + (1 - decay^t) of our corrected
    average; the variances of B rows are B / (B - 1) of ours. Batches are equal: B is one number.
    """
    steps, size = 5 * epochs, 14
    optimizer = replace(OPTIMIZER, rule=Rule.MOMENTUM)
    weights, x, goal = drawn(NETWORK, Loss.CROSS_ENTROPY, "running")
    x, goal = x[: 5 * size], goal[: 5 * size]
    model = their_network(NETWORK, weights)
    theirs = their_optimizer(optimizer, model)
    training = begun(NETWORK, Recipe(optimizer=optimizer, batch_size=size), weights, x, goal)
    for epoch in range(epochs):
        order = training._stream("order", epoch).permutation(5 * size)
        for rows in np.split(order, 5):
            theirs.zero_grad()
            outputs = model(torch.tensor(x[rows], dtype=torch.double))
            their_loss(Loss.CROSS_ENTROPY, outputs, goal[rows]).backward()
            theirs.step()
        training.train_epoch()

    mean, variance = training.statistics()
    left = NETWORK.bn_decay**steps  # of what the buffers started with: 0 and 1
    unbiased = variance * size / (size - 1)
    their_mean, their_variance = (buffers(model, f"running_{name}") for name in ("mean", "var"))
    np.testing.assert_allclose((1 - left) * mean, their_mean, **TOLERANCE[np.float32])
    np.testing.assert_allclose(
        left + (1 - left) * unbiased, their_variance, **TOLERANCE[np.float32]
    )

    model.eval()
    norms = [module for module in model if isinstance(module, torch.nn.BatchNorm1d)]
    ends = np.cumsum(NETWORK.hidden)[:-1]
    for norm, m, v in zip(norms, np.split(mean, ends), np.split(variance, ends), strict=True):
        norm.running_mean.data, norm.running_var.data = torch.tensor(m), torch.tensor(v)
    fresh = stream(5, "parity", "fresh").normal(size=(300, 7)).astype(np.float32)
    with torch.no_grad():
        expected = model.double()(torch.tensor(fresh, dtype=torch.double)).numpy()
    np.testing.assert_allclose(training.outputs(fresh), expected, rtol=1e-4, atol=5e-5)
