"""Model files: nothing is lost, nothing is run, and no damage becomes a wrong number.

`python -m tests.model.test_file` makes the file of the present format, once, when it is new.
"""

import hashlib
import json
import os
import struct
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest
from safetensors.numpy import save_file
from tests.waiting import PATIENCE

from tunesmith.engine.network import Activation, Network
from tunesmith.errors import ModelError
from tunesmith.model.file import FORMAT, load_model, save_model
from tunesmith.model.member import Member
from tunesmith.model.model import Model
from tunesmith.rng import stream
from tunesmith.table.bins import Bins
from tunesmith.table.encode import CategoryColumn, Encoder, NumberColumn
from tunesmith.table.normalize import Normalize
from tunesmith.table.target import TaskKind

GOLDEN = Path(__file__).parents[1] / "golden"
ARRAYS = ("weights", "mean", "variance")
"""Of each network."""


# --- reading a file without our code --------------------------------------------------------------


def parts(path):
    """Return a safetensors file's header and its data: 8 bytes of length, JSON, raw numbers."""
    content = path.read_bytes()
    (length,) = struct.unpack("<Q", content[:8])
    return json.loads(content[8 : 8 + length]), content[8 + length :]


def entry_of(path):
    """Return our entry in the header of a model file, and the text of its description."""
    text = parts(path)[0]["__metadata__"]["tunesmith"]
    return json.loads(text), text[text.index('"description":') + len('"description":') : -1]


def rewrite(path, *, entry=None, arrays=None, **description):
    """Write a model file anew with parts of it changed, and its checksum right.

    The arrays are sealed network by network, in the order of ARRAYS.
    """
    header, data = parts(path)
    old, _ = entry_of(path)
    there = {
        name: np.frombuffer(data[slice(*told["data_offsets"])], np.float32)
        for name, told in header.items()
        if name != "__metadata__"
    } | (arrays or {})
    there = {name: array for name, array in there.items() if array is not None}
    text = json.dumps(old["description"] | description)
    sha = hashlib.sha256(text.encode())
    for name in (f"{number} {name}" for number in range(10) for name in ARRAYS):
        sha.update(there[name].tobytes() if name in there else b"")
    head = {"format": old["format"], "sha256": sha.hexdigest()} | (entry or {})
    new = json.dumps(head)[:-1] + f', "description":{text}' + "}"
    save_file(there, path, metadata={"tunesmith": new})


def same(model, other):
    """Return whether two models are equal, bit for bit; it says where they are not."""
    assert plainly(model, Model, "members") == plainly(other, Model, "members")
    for one, two in zip(model.members, other.members, strict=True):
        assert plainly(one, Member, *ARRAYS) == plainly(two, Member, *ARRAYS)
        for name in ARRAYS:
            assert getattr(one, name).dtype == getattr(two, name).dtype
            assert getattr(one, name).tobytes() == getattr(two, name).tobytes()
    return True


def plainly(record, kind, *without):
    """Return the fields of a record, without some."""
    return {f.name: getattr(record, f.name) for f in fields(kind) if f.name not in without}


@pytest.fixture
def path(tmp_path, trained):
    """Return the path of a model that was just saved."""
    path = tmp_path / "größe 1.model"
    save_model(trained()[1], path)
    return path


# --- round trip -----------------------------------------------------------------------------------


@pytest.mark.parametrize("several", [False, True], ids=["one", "several"])
@pytest.mark.parametrize("batch_norm", [True, False], ids=["batch norm", "bias"])
@pytest.mark.parametrize("task", TaskKind)
def test_a_model_comes_back_as_it_was(trained, joined, text, tmp_path, task, batch_norm, several):
    """Arrays and all else are the same to the bit, and so are the predictions."""
    _, model, _ = trained(Activation.TANH, batch_norm, task)
    model = joined(model) if several else model
    path = tmp_path / "x.model"
    save_model(model, path)
    loaded = load_model(path)
    assert same(loaded, model)
    table = loaded.encoder.typed(text)
    assert loaded.predict(table).equals(model.predict(table))
    assert [entry.name for entry in tmp_path.iterdir()] == ["x.model"]


def test_a_model_replaces_the_one_before(path, trained):
    """Saving under a name that is taken leaves the new model, whole."""
    _, model, _ = trained(Activation.SIGMOID)
    save_model(model, path)
    assert same(load_model(path), model)


