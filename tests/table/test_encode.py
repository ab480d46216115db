"""Tables as arrays."""

import json
from datetime import datetime

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.datasets import load_wine

from tunesmith.errors import DataError
from tunesmith.table.columns import type_columns
from tunesmith.table.encode import MAX_CATEGORIES, Encoder, fit_encoder
from tunesmith.table.frames import from_frame
from tunesmith.table.guess import Kind
from tunesmith.table.normalize import FARTHEST, Normalize
from tunesmith.table.raw import RawTable
from tunesmith.table.read import read_table

TEXT = pl.DataFrame(
    {
        "age": ["20", "40", "", "60", "99"],
        "colour": ["red", "blue", "red", "", "green"],
        "size": ["1", "2", "3", "6", "?"],
        "town": ["b", "a", "a", "b", "c"],
    },
)
TABLE = type_columns(TEXT)
TRAINING = np.array([0, 1, 2, 3])


def fitted(table=TABLE, rows=TRAINING, **how):
    return fit_encoder(table, table.frame.columns, rows, **how)


def test_a_table_drawn_by_hand():
    """Every rule at once: standardised, marked, slots by frequency, missing, other."""
    encoder = fitted()
    assert encoder.names == ("age", "age missing", "size", "colour", "town")
    assert (encoder.numbers, encoder.categories, encoder.width) == (3, (4, 3), 5)
    assert [column.values for column in encoder.columns[1::2]] == [("red", "blue"), ("a", "b")]
    a, s = np.sqrt(1.5), np.sqrt(3.5)  # age 20, 40, 60 and size 1, 2, 3, 6: mean 40 and 3
    expected = [
        [-a, 0, -2 / s, 0, 1],
        [0, 0, -1 / s, 1, 0],
        [0, 1, 0, 0, 0],
        [a, 0, 3 / s, 2, 1],
        [59 * a / 20, 0, 0, 3, 2],
    ]
    X = encoder.transform(TABLE)
    assert X.dtype == np.float32
    assert X.flags.c_contiguous
    np.testing.assert_allclose(X, expected, rtol=1e-6)
    np.testing.assert_array_equal(encoder.transform(TABLE, np.array([4, 1])), X[[4, 1]])


@pytest.mark.parametrize("names", [["age", "size"], ["town", "colour"]])
def test_columns_of_one_kind(names):
    """Numbers alone and categories alone."""
    encoder = fit_encoder(TABLE, names, TRAINING)
    whole = dict(zip(fitted().names, fitted().transform(TABLE).T, strict=True))
    expected = np.stack([whole[name] for name in encoder.names], axis=1)
    np.testing.assert_array_equal(encoder.transform(TABLE), expected)
    assert (encoder.numbers, encoder.categories) == ((3, ()) if "age" in names else (0, (3, 4)))


def test_numbers_normalised_otherwise():
    """Robust and none reach every number column, and no mark or slot; another name is refused."""
    robust = fitted(normalize="robust")
    ages = 20 / 20 / np.sqrt(1 + 1 / 9)  # median 40, quartiles 30 and 50
    expected = [-ages, 0, 0, ages, 59 / 20 / np.sqrt(1 + (59 / 60) ** 2)]
    np.testing.assert_allclose(robust.transform(TABLE)[:, 0], expected, rtol=1e-6)
    plain = fitted(normalize="none")
    np.testing.assert_array_equal(plain.transform(TABLE)[:, 0], [20, 40, 40, 60, 99])
    np.testing.assert_array_equal(plain.transform(TABLE)[:, 2], [1, 2, 3, 6, 3])
    for encoder in (robust, plain):
        kept = [1, 3, 4]
        np.testing.assert_array_equal(
            encoder.transform(TABLE)[:, kept], fitted().transform(TABLE)[:, kept]
        )
    assert fitted(normalize="standard") == fitted()
    with pytest.raises(DataError, match=r"^no normalize 'z'; choose none, standard, robust$"):
        fitted(normalize="z")


def test_rare_categories_share_a_slot():
    """The most frequent values have their own slot, ties go by name, the rest are other."""
    values = [f"v{i:04}" for i in range(MAX_CATEGORIES + 9)]
    cells = values[::-1] + values[-2:]
    table = type_columns(pl.DataFrame({"c": cells}))
    encoder = fitted(table, np.arange(len(cells)))
    kept = (*values[-2:], *values[: MAX_CATEGORIES - 2])
    assert encoder.columns[0].values == kept
    assert encoder.columns[0].rare == 9
    assert encoder.categories == (MAX_CATEGORIES + 1,)
    slots = encoder.transform(table)[:, 0]
    expected = [kept.index(cell) if cell in kept else MAX_CATEGORIES for cell in cells]
    assert slots.tolist() == expected
    assert encoder.unseen(table) == {}


