"""All lessons, in the order in which they are best read."""

from typing import Final

from tunesmith.errors import LessonError
from tunesmith.lessons.lesson import Lesson
from tunesmith.table.wording import nearest

LESSONS: Final[tuple[Lesson, ...]] = (
    Lesson(
        id="W1",
        title="Round contours",
        claim="Normalising inputs rounds the contours: the condition number of logistic "
        "regression's Hessian falls, and gradient descent needs fewer steps.",
        module="w1_round_contours",
    ),
    Lesson(
        id="W2",
        title="Covariate shift",
        claim="A deep layer meets what a classifier meets that was trained on black cats and is "
        "shown coloured ones: other inputs. Batch norm limits how far these move while the "
        "earlier layers learn, so that layers learn more independently of each other.",
        module="w2_covariate_shift",
    ),
    Lesson(
        id="W3",
        title="The noise of batch statistics",
        claim="Mini-batch statistics are noisy estimates, so that batch norm adds noise and "
        "multiplies by it, where dropout only multiplies: a slight regularising effect, which"
        " shrinks as the mini-batch grows, and by which units rely less on single earlier "
        "ones.",
        module="w3_noise",
    ),
    Lesson(
        id="W4",
        title="Nearly a line",
        claim="With mean 0 and variance 1 a sigmoid works nearly linearly; gamma and beta give the "
        "non-linearity back.",
        module="w4_nearly_linear",
    ),
    Lesson(
        id="W5",
        title="Easier search",
        claim="Batch norm makes hyperparameter search easier: a larger share of the space trains "
        "well, and the network depends less on the choice.",
        module="w5_easier_search",
    ),
    Lesson(
        id="W6",
        title="Random against grid",
        claim="Random search beats grid search at the same number of trials when few of the "
        "hyperparameters matter.",
        module="w6_random_against_grid",
    ),
    Lesson(
        id="W7",
        title="The right scale",
        claim="The right scale beats the wrong one at the same number of trials, for the learning "
        "rate and for a momentum.",
        module="w7_scales",
    ),
    Lesson(
        id="W8",
        title="Coarse to fine",
        claim="Coarse to fine beats one flat random search at the same cost.",
        module="w8_coarse_to_fine",
    ),
    Lesson(
        id="W9",
        title="The deeper, the more",
        claim="Batch norm makes deep networks easy to train and faster: the deeper the network, the"
        " less normalising only its input helps.",
        module="w9_depth",
    ),
    Lesson(
        id="T1",
        title="What matters",
        claim="Some hyperparameters matter more than others: first the learning rate; then "
        "momentum, hidden units and mini-batch size; then layers and learning-rate decay; "
        "last Adam's beta1, beta2 and epsilon.",
        module="t1_tunability",
    ),
    Lesson(
        id="B2",
        title="The transform",
        claim="With the mean and the variance of the mini-batch, z_norm has mean 0 and variance "
        "1; gamma and beta give z_tilde any other.",
        module="b2_transform",
    ),
    Lesson(
        id="B3",
        title="Gamma and beta",
        claim="Gamma and beta are learned by any optimizer, and could undo the normalisation.",
        module="b3_undoing",
    ),
    Lesson(
        id="B4",
        title="No bias",
        claim="The bias of a normalised layer is cancelled when the mean is subtracted; its "
        "gradient is 0.",
        module="b4_no_bias",
    ),
    Lesson(
        id="B5",
        title="The algorithm",
        claim="Each mini-batch goes forward with its own statistics and backward for dW, dgamma "
        "and dbeta, and each of these is updated.",
        module="b5_algorithm",
    ),
    Lesson(
        id="B6",
        title="Test time",
        claim="Running averages kept while training stand in for the statistics that a single "
        "example does not have.",
        module="b6_test_time",
    ),
)


def lesson_called(name: str) -> Lesson:
    """Return the lesson of an id, in capitals or not; LessonError with the nearest otherwise."""
    for lesson in LESSONS:
        if lesson.id.casefold() == name.casefold():
            return lesson
    near = nearest(name, (lesson.id for lesson in LESSONS))
    remedy = f"did you mean {near!r}?" if near else "tunesmith lessons lists them"
    raise LessonError(f"no lesson {name!r}; {remedy}")