def test_equal_models_are_equal_files(path, trained, tmp_path):
    """The same model is the same bytes: no time, no path, no order of a hash."""
    again = tmp_path / "again.model"
    for _ in range(5):
        save_model(trained()[1], again)
        assert again.read_bytes() == path.read_bytes()


def test_a_file_is_json_and_numbers(trained, joined, tmp_path):
    """A header in JSON, then three arrays a network and not a byte more: nothing to be run."""
    path, model = tmp_path / "x.model", joined(trained()[1])
    save_model(model, path)
    header, data = parts(path)
    arrays = {
        f"{number} {name}": getattr(member, name).tobytes()
        for number, member in enumerate(model.members)
        for name in ARRAYS
    }
    assert len(arrays) == 9
    assert set(header) == {"__metadata__", *arrays}
    assert set(header["__metadata__"]) == {"tunesmith"}
    for name, array in arrays.items():
        first, last = header[name]["data_offsets"]
        assert data[first:last] == array
    assert len(data) == sum(map(len, arrays.values()))
    entry, text = entry_of(path)
    sealed = text.encode() + b"".join(arrays.values())
    assert entry["sha256"] == hashlib.sha256(sealed).hexdigest()


def test_loading_needs_no_compiler(path):
    """A model loads and predicts where neither numba, SciPy nor scikit-learn are imported."""
    program = f"""
import sys
from pathlib import Path
import polars as pl
from tunesmith.model.file import load_model
model = load_model(Path({str(path)!r}))
table = pl.DataFrame({{"height": ["171"], "colour": ["red"], "floor": ["5"]}})
assert model.predict(model.encoder.typed(table)).height == 1
print(*{{name.split(".")[0] for name in sys.modules}})
"""
    done = subprocess.run(
        [sys.executable, "-c", program],
        capture_output=True,
        text=True,
        check=True,
        timeout=PATIENCE,
    )
    loaded = set(done.stdout.split())
    assert "safetensors" in loaded
    assert loaded.isdisjoint({"numba", "llvmlite", "scipy", "sklearn", "torch"})


# --- the file of every format ---------------------------------------------------------------------

FIRST = Model(
    members=(
        Member(
            network=Network(
                inputs=2,
                categories=(4,),
                hidden=(2,),
                outputs=3,
                activation=Activation.SIGMOID,
                bn_decay=0.95,
            ),
            weights=np.linspace(-1.5, 2.0, 25, dtype=np.float32),
            mean=np.array([0.25, -1.75], np.float32),
            variance=np.array([3.0, 40.0], np.float32),
        ),
    ),
    encoder=Encoder(
        (
            CategoryColumn(name='"q", \\', values=("größer", "\t"), rare=3, missing=True),
            NumberColumn(
                name="breite\n(cm)",
                normalize=Normalize.ROBUST,
                center=0.1 + 0.2,
                spread=5e-3,
                missing=True,
            ),
        )
    ),
    target="a target",
    task=TaskKind.CLASSIFICATION,
    classes=("no", "yes", "per\u2028haps"),
    about={"seed": 2**53 + 1, "score": {"value": 0.1, "rows": 17}, "config": {"units": 2}},
)
"""What is in the file of format 1."""

SECOND = replace(
    FIRST,
    members=(
        *FIRST.members,
        Member(
            network=Network(
                inputs=5,
                categories=(4,),
                hidden=(3,),
                outputs=3,
                activation=Activation.TANH,
                batch_norm=False,
            ),
            weights=np.linspace(-1.25, 1.5, 42, dtype=np.float32),
            mean=np.empty(0, np.float32),
            variance=np.empty(0, np.float32),
            bins=Bins(((-2.5, float(np.float32(0.1)), 1.0, 4.5), ())),
        ),
    ),
)
"""What is in the file of format 2: the same, and a network whose numbers are spread over bins."""

TABLE = pl.DataFrame({"breite\n(cm)": ["0.3", "", "0.31"], '"q", \\': ["größer", "NA", "unseen"]})
SHARES = {
    1: [
        [0.260524238, 0.327580189, 0.411895573],
        [0.256953376, 0.326973197, 0.416073426],
        [0.250491058, 0.325788539, 0.423720402],
    ],
    2: [
        [0.289010587, 0.330329315, 0.380660098],
        [0.303210425, 0.330025144, 0.366764430],
        [0.313566854, 0.328660465, 0.357772680],
    ],
}
"""Each class's probability for each row of TABLE, as the model of each format has it."""


