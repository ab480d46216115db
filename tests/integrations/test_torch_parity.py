"""Our networks and PyTorch's, from the same weights on the same batches, step by step.

Three conventions differ, and stand here as factors: PyTorch's running variance is the unbiased
one; its buffers start at 0 and 1 and are not corrected; its momentum does not average.
"""

from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tunesmith.engine import kernels, loop, reference, whole  # noqa: E402
from tunesmith.engine.network import Activation, Loss, Network, Place  # noqa: E402
from tunesmith.engine.optimizers import Optimizer, Rule  # noqa: E402
from tunesmith.engine.recipe import Recipe  # noqa: E402
from tunesmith.engine.schedules import Schedule, Shape  # noqa: E402
from tunesmith.engine.train import Training  # noqa: E402
from tunesmith.rng import stream  # noqa: E402

torch.set_num_threads(1)  # its threads wait for each other longer than they compute

ROWS = 71
NETWORK = Network(
    inputs=7, hidden=(13, 6), outputs=4, activation=Activation.TANH, bn_decay=0.8, bn_epsilon=1e-3
)
NORMS = {
    "biases": {"batch_norm": False},
    "before": {"bn_place": Place.BEFORE},
    "after": {"bn_place": Place.AFTER},
}
"""Where a network is normalised."""

ACTIVATIONS = {
    Activation.SIGMOID: torch.nn.Sigmoid,
    Activation.TANH: torch.nn.Tanh,
    Activation.RELU: torch.nn.ReLU,
    Activation.LEAKY_RELU: torch.nn.LeakyReLU,
    Activation.ELU: torch.nn.ELU,
    Activation.SELU: torch.nn.SELU,
    Activation.SILU: torch.nn.SiLU,
    Activation.GELU: torch.nn.GELU,
    Activation.MISH: torch.nn.Mish,
}
OPTIMIZER = Optimizer(learning_rate=0.02, momentum=0.7, beta1=0.8, beta2=0.95, epsilon=1e-3)
EXTRAS = {
    "plain": {},
    "decay": {"weight_decay": 0.7},
    "clip": {"clip_norm": 0.4},
    "both": {"weight_decay": 0.7, "clip_norm": 0.4},
}
"""What may come with any rule."""

TOLERANCE = {
    np.float64: {"rtol": 1e-9, "atol": 1e-11},
    np.float32: {"rtol": 1e-4, "atol": 2e-5},
}


def their_network(network, weights):
    """Return a torch.nn network in double precision that holds `weights`."""
    modules = []
    for layer in network.layers:
        ours = whole.parts(layer, weights)
        w, bias, gamma, beta = (
            None if part is None else torch.tensor(part, dtype=torch.double)
            for part in (ours.w, ours.bias, ours.gamma, ours.beta)
        )
        linear = torch.nn.Linear(layer.inputs, layer.units, bias=bias is not None)
        linear.weight.data = w.T.contiguous()
        if bias is not None:
            linear.bias.data = bias
        modules.append(linear)
        if layer == network.layers[-1]:
            break
        steps = [ACTIVATIONS[network.activation]()]
        if gamma is not None:
            norm = torch.nn.BatchNorm1d(
                layer.units, eps=network.bn_epsilon, momentum=1 - network.bn_decay
            )
            norm.weight.data, norm.bias.data = gamma, beta
            steps.insert(0 if network.bn_place is Place.BEFORE else 1, norm)
        modules += steps
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


def their_loss(loss, outputs, goal, smoothing=0.0):
    """Return the loss in our convention: summed over outputs, a mean over rows alone."""
    f, rows = torch.nn.functional, len(goal)
    if loss is Loss.CROSS_ENTROPY:
        return f.cross_entropy(outputs, torch.tensor(goal), label_smoothing=smoothing)
    targets = torch.tensor(goal, dtype=torch.double)
    match loss:
        case Loss.SQUARED_ERROR:  # ours is half the squared distance
            return 0.5 * f.mse_loss(outputs, targets, reduction="sum") / rows
        case Loss.ABSOLUTE_ERROR:
            return f.l1_loss(outputs, targets, reduction="sum") / rows
        case Loss.HUBER:
            return f.huber_loss(outputs, targets, reduction="sum") / rows
        case Loss.LOGISTIC:
            return f.binary_cross_entropy_with_logits(outputs, targets, reduction="sum") / rows


