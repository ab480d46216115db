"""What a paused training needs to go on, kept in its trial's folder."""

from contextlib import suppress
from pathlib import Path
from typing import Final

from safetensors import SafetensorError
from safetensors.numpy import load_file, save_file

from tunesmith.errors import NetworkError
from tunesmith.fit.fold_training import FoldTraining

FILE: Final = "training.safetensors"


def keep(training: FoldTraining, folder: Path) -> None:
    """Write the state of a training; a file that is there is one that was written whole."""
    written = folder / f"{FILE}.new"
    save_file(training.state(), written)
    written.replace(folder / FILE)


def go_on(training: FoldTraining, folder: Path, epoch: int) -> None:
    """Let a new training go on after `epoch` epochs; where its state was lost, train them again."""
    # Where it is lost or damaged, the same address of chance gives the same training.
    with suppress(OSError, SafetensorError, NetworkError):
        training.restore(load_file(folder / FILE))
    while training.epoch < epoch:
        training.train_epoch()