def test_a_category_of_one_value():
    """One value, missing or not: a slot for it, one for missing if there are any, and the last."""
    kinds = {"a": Kind.CATEGORY, "b": Kind.CATEGORY}
    table = type_columns(pl.DataFrame({"a": ["x"] * 3, "b": ["x", "", "x"]}), types=kinds)
    encoder = fitted(table, np.arange(3))
    assert encoder.categories == (2, 3)
    assert encoder.transform(table).tolist() == [[0, 0], [0, 1], [0, 0]]
    new = encoder.typed(pl.DataFrame({"a": ["y", "", "x"], "b": ["", "y", "x"]}))
    assert encoder.transform(new).tolist() == [[1, 1], [1, 2], [0, 0]]
    assert encoder.unseen(new) == {"a": 1, "b": 1}


def test_a_constant_gives_nothing():
    """A number that never varies in training gives 0, even if its rounded deviation would not."""
    cells = ["0.1"] * 7 + ["0.3", ""]
    table = type_columns(pl.DataFrame({"x": cells, "gone": [""] * 7 + ["5", "6"]}))
    X = fitted(table, np.arange(7)).transform(table)
    assert np.full(7, 0.1).std() > 0
    np.testing.assert_array_equal(X, [[0, 0, 1]] * 7 + [[0, 0, 0]] * 2)


def test_wild_values_stay_finite():
    """Numbers of 1e300 are standardised, and a wild one in a later row is held back."""
    table = type_columns(pl.DataFrame({"x": ["-1e308", "1e308"], "z": ["1", "1.5"]}))
    np.testing.assert_allclose(fitted(table, np.arange(2)).transform(table)[:, 0], [-1, 1])
    later = type_columns(pl.DataFrame({"x": ["3", "5"], "z": ["-1e308", "1e308"]}))
    X = fitted(table, np.arange(2)).transform(later)
    assert X[:, 1].tolist() == [-FARTHEST, FARTHEST]


numbers = st.one_of(st.none(), st.floats(-1e6, 1e6).map(lambda x: round(x, 2)))
words = st.one_of(st.none(), st.sampled_from(["a", "b", "c", "dé", "?!"]))
tables = st.lists(st.tuples(numbers, words), min_size=3, max_size=30).map(
    lambda rows: type_columns(
        pl.DataFrame(
            {
                "x": ["" if x is None else repr(x) for x, _ in rows],
                "c": [w or "" for _, w in rows],
            }
        ),
        types={"x": Kind.NUMBER, "c": Kind.CATEGORY},
    )
)


@given(tables)
def test_training_columns_have_mean_0_and_std_1(table):
    """Over what is not missing, to the precision of float32."""
    present = table.frame["x"].is_not_null().to_numpy()
    x = fitted(table, np.arange(table.rows)).transform(table)[present, 0].astype(np.float64)
    if len(set(table.frame["x"].drop_nulls())) > 1:
        assert x.mean() == pytest.approx(0, abs=1e-6)
        assert x.std() == pytest.approx(1, abs=1e-6)
    else:
        assert not x.any()


@given(tables)
def test_every_row_has_a_slot_of_each_category(table):
    """Values kept have their place; missing ones theirs, if training had any; others the last."""
    encoder = fitted(table, np.arange(0, table.rows, 2))
    column, x = encoder.columns[1], encoder.transform(table)
    (count,) = encoder.categories
    names = [*column.values, *([None] if column.missing else [])]
    assert count == len(names) + 1
    expected = [names.index(c) if c in names else count - 1 for c in table.frame["c"]]
    assert x[:, encoder.numbers :].tolist() == [[slot] for slot in expected]


@given(tables, st.sampled_from(Normalize))
def test_an_encoder_survives_json(table, how):
    """Written as JSON and read again it is equal and gives the identical array."""
    encoder = fitted(table, np.arange(0, table.rows, 2), normalize=how)
    again = Encoder.from_builtins(json.loads(json.dumps(encoder.to_builtins(), allow_nan=False)))
    assert again == encoder
    assert again.transform(table).tobytes() == encoder.transform(table).tobytes()


@given(tables, st.data())
def test_only_training_rows_are_looked_at(table, data):
    """Change every other row in any way, and the encoder is the same."""
    rows = np.arange(0, table.rows, 2)
    frame = table.frame.with_row_index().with_columns(
        x=pl.when(pl.col("index") % 2 == 0).then("x").otherwise(data.draw(numbers)),
        c=pl.when(pl.col("index") % 2 == 0).then("c").otherwise(pl.lit(data.draw(words))),
    )
    changed = type(table)(columns=table.columns, frame=frame.drop("index"))
    assert fitted(changed, rows) == fitted(table, rows)


