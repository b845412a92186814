"""Each check of scripts/check finds what it is there for, and nothing in a tree that is as it should be."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CHECKS = ROOT / "scripts" / "checks"

GOOD_TREE = {
    "include/naru/thing.hpp": "#pragma once\n\n#include <vector>\n\nnamespace naru {\n\n"
                              "inline std::vector<int> things() { return {}; }\n\n}  // namespace naru\n",
    "src/base/low.hpp": "#pragma once\n\nnamespace naru::base {\n\ninline int low() { return 1; }\n\n"
                        "}  // namespace naru::base\n",
    "src/engine/engine.hpp": '#pragma once\n\n#include "base/low.hpp"\n',
    "src/engine/linux/inside.hpp": '#pragma once\n\n#include <sys/epoll.h>\n\n#include "engine/engine.hpp"\n',
    "src/core/middle.cpp": '#include <naru/thing.hpp>\n\n#include "base/low.hpp"\n#include "engine/engine.hpp"\n',
    "tools/naru/main.cpp": "#include <naru/thing.hpp>\n\nint main() {}\n",
}


class CheckTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="naru-checks-")
        self.addCleanup(folder.cleanup)
        self.root = pathlib.Path(folder.name).resolve()
        for name, text in GOOD_TREE.items():
            self.write(name, text)

    def write(self, name: str, text: str) -> None:
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def run_check(self, check: str, *options: str) -> tuple[int, str]:
        result = subprocess.run([sys.executable, CHECKS / f"{check}.py", f"--root={self.root}", *options],
                                capture_output=True, text=True, check=False)
        self.assertEqual(result.stderr, "")
        return result.returncode, result.stdout

    def finds(self, check: str, expected: str, *options: str) -> None:
        """The check fails, and says `expected`."""
        status, output = self.run_check(check, *options)
        self.assertEqual(status, 1, output)
        self.assertIn(expected, output)

    def finds_nothing(self, check: str, *options: str) -> None:
        status, output = self.run_check(check, *options)
        self.assertEqual(status, 0, output)


class IncludesTest(CheckTest):
    def test_good_tree(self) -> None:
        self.finds_nothing("includes")

    def test_upwards(self) -> None:
        self.write("src/core/high.hpp", "#pragma once\n")
        self.write("src/base/low.hpp", '#pragma once\n\n#include "core/high.hpp"\n')
        self.finds("includes", "src/base/low.hpp:3: base includes core/high.hpp; base may include only base")

    def test_core_into_an_engine(self) -> None:
        self.write("src/core/middle.cpp", '#include "engine/linux/inside.hpp"\n')
        self.finds("includes", "src/core/middle.cpp:1: core includes engine/linux/inside.hpp")

    def test_one_engine_into_another(self) -> None:
        self.write("src/engine/other/inside.hpp", '#pragma once\n#include "engine/linux/inside.hpp"\n')
        self.finds("includes", "engine/other includes engine/linux/inside.hpp")

    def test_protocol_into_an_engine(self) -> None:
        self.write("src/protocol/frame.hpp", '#pragma once\n#include "engine/engine.hpp"\n')
        self.finds("includes", "protocol may include only base, protocol")

    def test_program_into_the_library(self) -> None:
        self.write("tools/naru/main.cpp", '#include "base/low.hpp"\n')
        self.finds("includes", "tools/naru/main.cpp:1: \"base/low.hpp\" is internal to the library")

    def test_public_header_into_the_library(self) -> None:
        self.write("include/naru/thing.hpp", '#pragma once\n#include "base/low.hpp"\n')
        self.finds("includes", "include/naru/thing.hpp:2: a public header includes \"base/low.hpp\"")

    def test_system_header_in_a_public_one(self) -> None:
        self.write("include/naru/thing.hpp", "#pragma once\n#include <sys/socket.h>\n")
        self.finds("includes", "include/naru/thing.hpp:2: a public header includes <sys/socket.h>")

    def test_system_header_outside_the_engines(self) -> None:
        self.write("src/core/middle.cpp", "#include <unistd.h>\n")
        self.finds("includes", "src/core/middle.cpp:1: <unistd.h> is not of the standard library")

    def test_missing_file(self) -> None:
        self.write("src/core/middle.cpp", '#include "core/nowhere.hpp"\n')
        self.finds("includes", '"core/nowhere.hpp" is no file of this project')
        self.write("src/core/middle.cpp", "#include <naru/nowhere.hpp>\n")
        self.finds("includes", "<naru/nowhere.hpp> does not exist")

    def test_conditional_on_a_system(self) -> None:
        for line in ("#ifdef _WIN32", "#if defined(__linux__)", "#  elif defined __APPLE__"):
            self.write("src/core/middle.cpp", f"{line}\n#endif\n")
            self.finds("includes", "src/core/middle.cpp:1: a conditional on _" if "WIN" in line else "a conditional on __")
        self.write("src/core/middle.cpp", "")
        self.write("src/engine/linux/inside.hpp", "#ifdef __linux__\n#endif\n")
        self.finds_nothing("includes")


class TextTest(CheckTest):
    def test_good_tree(self) -> None:
        self.finds_nothing("text")

    def test_long_file(self) -> None:
        self.write("src/core/middle.cpp", "int x;\n" * 400)
        self.finds_nothing("text")
        self.write("src/core/middle.cpp", "int x;\n" * 401)
        self.finds("text", "src/core/middle.cpp: 401 lines")

    def test_unfinished_work(self) -> None:
        for word in ("TO" + "DO", "FIX" + "ME", "XX" + "X", "HA" + "CK"):
            self.write("docs/page.md", f"Here\nis {word}: something\n")
            self.finds("text", f"docs/page.md:2: the word {word}")

    def test_path_of_a_machine(self) -> None:
        for path in ("/ho" + "me/someone/naru", "/ro" + "ot/naru", "C:\\Us" + "ers\\someone"):
            self.write("docs/page.md", f"see {path}\n")
            self.finds("text", "docs/page.md:1: a path of one machine")
        self.write("docs/page.md", "see https://example.org/ho" + "me/page and build/release/bin/naru\n")
        self.finds_nothing("text")

    def test_white_space(self) -> None:
        self.write("docs/page.md", "a line \n")
        self.finds("text", "docs/page.md:1: white space at the end of the line")
        self.write("docs/page.md", "a line")
        self.finds("text", "docs/page.md:1: no line end at the end of the file")
        self.write("docs/page.md", "")
        self.write("src/core/middle.cpp", "\tint x;\n")
        self.finds("text", "src/core/middle.cpp:1: a tab")


class HeadersTest(CheckTest):
    def options(self) -> tuple[str, ...]:
        return (f"--build={self.root / 'build'}", "--compilers", "g++")

    def test_good_tree(self) -> None:
        self.finds_nothing("headers", *self.options())

    def test_header_that_needs_another_before_it(self) -> None:
        self.write("include/naru/thing.hpp", "#pragma once\n\ninline std::vector<int> things() { return {}; }\n")
        self.finds("headers", "include/naru/thing.hpp: it does not compile alone with g++", *self.options())

    def test_change_below_is_noticed(self) -> None:
        self.finds_nothing("headers", *self.options())
        self.write("src/base/low.hpp", "#pragma once\n\nnothing that compiles\n")
        self.finds("headers", "src/engine/engine.hpp: it does not compile alone", *self.options())

    def test_heavy_header(self) -> None:
        self.write("include/naru/naru.hpp", "#pragma once\n" + "int x();\n" * 80_000)
        self.finds("headers", "more than 62000; include less", *self.options())


@unittest.skipUnless(shutil.which("clang-tidy-19"), "clang-tidy-19 is not installed")
class TidyTest(CheckTest):
    def setUp(self) -> None:
        super().setUp()
        shutil.copy(ROOT / ".clang-tidy", self.root)
        for name in ("src/base/low.hpp", "src/engine/linux/inside.hpp", "src/core/middle.cpp", "tools/naru/main.cpp"):
            (self.root / name).unlink()
        self.write("src/engine/engine.hpp", "#pragma once\n")
        self.write("src/core/middle.cpp", '#include <naru/thing.hpp>\n\n#include "engine/engine.hpp"\n')
        self.write("build/compile_commands.json", json.dumps([{
            "directory": str(self.root), "file": "src/core/middle.cpp",
            "command": f"g++ -std=c++23 -I{self.root}/include -I{self.root}/src -c src/core/middle.cpp"}]))

    def options(self) -> tuple[str, ...]:
        return (f"--build={self.root / 'build'}",)

    def test_good_tree(self) -> None:
        self.finds_nothing("tidy", *self.options())

    def test_name(self) -> None:
        self.write("src/core/middle.cpp", '#include <naru/thing.hpp>\n\n#include "engine/engine.hpp"\n\n'
                                          "class NotLikeThis {\n int member;\n};\n")
        self.finds("tidy", "invalid case style for class 'NotLikeThis'", *self.options())
        self.finds("tidy", "invalid case style for private member 'member'", *self.options())

    def test_fault_in_a_header(self) -> None:
        self.finds_nothing("tidy", *self.options())
        self.write("src/engine/engine.hpp", "#pragma once\n\nstruct base {\n  virtual void act() = 0;\n};\n"
                                            "struct derived : base {\n  virtual void act();\n};\n")
        self.finds("tidy", "[modernize-use-override", *self.options())

    def test_long_function(self) -> None:
        body = "  total += total;\n" * 71
        self.write("src/engine/engine.hpp",
                   f"#pragma once\n\ninline int act() {{\n  int total = 1;\n{body}  return total;\n}}\n")
        self.finds("tidy", "[readability-function-size", *self.options())

    def test_file_that_nothing_compiles(self) -> None:
        self.write("src/core/forgotten.cpp", "")
        self.finds("tidy", "src/core/forgotten.cpp: nothing compiles this file", *self.options())

    def test_files_that_are_compiled_joined_or_elsewhere(self) -> None:
        self.write("src/core/one_of_several.cpp", "")
        self.write("src/engine/windows/engine.cpp", "")
        self.write("src/core/process_windows.cpp", "")
        self.finds("tidy", "src/core/one_of_several.cpp: nothing compiles this file", *self.options())
        self.write("build/unity_0_cxx.cxx", f'#include "{self.root}/src/core/one_of_several.cpp"\n')
        database = json.loads((self.root / "build/compile_commands.json").read_text(encoding="utf-8"))
        database.append({"directory": str(self.root), "file": "build/unity_0_cxx.cxx",
                         "command": "g++ -std=c++23 -c build/unity_0_cxx.cxx"})
        self.write("build/compile_commands.json", json.dumps(database))
        self.finds_nothing("tidy", *self.options())


@unittest.skipUnless(shutil.which("clang-format-19"), "clang-format-19 is not installed")
class FormatTest(unittest.TestCase):
    def test_the_rules_object(self) -> None:
        for text, status in (("int a = 1;\n", 0), ("int  a=1;\n", 1), ("  int a;\n", 1)):
            result = subprocess.run(
                ["clang-format-19", "--dry-run", "-Werror", f"--style=file:{ROOT / '.clang-format'}"],
                input=text, capture_output=True, text=True, check=False)
            self.assertEqual(result.returncode, status, text)


if __name__ == "__main__":
    unittest.main()
