"""A training that pauses and goes on."""

from types import SimpleNamespace

import pytest
from tests.fit.test_objective import outcome

from tunesmith.engine.train import Training
from tunesmith.fit import objective
from tunesmith.fit.checkpoint import FILE


@pytest.fixture(autouse=True)
def _kept(monkeypatch):
    """Keep trainings however short they are."""
    monkeypatch.setattr(objective, "KEPT_SECONDS", 0.0)


def losses(*outcomes):
    """Return the training losses of outcomes, one after the other, bit for bit."""
    return [m.metrics["train_loss"].hex() for outcome in outcomes for m in outcome.measurements]


@pytest.mark.parametrize("rows", ["datas", "few"])
@pytest.mark.parametrize("table", ["fruit", "price"])
def test_from_rung_to_rung_it_is_one_training(request, tmp_path, table, rows):
    """Paused after 1 of 3 epochs it goes on where it was; nothing is trained twice."""
    data = request.getfixturevalue(rows)[table]
    whole = outcome(data)
    first = outcome(data, epochs=1, folder=tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == [FILE]
    rest = outcome(data, trained=1, folder=tmp_path)
    assert losses(first, rest) == losses(whole)
    assert [m.epoch for m in rest.measurements] == [2, 3]


@pytest.mark.parametrize("damage", ["gone", "cut short", "of another network"])
def test_a_state_that_was_lost_is_made_again(datas, tmp_path, damage):
    """What was trained before is trained once more, and measured only from there on."""
    whole = outcome(datas["fruit"])
    outcome(datas["fruit"], epochs=1, folder=tmp_path)
    if damage == "gone":
        (tmp_path / FILE).unlink()
    elif damage == "cut short":
        (tmp_path / FILE).write_bytes((tmp_path / FILE).read_bytes()[:-17])
    else:
        outcome(datas["fruit"], epochs=1, folder=tmp_path, units=11)
    rest = outcome(datas["fruit"], trained=1, folder=tmp_path)
    first = 0 if damage == "gone" else 1  # nothing was left: it begins anew, and says all of it
    assert losses(rest) == losses(whole)[first:]


def test_who_goes_on_trains_only_what_is_new(datas, tmp_path, monkeypatch):
    """The epochs before the pause are not trained again."""
    outcome(datas["fruit"], epochs=2, folder=tmp_path)
    trained, train_epoch = [], Training.train_epoch

    def counted(self, *args):
        trained.append(self.epoch)
        return train_epoch(self, *args)

    monkeypatch.setattr(Training, "train_epoch", counted)
    outcome(datas["fruit"], trained=2, folder=tmp_path)
    assert trained == [2]


def test_a_full_training_keeps_nothing(datas, tmp_path):
    """It will not go on."""
    outcome(datas["fruit"], folder=tmp_path)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(("seconds", "kept"), [(0.124, False), (0.126, True)])
def test_a_short_training_is_not_kept(datas, tmp_path, monkeypatch, seconds, kept):
    """By a clock: what took so long for the second epoch of two is made again in twice that."""
    outcome(datas["fruit"], epochs=1, folder=tmp_path)
    before = (tmp_path / FILE).read_bytes()
    monkeypatch.setattr(objective, "KEPT_SECONDS", 0.25)
    ticks = iter((7.0, 7.0 + seconds))
    monkeypatch.setattr(objective, "time", SimpleNamespace(monotonic=lambda: next(ticks)))
    rest = outcome(datas["fruit"], trained=1, epochs=2, folder=tmp_path)
    assert [m.epoch for m in rest.measurements] == [2]
    assert ((tmp_path / FILE).read_bytes() != before) == kept


def test_what_was_not_kept_is_made_again(datas, tmp_path, monkeypatch):
    """A short training leaves no folder, and goes on as if it had never paused."""
    monkeypatch.setattr(objective, "KEPT_SECONDS", 600.0)
    folder = tmp_path / "trial-7"
    outcome(datas["fruit"], epochs=1, folder=folder)
    rest = outcome(datas["fruit"], trained=1, folder=folder)
    assert losses(rest) == losses(outcome(datas["fruit"]))
    assert not folder.exists()
