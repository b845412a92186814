#!/usr/bin/env python3
"""Checks what every text file keeps to: its size, its white space, and words that do not belong in it."""

import pathlib
import re
import statistics
from collections.abc import Iterator

from project import CODE_FOLDERS, Finding, Project, run

LINES_MAX = 400
# Put together here, so that this file may stand beside the others.
UNFINISHED = re.compile(r"\b(" + "|".join(("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK")) + r")\b")
MACHINE_PATH = re.compile(r"(?<![\w.$}/])(?:/(?:home|root|Users|work|build|mnt|media)/[\w.]|[A-Z]:\\\\?Users)")
SIZED = (".hpp", ".cpp", ".py", ".sh", ".cmake")


def check_size(path: pathlib.PurePath, lines: list[str]) -> Iterator[Finding]:
    if path.suffix in SIZED and len(lines) > LINES_MAX:
        yield Finding(path, 0, f"{len(lines)} lines", f"a file has one reason to exist and at most {LINES_MAX} lines")


def check_line(path: pathlib.PurePath, number: int, line: str) -> Iterator[Finding]:
    if match := UNFINISHED.search(line):
        yield Finding(path, number, f"the word {match[0]}", "finish it, or open an issue and leave the word out")
    if match := MACHINE_PATH.search(line):
        yield Finding(path, number, f"a path of one machine: {match[0]}...", "paths start at the root of the checkout")
    if line != line.rstrip():
        yield Finding(path, number, "white space at the end of the line", "take it away")
    if "\t" in line and path.suffix in (*SIZED, ".txt"):
        yield Finding(path, number, "a tab", "indent with spaces")


def count_lines(project: Project) -> None:
    """Says how the code is spread; the style asks for small files, and about as much test as source."""
    lines = {path: len(project.lines(path)) for path in project.code(".hpp", ".cpp", ".py")}
    source = [count for path, count in lines.items() if path.parts[0] in ("include", "src", "tools")]
    tests = [count for path, count in lines.items() if path.parts[0] == "tests"]
    if source and tests:
        print(f"{sum(source)} lines of source in files of {statistics.median(source):.0f} (median) and at most "
              f"{max(source)}; {sum(tests)} lines of tests, {sum(tests) / sum(source):.2f} for each of source")


def check(project: Project, _arguments: object) -> Iterator[Finding]:
    for path in project.files:
        try:
            text = (project.root / path).read_text(encoding="utf-8")
        except UnicodeDecodeError:
            if path.parts[0] in CODE_FOLDERS:
                yield Finding(path, 0, "it is not UTF-8 text", "keep it out of the code folders")
            continue
        lines = text.splitlines()
        yield from check_size(path, lines)
        for number, line in enumerate(lines, 1):
            yield from check_line(path, number, line)
        if text and not text.endswith("\n"):
            yield Finding(path, len(lines), "no line end at the end of the file", "add one")
        if "\r" in text:
            yield Finding(path, 0, "carriage returns", "end lines with a line feed alone")
    count_lines(project)


if __name__ == "__main__":
    run(check, "Checks size, white space and words of every text file.")
