"""A trial's folder as bytes, for workers that do not see the driver's disk."""

from pathlib import Path, PurePosixPath
from shutil import rmtree

Files = dict[str, bytes]
"""What a folder holds: each file's path in it, with slashes, and its content."""


def packed_folder(folder: Path) -> Files:
    """Return the files of a folder, and of the folders in it; {} if it is not there."""
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }


def unpack_folder(files: Files, folder: Path) -> None:
    """Let a folder hold these files and nothing else; without any it is removed.

    Raises ValueError for a path that leads out of it.
    """
    for name in files:
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts:
            raise ValueError(f"{name!r} leads out of a trial's folder")
    if folder.exists():
        rmtree(folder)
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(content)
