"""A table made ready: from a file to arrays, and nothing learned from rows that judge."""

import re
from dataclasses import replace

import msgspec
import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_digits

from tunesmith.errors import DataError, FileError, StudyError
from tunesmith.fit.data import DIGITS, Source, digits, load, prepare, source_of
from tunesmith.fit.lesson import targets_of
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import Encoder
from tunesmith.table.split import split_rows
from tunesmith.table.target import TaskKind, choose_target


def ready(text, target, seed=3):
    """Make a table of text ready."""
    table = type_columns(text)
    return prepare(table, choose_target(table, target), seed=seed)


# --- from file to arrays --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_every_row_with_a_target_has_its_part(datas, texts, name):
    """Rows without a target are in none, the others in one of three."""
    split = datas[name].split
    parts = np.concatenate([split.train, split.valid, split.test])
    assert sorted(parts) == (texts[name][name] != "").arg_true().to_list()
    sizes = [len(split.train), len(split.valid), len(split.test)]
    np.testing.assert_allclose(sizes, [0.6 * 148, 0.2 * 148, 0.2 * 148], atol=1)


def test_classes_of_text(datas, texts):
    """Text is classified: labels count the classes in order of their names, -1 for none."""
    data = datas["fruit"]
    assert (data.task, data.outputs) == (TaskKind.CLASSIFICATION, 3)
    assert data.target.classes == ("apple", "kiwi", "pear")
    names = [data.target.classes[label] if label >= 0 else "" for label in data.y]
    assert names == texts["fruit"]["fruit"].to_list()
    assert data.y.dtype == np.int64


def test_numbers_to_predict(datas, texts):
    """Numbers are predicted as they are, NaN where there is none."""
    data = datas["price"]
    assert (data.task, data.outputs) == (TaskKind.REGRESSION, 1)
    expected = [float(cell or "nan") for cell in texts["price"]["price"]]
    np.testing.assert_array_equal(data.y, expected)


def test_features_drawn_by_hand(datas, texts):
    """Numbers are standardised on the training rows, categories slots, missing values marked."""
    data = datas["price"]
    assert data.encoder.names == ("weight", "weight missing", "shelf", "colour")
    assert (data.encoder.numbers, data.encoder.categories) == (3, (5,))
    x = dict(zip(data.encoder.names, data.x.T, strict=True))
    cells = texts["price"]["weight"].to_list()
    weight = np.array([float(cell) if cell != "?" else np.nan for cell in cells])
    there = weight[data.split.train][~np.isnan(weight[data.split.train])]
    expected = np.where(np.isnan(weight), 0, (weight - there.mean()) / there.std())
    np.testing.assert_allclose(x["weight"], expected, atol=1e-6)
    np.testing.assert_array_equal(x["weight missing"], np.isnan(weight))
    colours = texts["price"]["colour"]
    (column,) = (c for c in data.encoder.columns if c.name == "colour")
    assert set(column.values) == {"red", "yellow", "größer, green"}
    slots = {"?": 3} | {value: slot for slot, value in enumerate(column.values)}
    assert x["colour"].tolist() == [slots[colour] for colour in colours]
    assert data.x.dtype == np.float32
    assert np.isfinite(data.x).all()


def test_what_is_asked_for_is_done(sources, tmp_path, texts):
    """A column dropped, a number taken for a category, whole numbers taken for numbers."""
    path = tmp_path / "x.csv"
    texts["price"].write_csv(path)
    source = source_of(
        path, "shelf", task="regression", types={"weight": "text"}, drop=("colour", "price")
    )
    data = load(source, seed=3)
    assert data.task is TaskKind.REGRESSION
    assert {column.name for column in data.encoder.columns} == {"weight"}
    assert data.encoder.columns[0].kind.value == "category"
    classified = load(source_of(path, "shelf", types={"weight": "number"}), seed=3)
    assert classified.target.classes == tuple("123456")


