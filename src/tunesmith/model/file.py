"""Model files: one safetensors file, its description as JSON in the header. No pickle, no code."""

import os
from pathlib import Path
from typing import Annotated, Any, Literal

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tunesmith.engine.network import Activation, Network
from tunesmith.errors import ModelError, TunesmithError
from tunesmith.model.model import Model
from tunesmith.table.encode import Encoder
from tunesmith.table.target import TaskKind

FORMAT = 1
"""Version of the description; a newer one is refused."""

KEY = "tunesmith"
"""The entry of the safetensors header that holds the description."""


class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A network, written down."""

    inputs: int
    hidden: tuple[int, ...]
    outputs: int
    activation: Literal["sigmoid", "tanh", "relu"]
    batch_norm: bool
    bn_decay: float
    bn_epsilon: float


class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of a model but its arrays."""

    format: Annotated[int, msgspec.Meta(ge=1)]
    network: Shape
    encoder: dict[str, Any]
    target: str
    task: Literal["classification", "regression"]
    classes: tuple[str, ...]
    offset: float
    scale: float
    about: dict[str, Any]


def save_model(model: Model, path: Path) -> None:
    """Write the model; whole or not at all. Raises ModelError where it cannot be written."""
    network = model.network
    description = Description(
        format=FORMAT,
        network=Shape(
            inputs=network.inputs,
            hidden=network.hidden,
            outputs=network.outputs,
            activation=network.activation.value,
            batch_norm=network.batch_norm,
            bn_decay=network.bn_decay,
            bn_epsilon=network.bn_epsilon,
        ),
        encoder=model.encoder.to_builtins(),
        target=model.target,
        task=model.task.value,
        classes=model.classes,
        offset=model.offset,
        scale=model.scale,
        about=dict(model.about),
    )
    arrays = {"weights": model.weights, "mean": model.mean, "variance": model.variance}
    content = save(arrays, metadata={KEY: msgspec.json.encode(description).decode()})
    beside = path.with_name(path.name + ".part")
    try:
        with beside.open("wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        beside.replace(path)
    except OSError as error:
        beside.unlink(missing_ok=True)
        raise ModelError(
            f"the model cannot be written to {path} ({error.strerror}): "
            "choose a folder you may write to with --out"
        ) from error


def load_model(path: Path) -> Model:
    """Read a model; ModelError for anything that `save_model` did not write."""
    if not path.is_file():
        raise ModelError(f"no model {str(path)!r} here: tunesmith fit writes one")
    try:
        with safe_open(path, framework="numpy") as file:
            header = (file.metadata() or {}).get(KEY)
            arrays = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118  no dict
    except (SafetensorError, OSError) as error:
        raise ModelError(f"{path} is not a model, or is damaged ({error}): fit again") from error
    if header is None:
        raise ModelError(f"{path} is a safetensors file, but not one of tunesmith's")
    try:
        return _model(header, arrays)
    except (msgspec.DecodeError, TunesmithError, ValueError, KeyError) as error:
        raise ModelError(f"{path} is damaged ({error}): fit again") from error


def _model(header: str, arrays: dict[str, Any]) -> Model:
    version = msgspec.json.decode(header, type=dict[str, Any]).get("format")
    if isinstance(version, int) and version > FORMAT:
        raise ModelError(f"it is of format {version}, newer than {FORMAT}; upgrade tunesmith")
    description = msgspec.json.decode(header, type=Description)
    shape = msgspec.structs.asdict(description.network)
    network = Network(**shape | {"activation": Activation(shape["activation"])})
    encoder = Encoder.from_builtins(description.encoder)
    task = TaskKind(description.task)
    outputs = len(description.classes) if task is TaskKind.CLASSIFICATION else 1
    if encoder.width != network.inputs or outputs != network.outputs:
        raise ValueError("its parts do not fit each other")
    sizes = {
        "weights": network.weight_count,
        "mean": network.statistics_count,
        "variance": network.statistics_count,
    }
    for name, size in sizes.items():
        if arrays[name].shape != (size,) or arrays[name].dtype != np.float32:
            raise ValueError(f"{name} is not {size} numbers")
    return Model(
        network=network,
        encoder=encoder,
        target=description.target,
        task=task,
        classes=description.classes,
        offset=description.offset,
        scale=description.scale,
        about=description.about,
        **{name: arrays[name] for name in sizes},
    )
