from types import MappingProxyType

import pytest
from tests.report.conftest import played, study_of

from tunesmith.report.about import About
from tunesmith.report.findings.reproduction import budget, command, reproduction

TABLE = {"name": "my houses.csv", "sha256": "ab12", "target": "price", "task": None}


def test_the_command_may_be_pasted():
    """A table's study is asked again in the same words; a name with a blank is quoted."""
    source = TABLE | {"types": {"zip": "text"}, "drop": ["id"], "time": "day", "balanced": True}
    source |= {"tune": ["units", "bins"], "fix": ["layers=3"]}
    study = study_of(source=MappingProxyType(source), minutes=2.5, seed=7)
    assert command(study) == (
        "tunesmith fit 'my houses.csv' --target price --types zip=text --metric accuracy "
        "--time day --balanced --drop id "
        "--tune units --tune bins --fix layers=3 "
        "--trials 23 --minutes 2.5 --seed 7"
    )


def test_the_digest_is_there_at_the_end():
    """While it runs, a study has none that would stay."""
    for finished in (True, False):
        history = played(3, finished=finished)
        rows = dict(reproduction(history, About()).rows)
        assert rows["digest"] == (history.digest if finished else "at the end")
        assert "command" not in rows


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "23 trials; 9 epochs each at most"),
        ({"trials": None, "minutes": 0.5}, "0.5 minutes; 9 epochs each at most"),
        ({"total_epochs": 4000}, "23 trials, 4,000 epochs in all; 9 epochs each at most"),
    ],
)
def test_budget(changes, expected):
    """All limits are named."""
    assert budget(study_of(**changes)) == expected


def test_the_conditions_of_a_table_are_told():
    """As they were stored at its end; a study of another function has none."""
    told = {"taken for number": "'age', 'pay'", "split": "9 rows train", "processor": "Abacus"}
    result = {"digest": "ab", "conditions": told}
    rows = dict(reproduction(played(3), About(result=result)).rows)
    assert told.items() <= rows.items()
    assert "split" not in dict(reproduction(played(3), About(result={"digest": "ab"})).rows)
