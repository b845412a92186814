#!/usr/bin/env python3
"""Checks who includes whom.

    api -> core -> {protocol, engine} -> base

A part may include itself and what is below it. An engine's folder is seen by nobody but itself; it sees the seam
(the headers directly in src/engine) and base. Programs and examples see the public headers alone. The headers and
the conditionals of an operating system stay in the folders that are made for it.
"""

import pathlib
import re
from collections.abc import Iterator

from project import Finding, Include, Project, run

BELOW = {
    "base": {"base"},
    "protocol": {"protocol", "base"},
    "engine": {"engine", "base"},
    "core": {"core", "protocol", "engine", "base"},
    "api": {"api", "core", "protocol", "engine", "base"},
}
# Where the headers of an operating system, and conditionals on one, are at home; beside these, in the files of tools/
# whose names end in the system's.
SYSTEM_FOLDERS = ("src/engine/linux", "src/engine/windows", "tests/linux", "tests/integration", "tests/stress",
                  "tests/support/linux", "bench")
# Libraries that others keep, and who may use them. The library itself uses none.
FOREIGN = {
    "tools": ("CLI/", "spdlog/", "nlohmann/"),
    "tests": ("gtest/", "gmock/", "nlohmann/"),
    "bench": ("asio", "CLI/", "nlohmann/"),
}
PLATFORM = re.compile(r"^\s*#\s*(?:el)?if.*\b(_WIN32|WIN32|_WIN64|__linux__|__unix__|__APPLE__|__CYGWIN__|__FreeBSD__)\b")

STANDARD = frozenset("""
    algorithm any array atomic barrier bit bitset cassert cctype cerrno cfenv cfloat charconv chrono cinttypes climits
    clocale cmath codecvt compare complex concepts condition_variable coroutine csetjmp csignal cstdarg cstddef cstdint
    cstdio cstdlib cstring ctime cuchar cwchar cwctype deque exception execution expected filesystem flat_map flat_set
    format forward_list fstream functional future generator initializer_list iomanip ios iosfwd iostream istream
    iterator latch limits list locale map mdspan memory memory_resource mutex new numbers numeric optional ostream
    print queue random ranges ratio regex scoped_allocator semaphore set shared_mutex source_location span spanstream
    sstream stack stacktrace stdexcept stdfloat stop_token streambuf string string_view strstream syncstream
    system_error thread tuple type_traits typeindex typeinfo unordered_map unordered_set utility valarray variant
    vector version
""".split())


def is_of_one_system(path: pathlib.PurePath) -> bool:
    return (any(path.is_relative_to(folder) for folder in SYSTEM_FOLDERS)
            or path.parts[0] == "tools" and path.stem.endswith(("_linux", "_windows")))


def part_of(path: pathlib.PurePath) -> str:
    """`core` for src/core/x.hpp, `engine` for the seam, `engine/linux` for an engine."""
    return "/".join(path.parts[1:-1][:2]) if path.parts[1] == "engine" else path.parts[1]


def allowed_parts(part: str) -> set[str]:
    if part.startswith("engine/"):
        return {part, *BELOW["engine"]}
    return BELOW.get(part, set())


def check_quoted(project: Project, path: pathlib.PurePath, include: Include) -> Iterator[Finding]:
    target = project.resolve(path, include)
    folder = path.parts[0]
    if target is None:
        yield Finding(path, include.line, f'"{include.name}" is no file of this project',
                      "write it from src/, or from the folder of this file")
    elif folder == "include":
        yield Finding(path, include.line, f'a public header includes "{include.name}"',
                      "it may include the standard library and <naru/...>")
    elif target.parts[0] == "include":
        yield Finding(path, include.line, f'"{include.name}" is a public header', f"write <{include.name}>")
    elif folder in ("tools", "examples") and target.parts[0] == "src":
        yield Finding(path, include.line, f'"{include.name}" is internal to the library',
                      f"{folder} may include <naru/...> and their own files")
    elif folder == "src":
        own, other = part_of(path), part_of(target)
        if other not in allowed_parts(own):
            yield Finding(path, include.line, f"{own} includes {target.relative_to('src')}",
                          f"{own} may include only {', '.join(sorted(allowed_parts(own)))}")


def check_angled(project: Project, path: pathlib.PurePath, include: Include) -> Iterator[Finding]:
    name = include.name
    if name in STANDARD:
        return
    if name.startswith("naru/"):
        # export.hpp is made by CMake.
        if name != "naru/export.hpp" and project.resolve(path, include) is None:
            yield Finding(path, include.line, f"<{name}> does not exist", "include a header of include/naru")
        return
    if name.startswith(FOREIGN.get(path.parts[0], ())):
        return
    if path.is_relative_to("include"):
        yield Finding(path, include.line, f"a public header includes <{name}>",
                      "it may include the standard library and <naru/...>")
    elif not is_of_one_system(path):
        yield Finding(path, include.line, f"<{name}> is not of the standard library",
                      "headers of an operating system belong to src/engine/<system> (and, for tests, tests/<system>)")


def check(project: Project, _arguments: object) -> Iterator[Finding]:
    for path in project.code(".hpp", ".cpp"):
        for include in project.includes(path):
            yield from (check_angled if include.angled else check_quoted)(project, path, include)
        if is_of_one_system(path):
            continue
        for number, line in enumerate(project.lines(path), 1):
            if match := PLATFORM.match(line):
                yield Finding(path, number, f"a conditional on {match[1]}",
                              "what differs between systems belongs to src/engine/<system>, which CMake chooses")


if __name__ == "__main__":
    run(check, "Checks who includes whom.")
