"""What the checks share: which files there are, what they include, and how a finding is told."""

import argparse
import functools
import pathlib
import re
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass

CODE_FOLDERS = ("include", "src", "tools", "tests", "bench", "examples")
INCLUDE = re.compile(r'^\s*#\s*include\s*(?:<(?P<angled>[^>]+)>|"(?P<quoted>[^"]+)")')


@dataclass(frozen=True)
class Finding:
    """One fault: where it is, what is wrong, and what would be right."""

    path: pathlib.PurePath
    line: int
    wrong: str
    right: str

    def __str__(self) -> str:
        where = f"{self.path}:{self.line}" if self.line else str(self.path)
        return f"{where}: {self.wrong}; {self.right}"


@dataclass(frozen=True)
class Include:
    line: int
    name: str
    angled: bool


class Project:
    def __init__(self, root: pathlib.Path):
        self.root = root

    @functools.cached_property
    def files(self) -> list[pathlib.PurePath]:
        """Every file that git keeps or would keep, from the root; where there is no git, every file."""
        git = subprocess.run(
            ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
            cwd=self.root, capture_output=True, text=True, check=False)
        if git.returncode == 0 and (self.root / ".git").exists():
            names = [pathlib.PurePath(name) for name in git.stdout.split("\0") if name]
        else:
            names = [path.relative_to(self.root) for path in self.root.rglob("*")]
        return sorted(name for name in names if (self.root / name).is_file())

    def code(self, *suffixes: str) -> list[pathlib.PurePath]:
        """The files of the code folders with one of these suffixes."""
        return [path for path in self.files if path.parts[0] in CODE_FOLDERS and path.suffix in suffixes]

    def lines(self, path: pathlib.PurePath) -> list[str]:
        return (self.root / path).read_text(encoding="utf-8").splitlines()

    @functools.lru_cache(maxsize=None)
    def includes(self, path: pathlib.PurePath) -> tuple[Include, ...]:
        found = []
        for number, line in enumerate(self.lines(path), 1):
            if match := INCLUDE.match(line):
                angled = match["angled"] is not None
                found.append(Include(number, match["angled"] or match["quoted"], angled))
        return tuple(found)

    def resolve(self, path: pathlib.PurePath, include: Include) -> pathlib.PurePath | None:
        """The file of this project that an include of `path` names, or None."""
        if include.angled:
            places = [pathlib.PurePath("include")]
        else:
            places = [*path.parents, pathlib.PurePath("src"), pathlib.PurePath("tests"), pathlib.PurePath("tools/naru")]
        for place in places:
            if (self.root / place / include.name).is_file():
                return place / include.name
        return None

    def reached(self, path: pathlib.PurePath) -> set[pathlib.PurePath]:
        """This file and all of this project that it includes, directly or not."""
        seen = {path}
        waiting = [path]
        while waiting:
            current = waiting.pop()
            for include in self.includes(current):
                target = self.resolve(current, include)
                if target is not None and target not in seen:
                    seen.add(target)
                    waiting.append(target)
        return seen


def run(check: Callable[[Project, argparse.Namespace], Iterable[Finding]], description: str,
        options: Callable[[argparse.ArgumentParser], object] = lambda parser: None) -> None:
    """The main function of a check: prints what it finds, and ends with 1 if that is anything."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--root", type=pathlib.Path, default=pathlib.Path(), help="the project's root")
    options(parser)
    arguments = parser.parse_args()
    findings = list(check(Project(arguments.root.resolve()), arguments))
    for finding in findings:
        print(finding)
    sys.exit(1 if findings else 0)
