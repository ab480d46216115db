"""A dense network for classes, whose hyperparameters are searched."""

from typing import final

from tunesmith.estimators.network import NetworkClassifier
from tunesmith.estimators.tuned import TunedEstimator


@final
class TunedClassifier(NetworkClassifier, TunedEstimator):
    """A dense network for classes, with the hyperparameters that a search finds.

    space: what is searched, any of learning_rate, units, batch_size, bins, layers, schedule, decay,
    dropout, weight_decay, batch_norm and beta2; what it leaves out stays at its default. None: as
    much of these as the budget pays for. search: such as RandomSearch(); None: coarse to fine with
    asynchronous halving. The budget is `trials`, `minutes` for all of `fit`, or both, whichever is
    over first. workers: networks trained at the same time; the result is the same for any number
    of them. metric: what networks are compared by: accuracy, balanced_accuracy, log_loss or auc.
    ensemble: whether the best few are averaged where they are better together. random_state: a
    seed; the same seed gives the same search and the same network, bit for bit, unless minutes end
    it.

    Where the rows are too few for a fifth of them to say anything, networks are compared on the
    rows they learn from.

    Fitted: model_ (see `save`), best_config_, history_ (all that was tried, a History), columns_
    (what each column of X was taken for), classes_.
    """
