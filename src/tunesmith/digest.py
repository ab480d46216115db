"""The digest of a study: what shows that two runs came to the same."""

import hashlib
import json
from collections.abc import Iterable

from tunesmith.trial import Trial


def digest_of(trials: Iterable[Trial]) -> str:
    """Return SHA-256 over every trial's config, measurements, state and reason; no times."""
    sha = hashlib.sha256()
    for trial in trials:
        measured = [
            [m.epoch, {name: float(v).hex() for name, v in m.metrics.items()}]
            for m in trial.measurements
        ]
        config = {
            name: float(v).hex() if isinstance(v, float) else v for name, v in trial.config.items()
        }
        line = [trial.number, config, trial.epochs, measured, trial.state.value, trial.reason]
        sha.update(json.dumps(line, sort_keys=True).encode() + b"\n")
    return sha.hexdigest()
