"""Model files: one safetensors file, its description as JSON in the header. No pickle, no code."""

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, final

import msgspec
import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save

from tunesmith.engine.network import Activation, Network, Place
from tunesmith.errors import ModelError, TunesmithError
from tunesmith.model.model import Model
from tunesmith.model.writing import write_whole
from tunesmith.table.encode import Encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import TargetScale

FORMAT = 1
"""Version of the file; a newer one is refused."""

KEY = "tunesmith"
"""The entry of the safetensors header that is ours."""

ARRAYS = ("weights", "mean", "variance")


@final
class Version(msgspec.Struct, frozen=True):
    """As much of our entry as every version has."""

    format: Annotated[int, msgspec.Meta(ge=1)]


@final
class Entry(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """Our entry: the description, sealed. A flipped bit must not become a wrong prediction."""

    format: int
    sha256: str
    """Of the description as it is written, and of the arrays."""
    description: msgspec.Raw


@final
class Shape(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """A network, written down."""

    inputs: int
    categories: tuple[int, ...]
    hidden: tuple[int, ...]
    outputs: int
    activation: str
    batch_norm: bool
    bn_place: str = "before"
    bn_decay: float
    bn_epsilon: float


@final
class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of a model but its arrays."""

    network: Shape
    encoder: dict[str, Any]
    target: str
    task: Literal["classification", "regression"]
    classes: tuple[str, ...]
    scale: TargetScale
    about: dict[str, Any]


def save_model(model: Model, path: Path) -> None:
    """Write the model; whole or not at all. Raises ModelError where it cannot be written."""
    description = msgspec.json.encode(_description(model))
    arrays = {name: getattr(model, name) for name in ARRAYS}
    entry = Entry(
        format=FORMAT, sha256=_sha256(description, arrays), description=msgspec.Raw(description)
    )
    content = save(arrays, metadata={KEY: msgspec.json.encode(entry).decode()})
    try:
        write_whole(path, content)
    except OSError as error:
        raise ModelError(
            f"the model cannot be written to {path} ({error.strerror}): "
            "choose a folder you may write to with --out"
        ) from error


def load_model(path: Path) -> Model:
    """Read a model; ModelError for anything that `save_model` did not write."""
    text, arrays = _read(path)
    try:
        version = msgspec.json.decode(text, type=Version).format
        model = _model(text, arrays) if version <= FORMAT else None
    except (msgspec.DecodeError, TunesmithError, ValueError, KeyError, RecursionError) as error:
        raise ModelError(f"{path} is damaged ({error}): fit again") from error
    if model is None:
        raise ModelError(f"{path} is of format {version}, newer than {FORMAT}: upgrade tunesmith")
    return model


def _read(path: Path) -> tuple[str, dict[str, Any]]:
    """Return our entry of the header, and the arrays."""
    try:
        # Opened by us as well: safe_open says "no such file" whatever the reason.
        with path.open("rb"), safe_open(path, framework="numpy") as file:
            text = (file.metadata() or {}).get(KEY)
            names = set(file.keys()) if text is not None else set()
            there = [name for name in ARRAYS if name in names]
            arrays = {name: file.get_tensor(name) for name in there}
    except FileNotFoundError as error:
        raise ModelError(f"no model {str(path)!r} here: tunesmith fit writes one") from error
    except OSError as error:
        raise ModelError(
            f"{path} cannot be read ({error.strerror or error}): check its name and permissions"
        ) from error
    except (SafetensorError, TypeError) as error:
        raise ModelError(f"{path} is not a model, or is damaged ({error}): fit again") from error
    if text is None:
        raise ModelError(
            f"{path} is a safetensors file, but not one of tunesmith's: give one that fit wrote"
        )
    return text, arrays


def _description(model: Model) -> Description:
    network = model.network
    return Description(
        network=Shape(
            inputs=network.inputs,
            categories=network.categories,
            hidden=network.hidden,
            outputs=network.outputs,
            activation=network.activation.value,
            batch_norm=network.batch_norm,
            bn_place=network.bn_place.value,
            bn_decay=network.bn_decay,
            bn_epsilon=network.bn_epsilon,
        ),
        encoder=model.encoder.to_builtins(),
        target=model.target,
        task=model.task.value,
        classes=model.classes,
        scale=model.scale,
        about=dict(model.about),
    )


def _sha256(description: bytes, arrays: Mapping[str, Any]) -> str:
    sha = hashlib.sha256(description)
    for name in ARRAYS:
        sha.update(arrays[name].tobytes())
    return sha.hexdigest()


def _model(text: str, arrays: dict[str, Any]) -> Model:
    entry = msgspec.json.decode(text, type=Entry)
    if entry.sha256 != _sha256(bytes(entry.description), arrays):
        raise ValueError("it does not match its checksum")
    description = msgspec.json.decode(entry.description, type=Description)
    shape = msgspec.structs.asdict(description.network)
    names = {
        "activation": Activation(shape["activation"]),
        "bn_place": Place(shape["bn_place"]),
    }
    network = Network(**shape | names)
    encoder = Encoder.from_builtins(description.encoder)
    task = TaskKind(description.task)
    outputs = len(description.classes) if task is TaskKind.CLASSIFICATION else 1
    inputs = (encoder.numbers, encoder.categories)
    if inputs != (network.inputs, network.categories) or outputs != network.outputs:
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
        scale=description.scale,
        about=description.about,
        **{name: arrays[name] for name in sizes},
    )
