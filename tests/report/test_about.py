from tunesmith.report.about import About


def test_nothing_need_be_known():
    """A study in memory has no file, no result and no clock."""
    assert (About().name, About().result, len(About().moments)) == ("", None, 0)