def their_optimizer(optimizer, model):
    """Return PyTorch's optimizer of the same steps; decay is decoupled and only of matrices."""
    rate, beta = optimizer.learning_rate, optimizer.momentum
    matrices = [weights for weights in model.parameters() if weights.ndim == 2]
    others = [weights for weights in model.parameters() if weights.ndim == 1]
    weights = [{"params": matrices}, {"params": others, "weight_decay": 0.0}]
    adams = {
        "lr": rate,
        "betas": (optimizer.beta1, optimizer.beta2),
        "eps": optimizer.epsilon,
    }
    match optimizer.rule:
        case Rule.SGD:
            return torch.optim.SGD(weights, lr=rate)
        case Rule.MOMENTUM | Rule.NESTEROV:  # their v is a sum, ours an average
            nesterov = optimizer.rule is Rule.NESTEROV
            return torch.optim.SGD(weights, lr=(1 - beta) * rate, momentum=beta, nesterov=nesterov)
        case Rule.RMSPROP:
            return torch.optim.RMSprop(
                weights, lr=rate, alpha=optimizer.beta2, eps=optimizer.epsilon
            )
        case Rule.ADAM:
            return torch.optim.Adam(weights, **adams)
        case Rule.ADAMW:
            return torch.optim.AdamW(weights, **adams, weight_decay=optimizer.weight_decay)


def their_step(optimizer, model, theirs):
    """Take one step of PyTorch's; what its own optimizer does not decay is decayed before."""
    if optimizer.clip_norm is not None:
        torch.nn.utils.clip_grad_norm_(model.parameters(), optimizer.clip_norm)
    if optimizer.rule is not Rule.ADAMW:
        for weights in model.parameters():
            if weights.ndim == 2:
                weights.data *= 1 - optimizer.learning_rate * optimizer.weight_decay
    theirs.step()


def moved(optimizer, step, network, w, g, v, s):
    """Return weights and moments after a step of the reference's optimizer."""
    rate, beta2, epsilon = optimizer.learning_rate, optimizer.beta2, optimizer.epsilon
    if optimizer.clip_norm is not None:
        g = reference.clipped(g, optimizer.clip_norm)
    w = w.copy()
    for layer in network.layers:
        part = whole.parts(layer, w).w
        part[:] = reference.decayed(part, learning_rate=rate, weight_decay=optimizer.weight_decay)
    match optimizer.rule:
        case Rule.SGD:
            w = reference.sgd(w, g, learning_rate=rate)
        case Rule.MOMENTUM | Rule.NESTEROV:
            rule = getattr(reference, optimizer.rule.value)
            w, v = rule(w, g, v, learning_rate=rate, momentum=optimizer.momentum)
        case Rule.RMSPROP:
            w, s = reference.rmsprop(w, g, s, learning_rate=rate, beta2=beta2, epsilon=epsilon)
        case Rule.ADAM | Rule.ADAMW:
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
    return weights, x, chance.uniform(size=(ROWS, network.outputs)).astype(np.float32)


def begun(network, recipe, weights, x, goal):
    """Return a Training that starts from given weights."""
    training = Training(network, recipe, x, goal, seed=5)
    training.weights[:] = weights
    return training


# --- one batch ------------------------------------------------------------------------------------


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("loss", Loss, ids=lambda loss: loss.value)
@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_loss_and_gradient(activation, loss, norm):
    """Loss and gradient of a batch, labels softened: the reference to 1e-9, ours to float32."""
    network = replace(NETWORK, activation=activation, **NORMS[norm])
    weights, x, goal = drawn(network, loss, activation.value)
    model = their_network(network, weights)
    theirs = their_loss(loss, model(torch.tensor(x, dtype=torch.double)), goal, smoothing=0.15)
    theirs.backward()
    slopes = flat(network, model, slopes=True)

    value, gradient, *_ = whole.gradient(
        network, loss, weights.astype(np.float64), x.astype(np.float64), goal, smoothing=0.15
    )
    assert value == pytest.approx(theirs.item(), rel=1e-12)
    np.testing.assert_allclose(gradient, slopes, **TOLERANCE[np.float64])

    recipe = Recipe(loss=loss, batch_size=ROWS, label_smoothing=0.15)
    training = begun(network, recipe, weights, x, goal)
    arrays = training._arrays
    value = loop.gradient(arrays, training._settings, training._data, np.arange(ROWS), 0)
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