def golden(version):
    """Return the path of the file of a format."""
    return GOLDEN / f"format_{version}.safetensors"


@pytest.mark.parametrize(("version", "held"), [(1, FIRST), (2, SECOND)])
def test_a_model_of_every_format_still_predicts(version, held):
    """The file that a format was released with loads, and gives the numbers it gave."""
    model = load_model(golden(version))
    assert same(model, held)
    predictions = model.predict(model.encoder.typed(TABLE))
    assert predictions.columns[1:] == [f"probability of {name}" for name in held.classes]
    np.testing.assert_allclose(predictions.drop("a target").to_numpy(), SHARES[version], atol=1e-6)


def test_every_format_has_its_file():
    """A new format keeps the files of those before it, and adds its own."""
    there = sorted(path.name for path in GOLDEN.glob("*.safetensors"))
    assert there == [f"format_{version}.safetensors" for version in range(1, FORMAT + 1)]


def test_the_present_format_is_written_as_ever(tmp_path):
    """The header that we write is the one in the file, to the letter."""
    path = tmp_path / "x.model"
    save_model(SECOND, path)
    assert parts(path) == parts(golden(FORMAT))


def test_a_damaged_file_of_format_1_is_refused(tmp_path):
    """Its seal is as good as that of a new one, and its description is looked at as closely."""
    path = tmp_path / "x.model"
    content = golden(1).read_bytes()
    path.write_bytes(content.replace(b"a target", b"a turret"))
    assert refusal(path) == f"{path} is damaged (it does not match its checksum): fit again"
    for description in ("[]", "{}", '{"network": 3}'):
        sha256 = hashlib.sha256(description.encode()).hexdigest()
        entry = f'{{"format": 1, "sha256": "{sha256}", "description": {description}}}'
        save_file({}, path, metadata={"tunesmith": entry})
        assert refusal(path).startswith(f"{path} is damaged (")


# --- what is refused ------------------------------------------------------------------------------


def refusal(path):
    """Return the sentence with which a file is refused."""
    with pytest.raises(ModelError) as caught:
        load_model(path)
    return str(caught.value)


@pytest.mark.parametrize(
    "change",
    [{"format": FORMAT + 1}, {"format": FORMAT + 8, "more": [3]}],
    ids=["same entry", "another entry"],
)
def test_a_newer_format_is_refused(path, change):
    """It is not called damaged: the remedy is another version of tunesmith."""
    rewrite(path, entry=change)
    newer = f"is of format {change['format']}, newer than {FORMAT}: upgrade tunesmith"
    assert refusal(path) == f"{path} {newer}"


@pytest.mark.parametrize(
    "content",
    [b"", b"\0", b"age,colour\n3,red\n", b"\x80\x05K\x07.", b"PK\x03\x04" * 50, b"\xff" * 97],
    ids=["empty", "a byte", "CSV", "pickle", "zip", "bytes"],
)
def test_what_is_no_model_is_refused(tmp_path, content):
    """Any other file gives one sentence."""
    path = tmp_path / "x.model"
    path.write_bytes(content)
    assert refusal(path).startswith(f"{path} is not a model, or is damaged (")
    assert refusal(path).endswith("): fit again")


@pytest.mark.parametrize("metadata", [None, {"format": "pt"}], ids=["none", "PyTorch's"])
def test_a_foreign_network_is_refused(tmp_path, metadata):
    """A safetensors file of other makers says nothing of a table."""
    path = tmp_path / "x.model"
    save_file({"weights": np.ones(3, np.float32)}, path, metadata=metadata)
    assert refusal(path) == (
        f"{path} is a safetensors file, but not one of tunesmith's: give one that fit wrote"
    )


def test_what_is_not_there_is_refused(tmp_path):
    """A name without a file, a folder, a name too long for the system."""
    there = tmp_path / "nö.model"
    assert refusal(there) == f"no model {str(there)!r} here: tunesmith fit writes one"
    folder = f"{tmp_path} cannot be read (Is a directory): check its name and permissions"
    assert refusal(tmp_path) == folder
    assert "cannot be read (File name too long)" in refusal(tmp_path / ("x" * 300))


