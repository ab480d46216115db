"""A trial's folder as bytes, for workers that do not see the driver's disk."""

import os
from pathlib import Path, PurePosixPath

from tunesmith.executors.checkpoint import remove

Files = dict[str, bytes | str | None]
"""What a folder holds: each path in it, with slashes, and the content of a file, the target of a
link, or None for an empty folder."""


def packed_folder(folder: Path) -> Files:
    """Return what a folder holds, and the folders in it; {} if it is not there.

    Links are links, wherever they lead; pipes, sockets and devices are left out.
    """
    files: Files = {}
    if folder.is_dir():
        _pack(folder, "", files)
    return files


def unpack_folder(files: Files, folder: Path) -> None:
    """Let a folder hold these files and nothing else; without any it is removed.

    A link in the place of the folder is replaced; what it leads to is left alone.

    Raises ValueError for a path that leads out of it.
    """
    links = {name for name, content in files.items() if isinstance(content, str)}
    for name in files:
        path = PurePosixPath(name)
        through = links.intersection(str(parent) for parent in path.parents)
        if not path.parts or name.startswith("/") or ".." in path.parts or through:
            raise ValueError(f"{name!r} leads out of a trial's folder")
    remove(folder)
    for name, content in files.items():
        place = folder / name
        place.parent.mkdir(parents=True, exist_ok=True)
        if content is None:
            place.mkdir(exist_ok=True)
        elif isinstance(content, str):
            place.symlink_to(content)
        else:
            place.write_bytes(content)


def _pack(folder: Path, prefix: str, files: Files) -> None:
    with os.scandir(folder) as entries:
        for entry in sorted(entries, key=lambda entry: entry.name):
            path, name = folder / entry.name, prefix + entry.name
            if entry.is_symlink():
                files[name] = str(path.readlink())
            elif entry.is_dir():
                count = len(files)
                _pack(path, f"{name}/", files)
                if len(files) == count:
                    files[name] = None
            elif entry.is_file():
                files[name] = path.read_bytes()
