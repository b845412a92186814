#!/usr/bin/env python3
"""Checks that each header compiles alone, public ones with both compilers, and that naru.hpp stays light."""

import argparse
import pathlib
import subprocess
from collections.abc import Iterator

from project import Finding, Project, run
from proven import Proven, at_once

FLAGS = ("-std=c++23", "-x", "c++", "-Wall", "-Wextra", "-pedantic-errors", "-Wconversion", "-Wshadow", "-Werror")
# What a file that includes naru.hpp makes the compiler read, in lines. The standard library's own headers are nearly
# all of it; the bound is there to notice the next one.
PREPROCESSED_LINES_MAX = 62_000


def folders(project: Project, build: pathlib.Path, public: bool) -> list[str]:
    places = [project.root / "include", build / "include"]
    if not public:
        places.append(project.root / "src")
    return [f"-I{place}" for place in places]


def compile_alone(project: Project, build: pathlib.Path, compiler: str, header: pathlib.PurePath) -> str:
    public = header.parts[0] == "include"
    name = f"<{header.relative_to('include')}>" if public else f'"{header.relative_to("src")}"'
    result = subprocess.run(
        [compiler, *FLAGS, *folders(project, build, public), "-fsyntax-only", "-"],
        input=f"#include {name}\n", capture_output=True, text=True, check=False)
    return result.stderr if result.returncode else ""


def check_alone(project: Project, arguments: argparse.Namespace) -> Iterator[Finding]:
    versions = {name: subprocess.run([name, "--version"], capture_output=True, text=True, check=True).stdout
                for name in arguments.compilers}
    proven = Proven(project, arguments.build / "proven", "alone", *FLAGS)
    work = []
    for header in project.code(".hpp"):
        if header.parts[0] not in ("include", "src") or ("windows" in header.parts) != arguments.windows:
            continue
        compilers = arguments.compilers if header.parts[0] == "include" else arguments.compilers[:1]
        work += [(proven.mark(header, versions[compiler]), (compiler, header)) for compiler in compilers]
    for (compiler, header), wrong in at_once(
            lambda item: compile_alone(project, arguments.build, *item), work):
        yield Finding(header, 0, f"it does not compile alone with {compiler}",
                      f"include what it uses. The compiler says:\n{wrong}")


def check_light(project: Project, arguments: argparse.Namespace) -> Iterator[Finding]:
    header = pathlib.PurePath("include/naru/naru.hpp")
    if not (project.root / header).is_file():
        return
    compiler = arguments.compilers[0]
    result = subprocess.run(
        [compiler, *FLAGS, *folders(project, arguments.build, True), "-E", "-P", "-"],
        input="#include <naru/naru.hpp>\n", capture_output=True, text=True, check=False)
    if result.returncode:
        yield Finding(header, 0, f"{compiler} cannot preprocess it", result.stderr)
        return
    count = result.stdout.count("\n")
    print(f"naru.hpp is {count} lines after preprocessing, of at most {PREPROCESSED_LINES_MAX}")
    if count > PREPROCESSED_LINES_MAX:
        yield Finding(header, 0, f"{count} lines after preprocessing, more than {PREPROCESSED_LINES_MAX}",
                      "include less, or only where it is used")


def check(project: Project, arguments: argparse.Namespace) -> Iterator[Finding]:
    yield from check_alone(project, arguments)
    if not arguments.windows:
        yield from check_light(project, arguments)


def options(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--build", type=pathlib.Path, required=True, help="a build folder, for export.hpp")
    parser.add_argument("--windows", action="store_true", help="the headers of Windows alone, which others cannot see")
    parser.add_argument("--compilers", nargs="+", default=["g++", "clang++-19"],
                        help="all of them try public headers, the first one the others")


if __name__ == "__main__":
    run(check, "Checks that each header compiles alone.", options)
