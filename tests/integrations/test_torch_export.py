"""Our PyTorch modules in PyTorch: the model's own predictions, without tunesmith."""

import subprocess
import sys
from importlib.util import module_from_spec, spec_from_file_location

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.interchange.conftest import *  # noqa: E402, F403  the same models
from tests.interchange.conftest import OTHERS  # noqa: E402
from tests.interchange.written_cells import (  # noqa: E402
    CASES,
    cell_reader,
    model_for,
    padded,
    text_table,
)

from tunesmith.interchange.pytorch import to_pytorch  # noqa: E402
from tunesmith.table.frames import from_frame  # noqa: E402
from tunesmith.table.target import TaskKind  # noqa: E402


def written(model, folder):
    """Write a model's module into a folder; return its path."""
    module = to_pytorch(model)
    path = folder / "it.py"
    path.write_text(module.source, encoding="utf-8")
    path.with_suffix(".safetensors").write_bytes(module.weights)
    return path


def imported(path):
    spec = spec_from_file_location("it", path)
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_module_is_the_model(model, table, frame, tmp_path):
    """Equal to 1e-5: gaps, values never met, far numbers, dates of three centuries."""
    module = imported(written(model, tmp_path))
    network = module.load()
    expected = model.predict(table)
    predicted = module.predict(network, frame.to_dicts())
    if model.task is TaskKind.REGRESSION:
        np.testing.assert_allclose(predicted, expected["y"], rtol=1e-5)
        return
    assert predicted == expected["y"].to_list()
    shares = module.probabilities(network, frame.to_dicts())
    np.testing.assert_allclose(shares, expected.drop("y"), atol=1e-5)
    assert module.predict(network, []) == []


@pytest.mark.parametrize("case", CASES.values(), ids=CASES)
@pytest.mark.parametrize("task", TaskKind)
def test_every_notation(case, task, tmp_path):
    """Numbers, dates, marks and categories however they are written: equal to 1e-5, or refused."""
    model = model_for(case, task=task)
    module = imported(written(model, tmp_path))
    network = module.load()
    cells = padded(case.good)
    rows = [{"x": cell} for cell in cells]
    expected = model.predict(model.encoder.typed(text_table(cells)))
    if task is TaskKind.REGRESSION:
        np.testing.assert_allclose(module.predict(network, rows), expected["y"], atol=1e-5)
    else:
        assert module.predict(network, rows) == expected["y"].to_list()
        shares = module.probabilities(network, rows)
        np.testing.assert_allclose(shares, expected.drop("y"), atol=1e-5)
    for cell in (*case.bad, *case.other):
        with pytest.raises(ValueError, match="column 'x'"):
            module.predict(network, [{"x": case.good[0]}, {"x": cell}])


@pytest.mark.parametrize("more", [{}, {"bins": 7}, {"others": OTHERS}], ids=["", "bins", "several"])
def test_it_can_be_trained_further(made, frame, tmp_path, more):
    """Its weights are parameters, and every one has a slope; the edges of its bins are none."""
    module = imported(written(made(**more), tmp_path))
    network = module.load()
    encoded = [module.encode(row) for row in frame.to_dicts()]
    numbers, rows = (torch.tensor(part) for part in zip(*encoded, strict=True))
    network(numbers.float(), rows).square().sum().backward()
    assert [p for p in network.parameters() if p.grad is None or not p.grad.any()] == []
    assert not {name.split(".")[-1] for name, _ in network.named_parameters()} & {"lower", "share"}


@pytest.mark.parametrize("more", [{}, {"bins": 7, "others": OTHERS}], ids=["one", "several"])
def test_it_runs_where_there_is_no_tunesmith(made, frame, table, tmp_path, more):
    """As a script it prints the predictions of a CSV file, a line each."""
    model = made(names=("colour", "still", "when"), **more)
    path = written(model, tmp_path)
    frame.write_csv(tmp_path / "x.csv", datetime_format="%Y-%m-%d %H:%M:%S%.6f")
    program = (
        "import runpy, sys; sys.modules['tunesmith'] = None; "
        f"sys.argv = ['it.py', {str(tmp_path / 'x.csv')!r}]; "
        f"runpy.run_path({str(path)!r}, run_name='__main__')"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=120
    )
    assert done.stdout == "".join(f"{label}\n" for label in model.predict(table)["y"])


def test_a_file_with_semicolons(tmp_path):
    """As a script it takes the separator; what it refuses is said in one sentence."""
    model = model_for(CASES["decimal comma"])
    path = written(model, tmp_path)
    rows = ["1,5", "1.234", "-1.234,25", " NA "]
    file = tmp_path / "x.csv"

    def run():
        command = [sys.executable, str(path), str(file), ";"]
        return subprocess.run(command, capture_output=True, text=True, check=False, timeout=120)

    file.write_text(" ; x \n" + "".join(f"0;{row}\n" for row in rows), encoding="utf-8")
    expected = model.predict(model.encoder.typed(text_table(rows)))["y"]
    done = run()
    assert done.stdout.split() == expected.to_list(), done.stderr
    file.write_text("more;x\n0;1,234.5\n", encoding="utf-8")
    done = run()
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "column 'x' (number, decimal comma) holds '1,234.5'; correct or empty the cell\n"
    )


@pytest.mark.parametrize("case", ["decimal comma", "day first", "words"])
def test_values_of_pandas(case):
    """Its gaps, numbers and moments are what they are in a data frame of it."""
    pd = pytest.importorskip("pandas")
    model = model_for(CASES[case])
    cell = cell_reader(model)
    assert [cell({"x": gap}, "x") for gap in (pd.NA, pd.NaT, np.nan, None)] == [None] * 4
    moments = pd.to_datetime(["2021-02-03 12:30:00.000001", "1969-12-31 23:59:00.000002"])
    values = {
        "decimal comma": pd.Series([1, 2**53 - 1, -7]),
        "day first": pd.Series(moments).dt.tz_localize("Asia/Kolkata"),
        "words": pd.Series([1.0, 2.5, 1e-5]),
    }[case]
    column = model.encoder.typed(from_frame(pd.DataFrame({"x": values}))).frame["x"]
    expected = (column.to_physical() if column.dtype.is_temporal() else column).to_list()
    rows = pd.DataFrame({"x": values}).to_dict("records")
    assert [cell(row, "x") for row in rows] == expected
    assert [cell({"x": value}, "x") for value in values] == expected