def test_the_seed_divides_the_rows(sources, many):
    """The same seed makes the same data, another seed another split."""
    first, again = (load(sources["fruit"], seed=5) for _ in range(2))
    other = load(sources["fruit"], seed=6)
    np.testing.assert_array_equal(first.x, again.x)
    for part in ("train", "valid", "test"):
        rows = getattr(first.split, part)
        np.testing.assert_array_equal(rows, getattr(again.split, part))
        assert not np.array_equal(rows, getattr(other.split, part))


# --- what judges is not learned from --------------------------------------------------------------


def spoiled(text, rows, **cells):
    """Return a table with other cells in those rows."""
    at = pl.Series(np.isin(np.arange(text.height), rows))
    return text.with_columns(
        **{name: pl.when(at).then(pl.lit(cell)).otherwise(name) for name, cell in cells.items()}
    )


@pytest.mark.parametrize("part", ["valid", "test"])
@pytest.mark.parametrize(
    ("target", "cells"),
    [
        ("fruit", {"weight": "1e30", "colour": "purple", "shelf": "-99"}),
        ("fruit", {"weight": "", "colour": "", "shelf": ""}),
        ("price", {"weight": "-7e11", "colour": "violet", "price": "1e12"}),
    ],
    ids=["wild", "missing", "target"],
)
def test_rows_that_judge_teach_nothing(texts, many, target, cells, part):
    """Whatever stands in them, encoder, target scale and training rows are the same."""
    data = ready(texts[target], target)
    rows = getattr(data.split, part)
    other = ready(spoiled(texts[target], rows, **cells), target)
    train = data.split.train
    np.testing.assert_array_equal(other.split.train, train)
    assert other.encoder == data.encoder
    np.testing.assert_array_equal(other.x[train], data.x[train])
    assert not np.array_equal(other.x[rows], data.x[rows])
    targets, changed = targets_of(data, train), targets_of(other, train)
    assert changed.scale == targets.scale
    np.testing.assert_array_equal(changed.values[train], targets.values[train])


def test_training_rows_do_teach(texts):
    """The law above can fail: the same change in training rows changes the encoder."""
    data = ready(texts["price"], "price")
    other = ready(spoiled(texts["price"], data.split.train[:1], weight="-7e11"), "price")
    assert other.encoder != data.encoder


# --- the digits -----------------------------------------------------------------------------------


def test_digits():
    """1,797 images as text, a column for each of 8 x 8 pixels: three that never vary are left."""
    text = digits()
    assert text.shape == (1797, 65)
    assert set(text.dtypes) == {pl.String}
    assert text["pixel_3_5"].cast(int).to_list() == load_digits().images[:, 3, 5].tolist()
    data = load(source_of(None, "digit"), seed=3)
    assert data.x.shape == (1797, 61)
    assert data.target.classes == tuple("0123456789")
    np.testing.assert_array_equal(data.y, load_digits().target)
    assert data.x[data.split.train].mean() == pytest.approx(0, abs=1e-5)


# --- sources --------------------------------------------------------------------------------------


def test_a_source_goes_through_json(sources, tmp_path):
    """A study keeps it as plain data, and reads back the same."""
    full = replace_all(sources["price"])
    asked = source_of(sources["price"].name, "price", group="shelf", balanced=True, ensemble=True)
    assert (asked.group, asked.time, asked.balanced, asked.ensemble) == ("shelf", None, True, True)
    for source in (sources["fruit"], full, asked, source_of(None, "digit")):
        assert Source.of(msgspec.json.decode(msgspec.json.encode(source))) == source
        assert Source.of(msgspec.to_builtins(source)) == source
    assert source_of(None, "digit").name == DIGITS


def replace_all(source):
    """Return a source in which everything is set."""
    return msgspec.structs.replace(
        source,
        task="regression",
        types={"weight": "number", "größe": "text"},
        drop=["shop"],
        missing=["NA", "?"],
    )


