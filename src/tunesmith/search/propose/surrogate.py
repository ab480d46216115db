"""A Gaussian process over configs: what losses are to be expected where nothing was tried.

Matern 5/2 with a lengthscale for every param (Rasmussen and Williams 2006, eq. 4.17 and ch. 5).
An option of a Choice is as far from every other: a squared distance of 1. The lengthscales and the
noise are the most probable ones under log-normal priors that grow with the number of params
(Hvarfner, Hellsten and Nardi 2024); the mean and the variance follow from them in closed form.

Letters: N trials, M places, D params.
"""

import math
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Final, final

import numpy as np
from numpy.typing import NDArray

from tunesmith.search.propose.descent import minimized

Floats = NDArray[np.float64]
Whole = NDArray[np.intp]

LENGTH_PRIOR: Final = (-0.8, 0.5)
"""Mean and deviation of the log of a lengthscale where D = 1; the mean grows by log(D) / 2."""
ROUGHNESS_PRIOR: Final = (-5.0, 1.5)
NOISE_PRIOR: Final = (-5.0, 1.5)
"""Means and deviations of the logs of the roughness and the noise."""
LENGTH_RANGE: Final = (0.03, 100.0)
NOISE_RANGE: Final = (1e-5, 2.0)
PSEUDO_TRIALS: Final = 2.0
"""As many trials of variance 1 are added to those that the variance is estimated from."""
STEPS: Final = 8
"""Steps to the most probable smoothness; later ones no longer change a proposal."""
FAR: Final = 0.55
"""How far from the start it is guessed to be, in deviations of the priors."""
START: Final = (0.5, 1e-2)
"""Lengthscales, and roughness and noise, from which the search for better ones begins."""
SAME: Final = 1e-11
"""Squared distances are found with an error below this; one config has 0 to itself."""
ROOT_5: Final = math.sqrt(5.0)


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Smoothness:
    """How fast the loss changes along each param, and how noisy it is."""

    lengths: Floats
    """[D], in units of the params' ranges: large for a param that matters little."""
    roughness: float
    """The variance of what is a config's own and says nothing of its neighbours."""
    noise: float
    """The variance between trainings of one config. Both are in units of the smooth variance."""


@final
@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Pairs:
    """All P pairs of N trials."""

    places: Whole
    """[P]: where they lie in a matrix [N, N], laid out by columns, above the diagonal."""
    squares: Floats
    """[D, P]: their squared distances along every param."""
    twins: Whole
    """Which of them are two trainings of one config."""


@final
@dataclass(frozen=True, slots=True, kw_only=True)
class Surrogate:
    """A Gaussian process that has seen N trials."""

    points: Floats
    """[N, D]"""
    losses: Floats
    """[N]"""
    options: Whole
    """[D]: how many options a Choice has; 0 for numbers."""
    smoothness: Smoothness
    centre: float
    """The mean far from all trials."""
    variance: float
    """Of the smooth part, by which roughness and noise are measured."""
    weights: Floats
    """[N]: the mean at x is centre + k(x) . weights."""
    inverse: Floats
    """[N, N]: of the covariances of the trials, noise included, in units of the variance."""
    spread: Floats
    """[N, E]: the points where their plain distances are those of the kernel."""

    def predict(self, places: Floats, *, rough: float = 1.0) -> tuple[Floats, Floats]:
        """Return mean and deviation [M] of the noiseless loss at `places` [M, D].

        The deviation counts that share of the roughness, which no trial elsewhere can lessen; 0
        leaves what a place shares with its neighbours.
        """
        cross = self._cross(places)
        mean = self.centre + cross @ self.weights
        prior = 1.0 + rough * self.smoothness.roughness
        left = prior - np.einsum("mn,mn->m", cross @ self.inverse, cross)
        return mean, np.sqrt(self.variance * np.maximum(left, 1e-10))

    def at_trials(self) -> tuple[Floats, Floats]:
        """Return what `predict` says of the trials themselves [N], with no product of matrices.

        There the covariances are those that were inverted, but for the noise on the diagonal.
        """
        noise = self.smoothness.noise
        left = noise * (1.0 - noise * self.inverse.diagonal())
        mean = self.losses - noise * self.weights
        return mean, np.sqrt(self.variance * np.maximum(left, 1e-10))

    def mean(self, places: Floats) -> Floats:
        """Return the mean [M] alone, in half the time."""
        return self.centre + self._cross(places) @ self.weights

    def closest(self, places: Floats) -> Whole:
        """Return [M] which of the trials each of `places` [M, D] has most in common with."""
        nearest: Whole = self._cross(places).argmax(axis=1)
        return nearest

    def believing(self, places: Floats) -> "Surrogate":
        """Return it as if the losses at `places` [R, D] had come out at their means.

        So trials that still run keep others away (the kriging believer, Ginsbourger et al. 2010).
        The means stay; the inverse grows by blocks.
        """
        if len(places) == 0:
            return self
        spread = _spread(places, self.options, self.smoothness.lengths)
        cross = self._covariance(spread)
        carried = cross @ self.inverse
        own = _noisy(_covariance(spread, spread, self.smoothness), self.smoothness)
        corner = np.linalg.inv(own - carried @ cross.T)
        side = -corner @ carried
        seen, both = len(self.points), len(self.points) + len(places)
        inverse = np.empty((both, both))
        inverse[:seen, :seen] = self.inverse - carried.T @ side
        inverse[seen:, :seen] = side
        inverse[:seen, seen:] = side.T
        inverse[seen:, seen:] = corner
        return replace(
            self,
            points=np.concatenate([self.points, places]),
            losses=np.concatenate([self.losses, self.centre + cross @ self.weights]),
            weights=np.concatenate([self.weights, np.zeros(len(places))]),
            inverse=inverse,
            spread=np.concatenate([self.spread, spread]),
        )

    def _cross(self, places: Floats) -> Floats:
        return self._covariance(_spread(places, self.options, self.smoothness.lengths))

    def _covariance(self, spread: Floats) -> Floats:
        return _covariance(spread, self.spread, self.smoothness)