def test_a_file_cut_short_is_refused(path):
    """Wherever a file ends too early, it does not load; one byte more does it neither."""
    content = path.read_bytes()
    for length in (*range(0, len(content), 41), len(content) - 1):
        path.write_bytes(content[:length])
        assert str(path) in refusal(path)
    path.write_bytes(content + b"\0")
    assert str(path) in refusal(path)


@pytest.mark.parametrize("where", ["header", "data"])
def test_a_flipped_bit_is_no_wrong_number(path, where):
    """300 flips in each part: the file is refused, or it is the model it was."""
    content, model = path.read_bytes(), load_model(path)
    header = 8 + struct.unpack("<Q", content[:8])[0]
    first, last = (0, header) if where == "header" else (header, len(content))
    chance = stream(11, "flips", where)
    refused = 0
    for _ in range(300):
        damaged = bytearray(content)
        damaged[chance.integers(first, last)] ^= 1 << int(chance.integers(8))
        path.write_bytes(damaged)
        try:
            assert same(load_model(path), model)
        except ModelError:
            refused += 1
    assert refused > 290


@pytest.mark.parametrize(
    "change",
    [
        {"target": "another"},
        {"scale": {"offset": 3.0}},
        {"classes": ["high", "mid, or so", "low"]},
    ],
    ids=lambda change: next(iter(change)),
)
def test_an_edited_description_is_refused(path, change):
    """Words and numbers of the description are sealed like the weights."""
    seal = entry_of(path)[0]["sha256"]
    rewrite(path, entry={"sha256": seal}, **change)
    assert refusal(path) == (f"{path} is damaged (it does not match its checksum): fit again")


NUMBER = {
    "type": "number",
    "name": "height",
    "normalize": "none",
    "center": 0.5,
    "spread": 1.0,
    "missing": False,
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"entry": {"format": 0}}, "`int` >= 1"),
        ({"entry": {"format": "1"}}, "Expected `int`"),
        ({"entry": {"more": 3}}, "unknown field `more`"),
        ({"task": "clustering"}, "clustering"),
        ({"more": 3}, "unknown field `more`"),
        ({"scale": None}, "scale"),
        ({"scale": {"scale": 0.0}}, "`float` > 0.0"),
        ({"scale": {"low": "3"}}, "low"),
        ({"classes": ["one", "two"]}, "do not fit"),
        ({"task": "regression"}, "do not fit"),
        ({"encoder": {"columns": []}}, "do not fit"),
        ({"encoder": {"columns": [{"type": "number"}]}}, "name"),
        ({"encoder": {"columns": [{**NUMBER, "normalize": "minmax"}]}}, "minmax"),
        ({"encoder": {"columns": [{**NUMBER, "spread": -1.0}]}}, "`float` >= 0.0"),
        ({"arrays": {"0 weights": np.zeros(5, np.float32)}}, "weights is not"),
        ({"arrays": {"0 mean": np.zeros((12, 1), np.float32)}}, "mean is not 12 numbers"),
        ({"arrays": {"0 variance": np.zeros(12)}}, "variance is not 12 numbers"),
        ({"arrays": {"0 variance": None}}, "network 0 lacks its variance"),
        ({"arrays": {"1 mean": np.zeros(12, np.float32)}}, "arrays of no network"),
        ({"arrays": {"0 median": np.zeros(12, np.float32)}}, "median"),
        ({"networks": []}, "length >= 1"),
        ({"networks": 3}, "networks"),
    ],
)
def test_a_description_that_makes_no_sense_is_refused(path, change, said):
    """Also under a right checksum the parts must be known and fit each other."""
    rewrite(path, **change)
    assert refusal(path).startswith(f"{path} is damaged (")
    assert said in refusal(path)