@pytest.mark.parametrize("extra", EXTRAS)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("rule", Rule, ids=lambda rule: rule.value)
def test_optimizers_step_by_step(rule, norm, extra):
    """Two epochs of five unequal batches, the weights compared after each of the ten steps."""
    network, loss = replace(NETWORK, **NORMS[norm]), Loss.CROSS_ENTROPY
    optimizer = replace(OPTIMIZER, rule=rule, **EXTRAS[extra])
    weights, x, goal = drawn(network, loss, rule.value)
    model = their_network(network, weights)
    theirs = their_optimizer(optimizer, model)
    training = begun(network, Recipe(optimizer=optimizer, batch_size=15), weights, x, goal)
    w, v, s = weights.astype(np.float64), 0, 0
    for step in range(10):
        order, batch = stream(5, "order", step // 5).permutation(ROWS), step % 5
        rows = order[batch * ROWS // 5 : (batch + 1) * ROWS // 5]
        exact = x[rows].astype(np.float64)
        theirs.zero_grad()
        their_value = their_loss(loss, model(torch.tensor(exact)), goal[rows])
        their_value.backward()
        their_step(optimizer, model, theirs)
        their_weights = flat(network, model)

        value, g, *_ = whole.gradient(network, loss, w, exact, goal[rows])
        w, v, s = moved(optimizer, step + 1, network, w, g, v, s)
        assert value == pytest.approx(their_value.item(), rel=1e-5)
        # clip_grad_norm_ divides by the length plus 1e-6
        tolerance = {"rtol": 2e-5, "atol": 2e-6} if optimizer.clip_norm else TOLERANCE[np.float64]
        np.testing.assert_allclose(w, their_weights, **tolerance)

        total = loop.train(
            training._arrays,
            training._settings,
            training._data,
            order,
            5,
            batch,
            batch + 1,
            step,
            (optimizer.learning_rate, optimizer.learning_rate),
        )
        assert total / len(rows) == pytest.approx(their_value.item(), rel=1e-4)
        np.testing.assert_allclose(training.weights, their_weights, **TOLERANCE[np.float32])


def test_cosine_schedule():
    """CosineAnnealingLR gives each epoch's first rate, and leads the weights the same way.

    Theirs stands still within an epoch: with one batch in each, ours has no time to move.
    """
    schedule = Schedule(shape=Shape.COSINE, epochs=6)
    optimizer = replace(OPTIMIZER, rule=Rule.SGD, learning_rate=0.3)
    weights, x, goal = drawn(NETWORK, Loss.CROSS_ENTROPY, "cosine")
    model = their_network(NETWORK, weights)
    theirs = their_optimizer(optimizer, model)
    rates = torch.optim.lr_scheduler.CosineAnnealingLR(theirs, T_max=6)
    recipe = Recipe(optimizer=optimizer, schedule=schedule, batch_size=ROWS)
    training = begun(NETWORK, recipe, weights, x, goal)
    for epoch in range(6):
        assert schedule.rates(0.3, epoch, epoch + 1)[0] == pytest.approx(rates.get_last_lr()[0])
        theirs.zero_grad()
        their_loss(Loss.CROSS_ENTROPY, model(torch.tensor(x).double()), goal).backward()
        theirs.step()
        rates.step()
        training.train_epoch()
        np.testing.assert_allclose(training.weights, flat(NETWORK, model), **TOLERANCE[np.float32])


@pytest.mark.parametrize("activation", Activation, ids=lambda a: a.value)
def test_dropout_alone(activation):
    """Given our mask instead of a drawn one, their slopes by dropped outputs are ours."""
    network = Network(inputs=7, hidden=(13,), outputs=4, activation=activation, dropout=0.3)
    weights, x, goal = drawn(network, Loss.CROSS_ENTROPY, "dropout")
    kept = stream(5, "parity", "kept").random((ROWS, 13)) >= 0.3
    model = their_network(network, weights)
    hidden, last = model[:-1], model[-1]
    outputs = last(hidden(torch.tensor(x).double()) * torch.tensor(kept) / 0.7)
    their_loss(Loss.CROSS_ENTROPY, outputs, goal).backward()
    ours = whole.gradient(
        network, Loss.CROSS_ENTROPY, weights.astype(float), x.astype(float), goal, kept=[kept]
    )
    np.testing.assert_allclose(
        ours.gradient, flat(network, model, slopes=True), **TOLERANCE[np.float64]
    )


# --- categories -----------------------------------------------------------------------------------

MIXED = replace(NETWORK, inputs=3, categories=(4, 6))
"""Three numbers, then two categories."""
CATEGORIES = {
    "numbers and categories": MIXED,
    "categories alone": replace(MIXED, inputs=0),
    "no hidden layers": replace(MIXED, hidden=()),
}


def drawn_slots(network, *address):
    """Draw weights, numbers with slots, and labels; every slot is met in six rows."""
    chance = stream(5, "parity", "slots", *address)
    weights = chance.normal(scale=0.7, size=network.weight_count).astype(np.float32)
    slots = [np.arange(ROWS) % count for count in network.categories]
    x = np.column_stack([chance.normal(size=(ROWS, network.inputs)), *slots]).astype(np.float32)
    return weights, x, chance.integers(network.outputs, size=ROWS)


def one_hot_in_torch(network, x):
    """Return x with torch's one-hot columns in place of slots, in double precision."""
    numbers, *slots = torch.split(
        torch.tensor(x), [network.inputs, *(1 for _ in network.categories)], 1
    )
    hot = torch.nn.functional.one_hot
    columns = [hot(s.long()[:, 0], n) for s, n in zip(slots, network.categories, strict=True)]
    return torch.cat([numbers, *columns], dim=1).double()


def widened(network):
    """Return the network with a column for each slot, and where its weights stand in ours."""
    columns = network.inputs + network.category_rows
    return replace(network, inputs=columns, categories=()), whole.one_hot_places(network)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", CATEGORIES)
def test_categories_are_one_hot_columns(kind, norm):
    """Loss, gradient and outputs of gathered rows are those of torch's one-hot columns."""
    network = replace(CATEGORIES[kind], **NORMS[norm])
    weights, x, labels = drawn_slots(network, kind)
    wide, place = widened(network)
    model = their_network(wide, weights[place])
    theirs = their_loss(Loss.CROSS_ENTROPY, model(one_hot_in_torch(network, x)), labels)
    theirs.backward()
    training = begun(network, Recipe(batch_size=ROWS), weights, x, labels)
    arrays = training._arrays
    value = loop.gradient(arrays, training._settings, training._data, np.arange(ROWS), 0)
    assert value == pytest.approx(theirs.item(), rel=1e-5)
    slopes = flat(wide, model, slopes=True)
    np.testing.assert_allclose(arrays.gradient[place], slopes, **TOLERANCE[np.float32])
    if not network.statistics_count:
        with torch.no_grad():
            outputs = model(one_hot_in_torch(network, x)).numpy()
        np.testing.assert_allclose(training.outputs(x), outputs, rtol=1e-4, atol=5e-5)


@pytest.mark.parametrize("rule", [Rule.SGD, Rule.MOMENTUM, Rule.ADAM], ids=lambda rule: rule.value)
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("kind", CATEGORIES)
def test_ten_steps_with_categories(kind, norm, rule):
    """SGD with few rows a batch; the others with every slot in each, for which they are the same.

    One-hot columns that are 0 have no slope: SGD leaves their weights, the others move them on.
    """
    network = replace(CATEGORIES[kind], **NORMS[norm])
    weights, x, labels = drawn_slots(network, kind)
    wide, place = widened(network)
    model = their_network(wide, weights[place])
    optimizer = replace(OPTIMIZER, rule=rule)
    theirs = their_optimizer(optimizer, model)
    batches = 14 if rule is Rule.SGD else 2
    batch_size = -(-ROWS // batches)
    training = begun(
        network, Recipe(optimizer=optimizer, batch_size=batch_size), weights, x, labels
    )
    order, rate = np.arange(ROWS), optimizer.learning_rate
    for step in range(10):
        batch = step % batches
        rows = order[batch * ROWS // batches : (batch + 1) * ROWS // batches]
        theirs.zero_grad()
        outputs = model(one_hot_in_torch(network, x[rows]))
        their_loss(Loss.CROSS_ENTROPY, outputs, labels[rows]).backward()
        theirs.step()
        loop.train(
            training._arrays,
            training._settings,
            training._data,
            order,
            batches,
            batch,
            batch + 1,
            step,
            (rate, rate),
        )
        np.testing.assert_allclose(
            training.weights[place], flat(wide, model), **TOLERANCE[np.float32]
        )


@pytest.mark.parametrize("every", [1, 3], ids=["met in every step", "met in every third"])
def test_rows_move_as_sparse_adam_moves_them(every):
    """An Embedding of sparse slopes: rows not met stay, moments too; but its steps are of all.

    SparseAdam corrects by the count of all steps t, ours by the row's own n. Its change is
    alpha c(t) v / (sqrt(s) + epsilon) with c(t) = sqrt(1 - beta2^t) / (1 - beta1^t): epsilon next
    to nothing, its learning rate at c(n) / c(t) of ours takes the same step.
    """
    network = Network(inputs=0, hidden=(), outputs=4, categories=(5,))
    alpha, beta1, beta2 = 0.02, 0.8, 0.95
    optimizer = Optimizer(learning_rate=alpha, beta1=beta1, beta2=beta2, epsilon=1e-12)
    weights, x, labels = drawn_slots(network, "sparse")
    slots = torch.tensor(x[:, 0]).long()
    training = begun(network, Recipe(optimizer=optimizer, batch_size=ROWS), weights, x, labels)
    table = torch.nn.Embedding(5, 4, sparse=True).double()
    table.weight.data = torch.tensor(weights[4:].reshape(5, 4)).double()
    bias = torch.nn.Parameter(torch.tensor(weights[:4]).double())
    theirs = torch.optim.SparseAdam(table.parameters(), lr=alpha, betas=(beta1, beta2), eps=1e-12)
    dense = torch.optim.Adam([bias], lr=alpha, betas=(beta1, beta2), eps=1e-12)

    def correction(count):
        return np.sqrt(1 - beta2**count) / (1 - beta1**count)

    met = np.zeros(5, dtype=int)
    for step in range(10):
        present = [0, 1] if every == 1 else [step % 3, 4 if step % 3 == 0 else step % 3]
        rows = np.flatnonzero(np.isin(x[:, 0], present))
        met[np.unique(present)] += 1
        (count,) = set(met[np.unique(present)])
        theirs.param_groups[0]["lr"] = alpha * correction(count) / correction(step + 1)
        theirs.zero_grad()
        dense.zero_grad()
        outputs = table(slots[rows]) + bias
        their_loss(Loss.CROSS_ENTROPY, outputs, labels[rows]).backward()
        theirs.step()
        dense.step()
        loop.train(
            training._arrays,
            training._settings,
            training._data,
            rows,
            1,
            0,
            1,
            step,
            (alpha, alpha),
        )
        ours = training.weights[4:].reshape(5, 4)
        np.testing.assert_allclose(ours, table.weight.detach().numpy(), **TOLERANCE[np.float32])
        np.testing.assert_allclose(
            training.weights[:4], bias.detach().numpy(), **TOLERANCE[np.float32]
        )
    assert training._arrays.categories.steps.tolist() == met.tolist()
    assert (met == 0).any()
    still = met == 0
    np.testing.assert_array_equal(ours[still], weights[4:].reshape(5, 4)[still])


# --- test time ------------------------------------------------------------------------------------


@pytest.mark.parametrize("place", Place, ids=lambda place: place.value)
@pytest.mark.parametrize("epochs", [1, 4])
def test_running_averages_and_prediction(epochs, place):
    """The buffers agree but for the factors, and so do predictions in eval mode with ours in them.

    After t steps a buffer that started at b holds decay^t b + (1 - decay^t) of our corrected
    average; the variances of B rows are B / (B - 1) of ours. Batches are equal: B is one number.
    """
    network = replace(NETWORK, bn_place=place)
    steps, size = 5 * epochs, 14
    optimizer = replace(OPTIMIZER, rule=Rule.MOMENTUM)
    weights, x, goal = drawn(network, Loss.CROSS_ENTROPY, "running")
    x, goal = x[: 5 * size], goal[: 5 * size]
    model = their_network(network, weights)
    theirs = their_optimizer(optimizer, model)
    training = begun(network, Recipe(optimizer=optimizer, batch_size=size), weights, x, goal)
    for epoch in range(epochs):
        order = np.empty(5 * size, dtype=np.int64)
        kernels.shuffle(order, training._order_key, epoch)
        for rows in np.split(order, 5):
            theirs.zero_grad()
            outputs = model(torch.tensor(x[rows], dtype=torch.double))
            their_loss(Loss.CROSS_ENTROPY, outputs, goal[rows]).backward()
            theirs.step()
        training.train_epoch()

    mean, variance = training.statistics()
    left = network.bn_decay**steps  # of what the buffers started with: 0 and 1
    unbiased = variance * size / (size - 1)
    their_mean, their_variance = (buffers(model, f"running_{name}") for name in ("mean", "var"))
    np.testing.assert_allclose((1 - left) * mean, their_mean, **TOLERANCE[np.float32])
    np.testing.assert_allclose(
        left + (1 - left) * unbiased, their_variance, **TOLERANCE[np.float32]
    )

    model.eval()
    norms = [module for module in model if isinstance(module, torch.nn.BatchNorm1d)]
    ends = np.cumsum(network.hidden)[:-1]
    for norm, m, v in zip(norms, np.split(mean, ends), np.split(variance, ends), strict=True):
        norm.running_mean.data, norm.running_var.data = torch.tensor(m), torch.tensor(v)
    fresh = stream(5, "parity", "fresh").normal(size=(300, 7)).astype(np.float32)
    with torch.no_grad():
        expected = model.double()(torch.tensor(fresh, dtype=torch.double)).numpy()
    np.testing.assert_allclose(training.outputs(fresh), expected, rtol=1e-4, atol=5e-5)
