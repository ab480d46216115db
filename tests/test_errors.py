"""Every error we raise, and what the command line makes of it."""

import pytest

from tunesmith import errors

OURS = [
    thing
    for thing in vars(errors).values()
    if isinstance(thing, type)
    and issubclass(thing, BaseException)
    and not issubclass(thing, Warning)
]


@pytest.mark.parametrize("error", OURS, ids=lambda e: e.__name__)
def test_every_error_is_drawn_in_the_tree(error):
    """Who opens the file sees all errors at its top."""
    assert error.__name__ in errors.__doc__.replace("\n", " ").split()


@pytest.mark.parametrize("error", OURS, ids=lambda e: e.__name__)
def test_one_class_catches_all_that_goes_wrong(error):
    """Only Interrupted is none of ours to catch: it passes through `except Exception`."""
    assert issubclass(error, errors.TunesmithError) == (error is not errors.Interrupted)
    assert issubclass(error, Exception) == (error is not errors.Interrupted)


@pytest.mark.parametrize(
    ("error", "builtin", "code"),
    [
        (errors.TunesmithError, Exception, 2),
        (errors.SpaceError, ValueError, 2),
        (errors.StudyError, ValueError, 2),
        (errors.DataError, ValueError, 2),
        (errors.NetworkError, ValueError, 2),
        (errors.ObjectiveError, Exception, 1),
        (errors.ExportError, Exception, 2),
        (errors.LessonError, Exception, 2),
        (errors.FileError, OSError, 74),
        (errors.StoreError, errors.FileError, 74),
        (errors.ModelError, errors.FileError, 74),
        (errors.StoreBusy, Exception, 75),
    ],
    ids=lambda value: getattr(value, "__name__", value),
)
def test_kinds_and_exit_codes(error, builtin, code):
    """An error of ours is Python's kind too, and has the exit code that is documented."""
    assert issubclass(error, builtin)
    assert error.exit_code == code


def test_a_message_is_printed_as_it_was_written():
    """FileError is an OSError, which would otherwise add numbers and quotes."""
    assert str(errors.StoreError("'x.study' is damaged: restore it")) == (
        "'x.study' is damaged: restore it"
    )
