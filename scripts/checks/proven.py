"""Remembers what was found to be right, so that only what has changed is looked at again."""

import concurrent.futures
import hashlib
import os
import pathlib
from collections.abc import Callable, Iterable

from project import Project


class Proven:
    """A folder with an empty file for each thing that was right, named by a digest of all that it depended on."""

    def __init__(self, project: Project, folder: pathlib.Path, *conditions: str):
        self.project = project
        self.folder = folder
        self.conditions = conditions
        folder.mkdir(parents=True, exist_ok=True)

    def mark(self, path: pathlib.PurePath, *more: str) -> pathlib.Path:
        digest = hashlib.sha256(repr((self.conditions, str(path), more)).encode())
        for reached in sorted(self.project.reached(path)):
            digest.update(f"{reached}\0".encode())
            digest.update((self.project.root / reached).read_bytes())
        return self.folder / digest.hexdigest()


def at_once(task: Callable[[tuple], str], work: Iterable[tuple[pathlib.Path, tuple]]) -> list[tuple[tuple, str]]:
    """Does `task` for all work whose mark is missing, as many at once as there are cores. A task returns what is
    wrong, or nothing, and is then marked. Returns the tasks that failed, with what was wrong."""
    waiting = [(mark, item) for mark, item in work if not mark.exists()]
    if len(waiting) > 1:
        print(f"{len(waiting)} to look at", flush=True)
    failed = []
    with concurrent.futures.ThreadPoolExecutor(os.cpu_count()) as pool:
        for (mark, item), wrong in zip(waiting, pool.map(task, (item for _, item in waiting))):
            if wrong:
                failed.append((item, wrong))
            else:
                mark.touch()
    return failed
