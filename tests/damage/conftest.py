"""Studies to be damaged, made once."""

import pytest
from tests.damage.specimens import make


@pytest.fixture(scope="session")
def specimens(tmp_path_factory):
    return make(tmp_path_factory.mktemp("specimens"))
