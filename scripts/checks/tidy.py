#!/usr/bin/env python3
"""Runs clang-tidy on each file that CMake compiles, as far as it or what it includes has changed."""

import argparse
import json
import pathlib
import re
import subprocess
from collections.abc import Iterator

from project import CODE_FOLDERS, Finding, Project, run
from proven import Proven, at_once


def compiled_files(project: Project, build: pathlib.Path) -> dict[pathlib.PurePath, str]:
    """The files of this project in the compile database, each with its command."""
    commands = {}
    for entry in json.loads((build / "compile_commands.json").read_text(encoding="utf-8")):
        for path in joined_files(pathlib.Path(entry["directory"], entry["file"]).resolve()):
            if path.is_relative_to(project.root):
                relative = path.relative_to(project.root)
                if relative.parts[0] in CODE_FOLDERS:
                    commands[relative] = entry["command"]
    return commands


def joined_files(path: pathlib.Path) -> list[pathlib.Path]:
    """This file, or those that CMake has joined in it (UNITY_BUILD)."""
    if not path.name.startswith("unity_") or not path.is_file():
        return [path]
    included = re.findall(r'^#include "(/[^"]+)"', path.read_text(encoding="utf-8"), re.MULTILINE)
    return [pathlib.Path(name) for name in included]


# What users link and run, and what they copy from. Tests and benchmarks are left to the compilers' warnings and the
# sanitizers: with GoogleTest in each of them they would take as long again as everything else in CI.
TIDIED_FOLDERS = ("include", "src", "tools", "examples")


def is_of_windows(path: pathlib.PurePath) -> bool:
    return "windows" in path.parts or "windows" in path.stem.split("_")


def check_dead(project: Project, compiled: dict[pathlib.PurePath, str]) -> Iterator[Finding]:
    """A file that nothing compiles is not checked by anything else either."""
    reached = set().union(*(project.reached(path) for path in compiled))
    for path in project.code(".cpp", ".hpp"):
        # CMake takes what is for the system that is built for; tests/install is a project of its own.
        if path not in reached and not is_of_windows(path) and not path.is_relative_to("tests/install"):
            yield Finding(path, 0, "nothing compiles this file", "name it in a CMake file, or take it away")


def tidy(project: Project, arguments: argparse.Namespace, path: pathlib.PurePath) -> str:
    result = subprocess.run(
        [arguments.clang_tidy, "-p", arguments.build, "--quiet", project.root / path],
        cwd=project.root, capture_output=True, text=True, check=False)
    # The standard error counts warnings that were left out; it matters only where nothing else was said.
    return (result.stdout.strip() or result.stderr) if result.returncode else ""


def check(project: Project, arguments: argparse.Namespace) -> Iterator[Finding]:
    compiled = compiled_files(project, arguments.build)
    if arguments.windows:
        compiled = {path: command for path, command in compiled.items() if is_of_windows(path)}
    else:
        yield from check_dead(project, compiled)

    version = subprocess.run([arguments.clang_tidy, "--version"], capture_output=True, text=True, check=True).stdout
    rules = [(project.root / path).read_text(encoding="utf-8") for path in project.files if path.name == ".clang-tidy"]
    proven = Proven(project, arguments.build / "proven", "tidy", version, *rules)
    work = [(proven.mark(path, command), (path,)) for path, command in sorted(compiled.items())
            if path.parts[0] in TIDIED_FOLDERS]
    for (path,), wrong in at_once(lambda item: tidy(project, arguments, *item), work):
        yield Finding(path, 0, "clang-tidy objects", f"it says what would be right:\n{wrong}")


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build folder with a compile database")
    parser.add_argument("--windows", action="store_true", help="what is of Windows alone, which other builds leave out")
    parser.add_argument("--clang-tidy", default="clang-tidy-19")


if __name__ == "__main__":
    run(check, "Runs clang-tidy on what has changed.", options)
