"""Every error we raise.

TunesmithError
  + SpaceError          a param or a space cannot be what was asked
  + StudyError          a study cannot be run, or gone on with, as asked
      + NothingFound    it was run, and no trial gave anything to recommend
  + ObjectiveError      the training function failed or gave no number
  + DataError           a table cannot be used as asked
  + NetworkError        a network cannot be built or trained as asked
  + ExportError         a model cannot be written for elsewhere as asked
  + LessonError         a lesson is not there, or cannot be drawn here
  + FileError           a file cannot be read or written
      + StoreError      a study file is not one, or is damaged
          + StoreTooNew it was written by a later tunesmith
      + ModelError      a model file is not one, or is damaged
  + StoreBusy           another process is running this study
Interrupted             training was asked to stop (not a TunesmithError: nothing is wrong)
SpaceWarning            a space is allowed, but probably not what was meant (a warning)

Each message is one sentence with the value and the remedy; the command line prints it as it is.
"""

from typing import ClassVar


class TunesmithError(Exception):
    """Something cannot be done as asked; the message says what, and what to do."""

    exit_code: ClassVar[int] = 2
    """What the command line exits with (2: wrong use)."""


class SpaceError(TunesmithError, ValueError):
    """A param or a space cannot be what was asked."""


class StudyError(TunesmithError, ValueError):
    """A study cannot be run, or gone on with, as asked."""


class NothingFound(StudyError):
    """A study was run, and no trial gave anything to recommend."""

    exit_code = 1


class ObjectiveError(TunesmithError):
    """The training function failed, or gave something that is no number."""

    exit_code = 1


class DataError(TunesmithError, ValueError):
    """A table cannot be used as asked."""


class NetworkError(TunesmithError, ValueError):
    """A network cannot be built or trained as asked."""


class ExportError(TunesmithError):
    """A model cannot be written for elsewhere as asked."""


class LessonError(TunesmithError):
    """A lesson is not there, or cannot be drawn here."""


class FileError(TunesmithError, OSError):
    """A file cannot be read or written."""

    exit_code = 74


class StoreError(FileError):
    """A study file is not one, or is damaged."""


class StoreTooNew(StoreError):
    """A study file was written by a later tunesmith."""


class ModelError(FileError):
    """A model file is not one, or is damaged."""


class StoreBusy(TunesmithError):
    """Another process is running this study."""

    exit_code = 75


class Interrupted(BaseException):
    """Training was asked to stop: Ctrl-C or a deadline. Let it pass through."""


class SpaceWarning(UserWarning):
    """A space is allowed, but its scale is probably not what was meant."""