@pytest.mark.parametrize("plain", [{}, {"name": 3}, {"function": "bowl"}], ids=str)
def test_a_study_of_no_table_is_refused(plain):
    """A study of a user's function is gone on with by calling tune again, and it says so."""
    with pytest.raises(StudyError) as caught:
        Source.of(plain)
    assert re.fullmatch(
        r"this study was not made from a table \(.+\): go on with it by calling ts\.tune again "
        r"with the same arguments",
        str(caught.value),
    )


def test_a_file_that_changed_is_refused(sources, tmp_path, texts):
    """One digit in one cell, and it is another file; the same bytes elsewhere are the same."""
    copy = tmp_path / "copy.csv"
    texts["fruit"].write_csv(copy)
    np.testing.assert_array_equal(
        load(sources["fruit"], seed=3, path=copy).x, load(sources["fruit"], seed=3).x
    )
    copy.write_text(copy.read_text().replace("9", "8", 1))
    with pytest.raises(DataError) as caught:
        load(sources["fruit"], seed=3, path=copy)
    assert str(caught.value) == (
        f"{copy} is not the file that the study was made from (its SHA-256 differs): "
        "give the original one with --data"
    )


def test_a_file_that_is_gone_is_refused(sources, tmp_path):
    """No file to start from, and none to go on with."""
    with pytest.raises(FileError, match=r"no file .*gone\.csv"):
        source_of(tmp_path / "gone.csv", "fruit")
    with pytest.raises(FileError, match=r"no file .*gone\.csv"):
        load(sources["fruit"], seed=3, path=tmp_path / "gone.csv")


def test_an_unknown_type_is_refused(sources):
    """The sentence names the column, what was asked, and the types there are."""
    source = msgspec.structs.replace(sources["fruit"], types={"shelf": "money"})
    with pytest.raises(DataError) as caught:
        load(source, seed=3)
    assert str(caught.value) == (
        "shelf=money: a column is taken for one of number, decimal-comma, category, text, date, "
        "day-first, month-first"
    )


def test_a_table_without_features_is_refused(sources):
    """Once all that varies is dropped, nothing is left to predict from."""
    source = msgspec.structs.replace(sources["fruit"], drop=["weight", "colour", "shelf"])
    with pytest.raises(DataError) as caught:
        load(source, seed=3)
    assert str(caught.value) == (
        "no column is left to predict 'fruit' from: "
        "give a table with at least one column that varies"
    )


def test_a_column_that_only_varies_elsewhere_is_refused(tmp_path):
    """A date that is the same in all rows to train on gives a network no input."""
    labels = np.arange(60) % 2
    other = split_rows(np.arange(60), labels, seed=3).test[0]
    path = tmp_path / "day.csv"
    rows = [f"{'' if k == other else '2021-02-03'},{'ab'[k % 2]}" for k in range(60)]
    path.write_text("day,y\n" + "\n".join(rows) + "\n")
    with pytest.raises(DataError) as caught:
        load(source_of(path, "y"), seed=3)
    assert str(caught.value) == (
        "no column varies in the rows to train on, and 'y' cannot be predicted without one: add "
        "rows, or columns that vary"
    )


def test_what_stands_for_missing_is_stored(tmp_path):
    """The source says it to a resumed study, and the encoder to predictions."""
    path = tmp_path / "s.csv"
    rows = [f"{('None', 'Mild', '.')[k % 3]},{k % 7 if k % 5 else '.'}" for k in range(90)]
    path.write_text("severity,x\n" + "\n".join(rows) + "\n")
    source = source_of(path, "severity", missing=(".",))
    assert Source.of(msgspec.json.decode(msgspec.json.encode(source))) == source
    data = load(source, seed=3)
    assert (data.target.classes, data.target.dropped) == (("Mild", "None"), 30)
    assert data.encoder.marks == ("", ".")
    again = Encoder.from_builtins(msgspec.json.decode(msgspec.json.encode(data.encoder)))
    new = again.typed(pl.DataFrame({"x": [".", "", "3"]}))
    assert new.frame["x"].to_list() == [None, None, 3]
    with pytest.raises(DataError, match=r"^column 'x' is taken for numbers but holds 'NA' at line"):
        again.typed(pl.DataFrame({"x": ["NA"]}))


