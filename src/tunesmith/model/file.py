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
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.model.writing import write_whole
from tunesmith.table.bins import Bins
from tunesmith.table.encode import Encoder
from tunesmith.table.target import TaskKind
from tunesmith.table.target_scale import TargetScale

FORMAT = 2
"""Version of the file; a newer one is refused. Format 1 had one network, and no bins."""

KEY = "tunesmith"
"""The entry of the safetensors header that is ours."""

ARRAYS = ("weights", "mean", "variance")
"""Of each network; those of the k-th are called "k weights", in format 1 "weights"."""


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
    edges: tuple[tuple[float, ...], ...] = ()
    """Of the bins of its numbers."""


@final
class Description(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """All of a model but its arrays."""

    networks: Annotated[tuple[Shape, ...], msgspec.Meta(min_length=1)]
    encoder: dict[str, Any]
    target: str
    task: Literal["classification", "regression"]
    classes: tuple[str, ...]
    scale: TargetScale
    about: dict[str, Any]


def save_model(model: Model, path: Path) -> None:
    """Write the model; whole or not at all. Raises ModelError where it cannot be written."""
    description = msgspec.json.encode(_description(model))
    arrays = {
        f"{number} {name}": getattr(member, name)
        for number, member in enumerate(model.members)
        for name in ARRAYS
    }
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
    except (msgspec.DecodeError, TunesmithError, ValueError, RecursionError) as error:
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
            names = file.keys() if text is not None else []
            arrays = {name: file.get_tensor(name) for name in names}
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
    return Description(
        networks=tuple(map(_shape, model.members)),
        encoder=model.encoder.to_builtins(),
        target=model.target,
        task=model.task.value,
        classes=model.classes,
        scale=model.scale,
        about=dict(model.about),
    )


def _shape(member: Member) -> Shape:
    network = member.network
    return Shape(
        inputs=network.inputs,
        categories=network.categories,
        hidden=network.hidden,
        outputs=network.outputs,
        activation=network.activation.value,
        batch_norm=network.batch_norm,
        bn_place=network.bn_place.value,
        bn_decay=network.bn_decay,
        bn_epsilon=network.bn_epsilon,
        edges=member.bins.edges,
    )


def _sha256(description: bytes, arrays: Mapping[str, Any]) -> str:
    """Return the seal: the arrays go network by network, each in the order of ARRAYS."""
    sha = hashlib.sha256(description)
    for name in sorted(arrays, key=_place):
        sha.update(arrays[name].tobytes())
    return sha.hexdigest()


def _place(name: str) -> tuple[int, int]:
    """Return which network an array belongs to, and which of its arrays it is."""
    number, _, kind = name.rpartition(" ")
    if kind not in ARRAYS:
        raise ValueError(f"it has {kind!r}, which no network has")
    return int(number or 0), ARRAYS.index(kind)


def _model(text: str, arrays: dict[str, Any]) -> Model:
    entry = msgspec.json.decode(text, type=Entry)
    if entry.sha256 != _sha256(bytes(entry.description), arrays):
        raise ValueError("it does not match its checksum")
    description = _described(entry)
    encoder = Encoder.from_builtins(description.encoder)
    task = TaskKind(description.task)
    outputs = len(description.classes) if task is TaskKind.CLASSIFICATION else 1
    named = {_place(name): array for name, array in arrays.items()}
    members = tuple(
        _member(shape, encoder, outputs, _own(named, number))
        for number, shape in enumerate(description.networks)
    )
    if named:
        raise ValueError("it has arrays of no network")
    return Model(
        members=members,
        encoder=encoder,
        target=description.target,
        task=task,
        classes=description.classes,
        scale=description.scale,
        about=description.about,
    )


def _described(entry: Entry) -> Description:
    """Return the description, that of a file of format 1 in today's form."""
    if entry.format > 1:
        return msgspec.json.decode(entry.description, type=Description)
    plain = msgspec.json.decode(entry.description, type=dict[str, Any])
    return msgspec.convert({"networks": [plain.pop("network", None)], **plain}, Description)


def _own(named: dict[tuple[int, int], Any], number: int) -> list[Any]:
    """Take the arrays of a network away; ValueError where one is missing."""
    for place, name in enumerate(ARRAYS):
        if (number, place) not in named:
            raise ValueError(f"network {number} lacks its {name}")
    return [named.pop((number, place)) for place in range(len(ARRAYS))]


def _member(shape: Shape, encoder: Encoder, outputs: int, arrays: list[Any]) -> Member:
    """Return a network with its arrays; ValueError where they do not fit, or fit no table's row."""
    plain = msgspec.structs.asdict(shape)
    bins = Bins(plain.pop("edges"))
    names = {"activation": Activation(shape.activation), "bn_place": Place(shape.bn_place)}
    network = Network(**plain | names)
    inputs = (encoder.numbers + bins.width, encoder.categories)
    if inputs != (network.inputs, network.categories) or outputs != network.outputs:
        raise ValueError("its parts do not fit each other")
    if bins.edges and len(bins.edges) != encoder.numbers:
        raise ValueError("its parts do not fit each other")
    sizes = (network.weight_count, network.statistics_count, network.statistics_count)
    for name, array, size in zip(ARRAYS, arrays, sizes, strict=True):
        if array.shape != (size,) or array.dtype != np.float32:
            raise ValueError(f"{name} is not {size} numbers")
    weights, mean, variance = arrays
    return Member(network=network, weights=weights, mean=mean, variance=variance, bins=bins)