def test_order_and_further_columns_do_not_matter():
    """Columns are found by name."""
    encoder = fitted()
    turned = TEXT.select(
        "town", pl.Series("new", ["1", "2", "3", "4", "inf"]), "size", "colour", "age"
    )
    expected = encoder.transform(TABLE)
    assert encoder.transform(encoder.typed(turned)).tobytes() == expected.tobytes()
    assert encoder.typed(turned).column("new").kind is Kind.LEFT_OUT


def test_new_rows_are_typed_as_the_training_rows_were():
    """One row, in which all looks constant and a category looks like a number, is encoded."""
    text = pl.DataFrame({"age": ["60"], "colour": ["7"], "size": [""], "town": ["a"]})
    encoder = fitted()
    X = encoder.transform(encoder.typed(text))
    np.testing.assert_allclose(X, [[np.sqrt(1.5), 0, 0, 3, 0]], rtol=1e-6)


def test_missing_columns_are_all_named():
    """Both faces, text and typed, say which columns are lacking."""
    text = TEXT.drop("age", "town")
    sentence = (
        "^the table lacks 'age', 'town', which training had; add them, with empty cells where "
        "unknown$"
    )
    with pytest.raises(DataError, match=sentence):
        fitted().typed(text)
    with pytest.raises(DataError, match=sentence):
        fitted().transform(type_columns(text))
    with pytest.raises(DataError, match=r"^the table lacks 'age', which training had; add it, "):
        fitted().unseen(type_columns(TEXT.drop("age")))


def test_a_column_of_another_kind_is_refused():
    """Text in a number column is said with its line; numbers lose what a category looked like."""
    text = TEXT.with_columns(age=pl.Series(["20", "old", "", "?", "3"]))
    sentence = "^column 'age' is taken for numbers but holds 'old' at line 3; correct or empty the"
    with pytest.raises(DataError, match=sentence):
        fitted().typed(text)
    with pytest.raises(DataError, match=sentence):
        fitted().transform(type_columns(text), np.array([4]))
    codes = type_columns(TEXT.with_columns(town=pl.col("age")))
    with pytest.raises(DataError, match=r"^column 'town' is taken for numbers, but was a category"):
        fitted().transform(codes)


def test_unseen_categories_are_counted():
    """Rows with a value that training did not have, missing ones not counted."""
    text = pl.DataFrame(
        {
            "age": ["1", "2", "3"],
            "colour": ["pink", "", "teal"],
            "size": ["1", "2", "x"],
            "town": ["a", "", "b"],
        }
    )
    assert fitted().unseen(type_columns(text)) == {"colour": 2}


@pytest.mark.parametrize(
    "change",
    [
        lambda plain: plain.pop("columns"),
        lambda plain: plain.update(more=1),
        lambda plain: plain["columns"][0].update(more=1),
        lambda plain: plain["columns"][0].update(kind="date"),
        lambda plain: plain["columns"][0].update(spread=-1.0),
        lambda plain: plain["columns"][0].update(center="40"),
        lambda plain: plain["columns"][0].update(normalize="minmax"),
        lambda plain: plain["columns"][0].pop("normalize"),
        lambda plain: plain["columns"][1].pop("values"),
    ],
)
def test_other_fields_are_refused(change):
    """A description with a field too many, too few or of another type is no encoder."""
    plain = json.loads(json.dumps(fitted().to_builtins()))
    change(plain)
    with pytest.raises(DataError, match=r"^this is no description of a table's columns"):
        Encoder.from_builtins(plain)


def test_a_real_table_from_file_to_array(tmp_path):
    """The wine data, written as CSV with a gap, comes back standardised to float32."""
    wine = load_wine()
    names = [name.replace("/", " or ") for name in wine.feature_names]
    path = tmp_path / "wine.csv"
    pl.DataFrame(wine.data, schema=names).write_csv(path)
    table = type_columns(read_table(path))
    rows = np.arange(0, len(wine.data), 3)
    training = wine.data[rows]
    X = fit_encoder(table, names, rows).transform(table)
    expected = (wine.data - training.mean(axis=0)) / training.std(axis=0)
    np.testing.assert_allclose(X, expected, rtol=1e-5, atol=1e-6)


# --- dates, and numbers with a comma --------------------------------------------------------------