# --- how rows are divided, and what they count ----------------------------------------------------


@pytest.mark.parametrize("name", ["fruit", "price"])
def test_where_rows_are_few_all_known_judge(few, datas, name):
    """The test rows are those of a split in three; all others train, and judge once."""
    split, three = few[name].split, datas[name].split
    np.testing.assert_array_equal(split.test, three.test)
    np.testing.assert_array_equal(split.train, three.known)
    assert (len(split.folds), len(split.valid)) == (5, 0)
    assert sorted(split.judging) == split.train.tolist()
    assert datas[name].split.folds == ()


def test_the_demo_has_one_part_that_judges():
    """1,438 known rows are many enough: its networks are trained once each."""
    split = load(source_of(None, "digit"), seed=3).split
    assert split.folds == ()
    assert len(split.known) == 1438


def test_rows_of_a_group_stay_together(sources):
    """No shelf is in two parts, nor in two folds; and a shelf's name is no feature."""
    data = load(msgspec.structs.replace(sources["fruit"], group="shelf"), seed=3)
    shelf = data.table.frame["shelf"].to_numpy()
    parts = [data.split.test, *(judging for _, judging in data.split.folds)]
    shelves = [set(shelf[rows]) for rows in parts]
    assert sum(map(len, shelves)) == len(set.union(*shelves)) == 6
    assert all(not set(shelf[rows]) & set(shelf[other]) for rows, other in data.split.folds)
    assert {column.name for column in data.encoder.columns} == {"weight", "colour"}


def test_rows_are_divided_by_time(sources):
    """The latest test, those before them validate, however few they are."""
    data = load(msgspec.structs.replace(sources["price"], time="shelf"), seed=3)
    order = data.table.frame["shelf"].to_numpy()
    split = data.split
    assert split.folds == ()
    assert order[split.train].max() < order[split.valid].min()
    assert order[split.valid].max() < order[split.test].min()


def test_each_class_counts_the_same(sources, texts):
    """The weights of every class come to the same sum; of all rows with a target, to their number.

    Rows without one count nothing.
    """
    data = load(msgspec.structs.replace(sources["fruit"], balanced=True), seed=3)
    sums = [data.weight[data.y == label].sum() for label in range(3)]
    np.testing.assert_allclose(sums, 148 / 3)
    assert not data.weight[data.y < 0].any()
    np.testing.assert_array_equal(data.weight_of(np.array([4, 9])), data.weight[[4, 9]])
    assert load(sources["fruit"], seed=3).weight_of(np.array([4, 9])) is None


@pytest.mark.parametrize(
    ("name", "changes", "sentence"),
    [
        (
            "fruit",
            {"group": "fruit"},
            "'fruit' is the target: divide the rows by another column",
        ),
        (
            "price",
            {"time": "price"},
            "'price' is the target: divide the rows by another column",
        ),
        (
            "price",
            {"balanced": True},
            "'price' is a number, and only classes are balanced: drop --balanced",
        ),
        ("price", {"group": "shlef"}, "no column 'shlef'; did you mean 'shelf'?"),
    ],
)
def test_what_rows_cannot_be_divided_by(sources, name, changes, sentence):
    """One sentence, with what to do instead."""
    with pytest.raises(DataError) as caught:
        load(msgspec.structs.replace(sources[name], **changes), seed=3)
    assert str(caught.value) == sentence


def test_groups_and_time_are_not_for_one_table(sources):
    """Found before the table is read."""
    with pytest.raises(DataError) as caught:
        source_of("there is no such file", "fruit", group="shelf", time="weight")
    assert str(caught.value) == (
        "rows are kept together by --group or ordered by --time: choose one"
    )


def test_data_is_frozen(datas):
    """What is made ready stays as it is; another is a new one."""
    data = datas["fruit"]
    with pytest.raises(AttributeError):
        data.y = None
    assert replace(data, y=data.y + 1).y is not data.y