def condition(points: Floats, losses: Floats, options: Whole, smooth: Smoothness) -> Surrogate:
    """Return the process that has seen `losses` [N], all finite, at `points` [N, D]."""
    spread = _spread(points, options, smooth.lengths)
    inverse, _ = _inverted(_noisy(_covariance(spread, spread, smooth), smooth))
    centre, variance, weights = _closed_form(inverse, losses)
    return Surrogate(
        points=points,
        losses=losses,
        options=options,
        smoothness=smooth,
        centre=centre,
        variance=variance,
        weights=weights,
        inverse=inverse,
        spread=spread,
    )


def fit(points: Floats, losses: Floats, options: Whole, steps: int = STEPS) -> Smoothness:
    """Return the most probable smoothness of `losses` [N] (mean 0, variance 1) at `points` [N, D].

    It depends on nothing but the arguments: the search for it always begins at the same place.
    """
    count, pairs = len(options), _pairs(points, options)
    ends = np.log([LENGTH_RANGE] * count + [NOISE_RANGE] * 2).T
    _, spread = _prior(count)
    found = minimized(
        lambda logs: _improbability(logs, pairs, losses),
        np.log([*[START[0]] * count, START[1], START[1]]),
        (ends[0], ends[1]),
        FAR * spread,
        steps,
    )
    *lengths, roughness, noise = np.exp(found).tolist()
    return Smoothness(lengths=np.array(lengths), roughness=roughness, noise=noise)


def log_evidence(points: Floats, losses: Floats, options: Whole, smooth: Smoothness) -> float:
    """Return the log posterior, but for a constant, of a smoothness that `fit` gave.

    Differences say how much better one way of placing the same trials explains their losses.
    """
    logs = np.log([*smooth.lengths, smooth.roughness, smooth.noise])
    return -_improbability(logs, _pairs(points, options), losses)[0]


def _improbability(logs: Floats, pairs: Pairs, losses: Floats) -> tuple[float, Floats]:
    """Return minus the log posterior and its gradient [D + 2].

    `logs` are those of the lengths, the roughness and the noise.
    """
    params, count = len(pairs.squares), len(losses)
    lengths, (roughness, noise) = np.exp(logs[:-2]), np.exp(logs[-2:]).tolist()
    root = ROOT_5 * np.sqrt(lengths**-2 @ pairs.squares)
    decay = np.exp(-root)
    bent = (1.0 + root) * decay
    smooth = bent + root * root / 3.0 * decay
    smooth[pairs.twins] += roughness
    noisy = np.empty((count, count))
    noisy.flat[:: count + 1] = 1.0 + roughness + noise
    noisy.reshape(-1)[pairs.places] = smooth
    inverse, volume = _inverted(noisy.T)
    _, variance, weights = _closed_form(inverse, losses)
    value = 0.5 * ((count + PSEUDO_TRIALS) * math.log(variance) + volume)
    slack = inverse - np.outer(weights, weights / variance)
    pull = slack.ravel(order="K")[pairs.places]
    slopes = (5.0 / 3.0) * (pairs.squares @ (bent * pull)) * lengths**-2
    own = 0.5 * float(slack.trace())
    slope = [*slopes, roughness * (own + pull[pairs.twins].sum()), noise * own]
    centre, spread = _prior(params)
    away = (logs - centre) / spread
    return value + 0.5 * float(away @ away), slope + away / spread