DATES = pl.DataFrame(
    {
        "when": ["03/02/2021 06:00", "05/12/2021 18:00", "", "13/12/2020 18:00", "1/1/2030"],
        "price": ["1,5", "2,25", "3", "", "4,75"],
    }
)


def test_a_date_drawn_by_hand():
    """Days, year, day and hour are normalised; month and weekday have slots; days mark a gap."""
    table = type_columns(DATES)
    encoder = fit_encoder(table, ["when"], TRAINING)
    parts = ("days", "days missing", "year", "day", "hour", "month", "weekday")
    assert encoder.names == tuple(f"when {part}" for part in parts)
    assert (encoder.numbers, encoder.categories) == (5, (4, 4))
    X = encoder.transform(table)
    days = np.array([18_661.25, 18_966.75, 18_609.75])  # 3 February, 5 December, 13 December
    standard = (days - days.mean()) / days.std()
    np.testing.assert_allclose(X[[0, 1, 3], 0], standard, rtol=1e-4)
    np.testing.assert_array_equal(X[:, 1], [0, 0, 1, 0, 0])
    a, b = np.sqrt([0.5, 2])  # of the years 2021, 2021, 2020, and the hours 6, 18, 18
    np.testing.assert_allclose(X[:, 2], [a, a, 0, -b, (2030 - 2020 - 2 / 3) * 3 / np.sqrt(2)], 1e-5)
    np.testing.assert_allclose(X[:4, 4], [-b, a, 0, a], rtol=1e-5)
    month, weekday = encoder.columns[0].category_parts
    assert (month.values, weekday.values) == (("12", "2"), ("7", "3"))
    assert X[:, 5].tolist() == [1, 0, 2, 0, 3]  # January is one that training did not have
    assert X[:, 6].tolist() == [1, 0, 2, 0, 3]
    assert encoder.unseen(table) == {"when month": 1, "when weekday": 1}


def test_parts_that_do_not_vary_are_left_out():
    """Of one day in training nothing is kept; of one day and a gap, the mark."""
    text = pl.DataFrame({"one": ["2021-02-03"] * 3 + ["2021-05-06"], "gap": ["2021-02-03", ""] * 2})
    table = type_columns(text)
    assert fit_encoder(table, ["one"], np.arange(3)).names == ()
    encoder = fit_encoder(table, ["gap"], np.arange(3))
    assert encoder.names == ("gap days", "gap days missing")
    assert encoder.transform(table).tolist() == [[0, 0], [0, 1]] * 2


def test_new_dates_and_numbers_are_read_as_in_training():
    """What training settled holds for rows that alone could be read in two ways."""
    encoder = fit_encoder(type_columns(DATES), ["when", "price"], TRAINING)
    again = Encoder.from_builtins(json.loads(json.dumps(encoder.to_builtins())))
    assert again == encoder
    new = pl.DataFrame({"price": ["1,234", "5"], "when": ["03/02/2021", ""], "more": ["1", "2"]})
    table = again.typed(new)
    assert table.frame.row(0)[:2] == (1.234, datetime(2021, 2, 3))
    for rows in (slice(1), slice(1, 2)):  # alone as among others, without a date too
        np.testing.assert_array_equal(
            again.transform(again.typed(new[rows])), again.transform(table)[rows]
        )
    with pytest.raises(DataError, match=r"^column 'price' is taken for numbers with a decimal com"):
        again.typed(pl.DataFrame({"price": ["1.5"], "when": ["03/02/2021"]}))
    with pytest.raises(DataError, match=r"^column 'when' is taken for dates, day first, but holds"):
        again.typed(pl.DataFrame({"price": ["1"], "when": ["2021-02-03"]}))


def test_a_column_decides_for_itself():
    """A decimal comma in one column of a new file says nothing of another column."""
    text = pl.DataFrame({"a": ["1,5", "2,25"], "b": ["1.5", "2.25"], "when": ["2021-02-03", ""]})
    encoder = fit_encoder(type_columns(text), ["a", "b"], np.arange(2))
    new = encoder.typed(pl.DataFrame({"a": ["1,234"], "b": ["1,234"]}))
    assert new.frame.row(0) == (1.234, 1234)


def test_dates_that_were_no_text_in_training():
    """Text is then read as ISO 8601, and in no other order."""
    table = type_columns(from_frame(pl.DataFrame({"when": [datetime(2021, 2, 3), None]})))
    encoder = fit_encoder(table, ["when"], np.arange(2))
    assert encoder.typed(pl.DataFrame({"when": ["2021-02-03"]})).frame.row(0) == (
        datetime(2021, 2, 3),
    )
    with pytest.raises(DataError, match=r"^column 'when' is taken for dates, year first, but hol"):
        encoder.typed(pl.DataFrame({"when": ["03/02/2021"]}))