@pytest.mark.parametrize(
    ("shape", "said"),
    [
        ({"hidden": [0]}, "whole number of 1 or more"),
        ({"hidden": [10**9, 10**9]}, "weights, more than"),
        ({"activation": "swish"}, "swish"),
        ({"categories": [0]}, "whole number of 1 or more"),
        ({"categories": [-3]}, "whole number of 1 or more"),
        ({"categories": ["4"]}, "Expected `int`"),
        ({"hidden": [10**4], "categories": [10**5]}, "weights, more than"),
        ({"categories": [10**8]}, "slots, more than"),
        ({"categories": [3, 3]}, "do not fit"),
        ({"categories": [7]}, "do not fit"),
        ({"categories": []}, "do not fit"),
        ({"inputs": 0}, "do not fit"),
        ({"inputs": -1}, "whole number of 1 or more"),
        ({"bn_epsilon": -1.0}, "bn_epsilon"),
        ({"edges": [[-1.0, 0.5, 0.5, 2.0], [], []]}, "do not ascend"),
        ({"edges": [[], [], [0.5, 2.0, 1.0]]}, "do not ascend"),
        ({"edges": [[0.5], [], []]}, "do not ascend"),
        ({"edges": [["0.5"], [], []]}, "Expected `float`"),
        ({"edges": [[], [-1.0, 0.5, 1.0, 2.0], []]}, "do not fit"),
        ({"edges": [[-1.0, 0.5, 2.0]], "inputs": 5}, "do not fit"),
        ({"edges": [[], [], [], [-1.0, 0.5, 2.0]], "inputs": 5}, "do not fit"),
    ],
)
def test_a_network_that_cannot_be_is_refused(path, shape, said):
    """A description does not make us build what we would not build ourselves."""
    (network,) = entry_of(path)[0]["description"]["networks"]
    rewrite(path, networks=[network | shape])
    assert said in refusal(path)


def test_a_description_without_end_is_refused(path):
    """Brackets nested deeper than anyone reads are damage, not a crash."""
    content = '{"format": 1, "sha256": "", "description": ' + "[" * 100_000
    save_file({"weights": np.ones(3, np.float32)}, path, metadata={"tunesmith": content})
    assert refusal(path).startswith(f"{path} is damaged (")


# --- what cannot be written -----------------------------------------------------------------------


def blocked(model, path):
    """Return the sentence that saving gives, once nothing is left over."""
    before = sorted(path.parent.rglob("*")) if path.parent.is_dir() else []
    with pytest.raises(ModelError) as caught:
        save_model(model, path)
    assert (sorted(path.parent.rglob("*")) if path.parent.is_dir() else []) == before
    return str(caught.value)


def cannot(path, reason):
    """Return the sentence for a reason."""
    return (
        f"the model cannot be written to {path} ({reason}): "
        "choose a folder you may write to with --out"
    )


def test_where_nothing_can_be_written(path, trained, tmp_path):
    """No folder, a file for a folder, a folder for a file, a name too long: one sentence each."""
    _, model, _ = trained()
    nowhere = tmp_path / "no" / "x.model"
    assert blocked(model, nowhere) == cannot(nowhere, "No such file or directory")
    inside = path / "x.model"
    assert blocked(model, inside) == cannot(inside, "Not a directory")
    assert blocked(model, tmp_path) == cannot(tmp_path, "Is a directory")
    long = tmp_path / ("x" * 252)  # fits, but for what is added while it is written
    assert blocked(model, long) == cannot(long, "File name too long")


def test_no_permission(path, trained, monkeypatch):
    """A folder that may not be written in gives the sentence, and the model before stays."""
    _, model, _ = trained(Activation.SIGMOID)
    before = path.read_bytes()

    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    assert blocked(model, path) == cannot(path, "Permission denied")
    monkeypatch.undo()
    assert path.read_bytes() == before


@pytest.mark.parametrize(
    "stop", [OSError(28, "No space left on device"), KeyboardInterrupt()], ids=["full", "Ctrl-C"]
)
def test_a_model_is_written_whole_or_not_at_all(path, trained, monkeypatch, stop):
    """A full disk or Ctrl-C in the middle leaves the model before, and no part of the new one."""
    _, model, _ = trained(Activation.SIGMOID)
    before = path.read_bytes()

    def fail(_):
        raise stop

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises((ModelError, KeyboardInterrupt)) as caught:
        save_model(model, path)
    assert list(path.parent.iterdir()) == [path]
    assert path.read_bytes() == before
    if isinstance(stop, OSError):
        assert str(caught.value) == cannot(path, "No space left on device")


if __name__ == "__main__":
    save_model(SECOND, golden(FORMAT))
    sys.stdout.write(f"made {golden(FORMAT)}\n")