@lru_cache(maxsize=64)
def _prior(params: int) -> tuple[Floats, Floats]:
    """Return means and deviations [D + 2] of the logs of the lengths, the roughness, the noise."""
    typical = (LENGTH_PRIOR[0] + math.log(params) / 2, LENGTH_PRIOR[1])
    centre, spread = np.array([typical] * params + [ROUGHNESS_PRIOR, NOISE_PRIOR]).T
    return centre, spread


def _closed_form(inverse: Floats, losses: Floats) -> tuple[float, float, Floats]:
    """Return the most probable centre and variance, and the weights [N]."""
    ones = inverse.sum(axis=0)
    centre = float(ones @ losses / ones.sum())
    weights = inverse @ (losses - centre)
    misfit = float(weights @ (losses - centre))
    return centre, (misfit + PSEUDO_TRIALS) / (len(losses) + PSEUDO_TRIALS), weights


def _pairs(points: Floats, options: Whole) -> Pairs:
    """Return all pairs of `points` [N, D]."""
    above, left = np.triu_indices(len(points), 1)
    apart = points[above] - points[left]
    squares: Floats = np.ascontiguousarray((apart * apart).T)
    squares[options > 0] = squares[options > 0] > 0
    twins = np.flatnonzero(~squares.any(axis=0))
    return Pairs(places=left * len(points) + above, squares=squares, twins=twins)


def _covariance(a: Floats, b: Floats, smooth: Smoothness) -> Floats:
    """Return the covariances [A, B] of the noiseless loss at two lots of spread points."""
    squares = np.add.outer((a * a).sum(axis=1), (b * b).sum(axis=1))
    squares -= 2.0 * (a @ b.T)
    close = squares < SAME
    root = np.maximum(squares, 0.0, out=squares)  # in place: half of the time is memory
    root *= 5.0
    np.sqrt(root, out=root)
    covariance: Floats = root * root
    covariance /= 3.0
    covariance += 1.0 + root
    covariance *= np.exp(np.negative(root, out=root), out=root)
    if close.any():
        one, other = np.nonzero(close)
        twins = (a[one] == b[other]).all(axis=1)
        covariance[one[twins], other[twins]] += smooth.roughness
    return covariance


def _noisy(covariance: Floats, smooth: Smoothness) -> Floats:
    """Return covariances of trainings: a second one of a config shares all but the noise."""
    covariance.flat[:: len(covariance) + 1] = 1.0 + smooth.roughness + smooth.noise
    return covariance


def _spread(points: Floats, options: Whole, lengths: Floats) -> Floats:
    """Return points whose plain distances are those of the kernel: choices become one-hot."""
    choices = np.flatnonzero(options)
    if len(choices) == 0:
        return points / lengths
    columns = [points[:, options == 0] / lengths[options == 0]]
    for at in choices:
        chosen = np.minimum(points[:, at] * options[at], options[at] - 1).astype(np.intp)
        columns.append(np.eye(options[at])[chosen] / (lengths[at] * math.sqrt(2.0)))
    return np.concatenate(columns, axis=1)


def _inverted(matrix: Floats) -> tuple[Floats, float]:
    """Return the inverse and the log determinant of a matrix, of which half is read."""
    from scipy.linalg.lapack import dpotrf, dpotri  # takes a fifth of a second to import

    root, _ = dpotrf(matrix, lower=0)
    volume = 2.0 * float(np.log(root.diagonal()).sum())
    half, _ = dpotri(root, lower=0, overwrite_c=1)  # below the diagonal it is 0
    inverse: Floats = half + half.T
    inverse.flat[:: len(inverse) + 1] /= 2.0
    return inverse, volume