def test_numbers_with_a_unit_are_stored_with_it():
    """The unit is part of the description, and predictions read it again."""
    table = type_columns(pl.DataFrame({"x": ["$1,471.62", "($3.50)", "$7.00", ""]}))
    assert table.column("x").why.startswith("written with '$', such as '$1,471.62'; ")
    encoder = fit_encoder(table, ["x"], np.arange(4))
    assert encoder.columns[0].unit == "$"
    again = Encoder.from_builtins(json.loads(json.dumps(encoder.to_builtins())))
    assert again.typed(pl.DataFrame({"x": ["$2,000.00"]})).frame.row(0) == (2000,)
    with pytest.raises(DataError, match=r"numbers with '\$' but holds '2000' at line 2"):
        again.typed(pl.DataFrame({"x": ["2000"]}))


TRUTHS = [True, False, True, None]


@pytest.mark.parametrize(
    "cells",
    [
        TRUTHS,
        [1, 0, 1, None],
        [1.0, 0.0, 1.0, float("nan")],
        ["True", "False", "True", ""],
        ["TRUE", "FALSE", "true", ""],
        ["1", "0", "1.0", ""],
    ],
    ids=repr,
)
def test_truth_values_are_one_type(cells):
    """Trained on any way to write them, a model reads every other way."""

    def read(values):
        frame = pl.DataFrame({"x": pl.Series(values, strict=False)})
        return RawTable(frame=frame) if isinstance(values[0], str) else from_frame(frame)

    encoder = fit_encoder(type_columns(read(cells)), ["x"], np.arange(4))
    expected = encoder.transform(encoder.typed(read(cells)))
    assert len(np.unique(expected[:, 0])) > 1
    for others in (TRUTHS, [1, 0, 1, None], ["true", "FALSE", "True", ""], ["1", "0.0", "1", ""]):
        np.testing.assert_array_equal(encoder.transform(encoder.typed(read(others))), expected)
        assert encoder.unseen(encoder.typed(read(others))) == {}


def test_what_is_no_truth_value():
    """A third word makes a category of them, in which each way to write is a value of its own."""
    table = type_columns(pl.DataFrame({"x": ["true", "False", "unknown"], "n": ["0", "1", "2"]}))
    encoder = fit_encoder(table, ["x", "n"], np.arange(3))
    new = encoder.typed(pl.DataFrame({"x": ["True", "true", "1"], "n": ["0", "1", "2"]}))
    assert encoder.unseen(new) == {"x": 2}
    with pytest.raises(DataError, match=r"^column 'n' is taken for numbers but holds 'True'"):
        encoder.typed(pl.DataFrame({"x": ["True"], "n": ["True"]}))


def test_a_frame_predicts_as_its_file_does():
    """The same rows as typed columns of a frame give the same array."""
    table = type_columns(DATES)
    encoder = fit_encoder(table, ["when", "price"], TRAINING)
    frame = table.frame.with_columns(pl.col("when").dt.replace_time_zone("UTC"))
    np.testing.assert_array_equal(
        encoder.transform(encoder.typed(from_frame(frame))), encoder.transform(table)
    )


@pytest.mark.parametrize(
    ("name", "cells", "sentence"),
    [
        ("when", ["a", "b"], "column 'when' is taken for text, but was a date in training"),
        ("when", ["1", "2"], "column 'when' is taken for numbers, but was a date in training"),
        ("price", ["2021-02-03"], "column 'price' is taken for dates, but was a number in train"),
    ],
)
def test_dates_and_others_are_not_mixed_up(name, cells, sentence):
    """A table typed on its own must have come to the same kinds."""
    encoder = fit_encoder(type_columns(DATES), [name], TRAINING)
    with pytest.raises(DataError, match=f"^{sentence}"):
        encoder.transform(type_columns(pl.DataFrame({name: cells})))


def test_parts_that_dates_do_not_have_are_refused():
    """A description may come from anywhere."""
    encoder = fit_encoder(type_columns(DATES), ["when"], TRAINING)
    plain = json.loads(json.dumps(encoder.to_builtins()))
    plain["columns"][0]["category_parts"][0]["name"] = "moon"
    with pytest.raises(DataError, match=r"dates have no parts \['moon'\]"):
        Encoder.from_builtins(plain)


def test_a_plain_number_column_is_described_as_ever():
    """The decimal point goes without saying, so that files of before and after are the same."""
    plain = fitted().to_builtins()["columns"][0]
    assert sorted(plain) == ["center", "missing", "name", "normalize", "spread", "type"]
