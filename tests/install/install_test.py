"""The library as its users get it: installed, found by CMake and by pkg-config, or taken into a build of their own.

Each case installs into a folder of its own, moves that folder (nothing installed may depend on where it lay), and
builds and runs a project that knows nothing else of naru.
"""

import argparse
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import unittest

HERE = pathlib.Path(__file__).resolve().parent
STRICT = ("-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wshadow", "-Werror")
# What the shared library may show: the public namespace, and what the compiler makes for its classes.
PUBLIC = re.compile(r"(vtable for |typeinfo for |typeinfo name for )?naru::|std::hash<naru::")
INTERNAL = re.compile(r"(vtable for |typeinfo for |typeinfo name for )?naru::(api|base|core|engine|protocol)::")
settings = argparse.Namespace()


def run(*command: object, **more: object) -> str:
    result = subprocess.run([str(word) for word in command], stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                            text=True, check=False, **more)
    if result.returncode:
        raise AssertionError(f"{' '.join(map(str, command))}\nended with {result.returncode}:\n{result.stdout}")
    return result.stdout


class OutsideProject(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="naru-install-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.program = self.folder / "build" / "outside"
        self.program.parent.mkdir()

    def install(self) -> pathlib.Path:
        run("cmake", "--install", settings.build, "--prefix", self.folder / "first")
        return (self.folder / "first").rename(self.folder / "moved")

    def configure(self, source: pathlib.Path, *options: object) -> None:
        run("cmake", "-S", source, "-B", self.program.parent, "-G", "Ninja",
            f"-DCMAKE_CXX_COMPILER={settings.compiler}", f"-DCMAKE_CXX_FLAGS={settings.flags}", *options)

    def pkg_config(self, prefix: pathlib.Path, *options: str) -> list[str]:
        [found] = prefix.rglob("naru.pc")
        return run("pkg-config", *options, "naru", env={**os.environ, "PKG_CONFIG_PATH": str(found.parent)}).split()

    def build_by_hand(self, flags: list[str]) -> None:
        run(settings.compiler, "-std=c++23", *STRICT, *settings.flags.split(), HERE / "outside" / "main.cpp",
            "-o", self.program, *flags)

    def check_program(self, shared: bool, **more: object) -> None:
        needed = run("readelf", "--dynamic", self.program)
        self.assertEqual("libnaru.so" in needed, shared, needed)
        run(self.program, settings.version, **more)

    def test_find_package_shared(self) -> None:
        self.configure(HERE / "outside", f"-DCMAKE_PREFIX_PATH={self.install()}")
        run("cmake", "--build", self.program.parent)
        self.check_program(shared=True)

    def test_find_package_static(self) -> None:
        self.configure(HERE / "outside", f"-DCMAKE_PREFIX_PATH={self.install()}", "-DBUILD_SHARED_LIBS=OFF")
        run("cmake", "--build", self.program.parent)
        self.check_program(shared=False)

    def test_find_package_refuses_another_minor_version(self) -> None:
        source = self.folder / "later"
        source.mkdir()
        text = (HERE / "outside" / "CMakeLists.txt").read_text(encoding="utf-8")
        (source / "CMakeLists.txt").write_text(text.replace("naru 0.1 ", "naru 0.0 "), encoding="utf-8")
        with self.assertRaisesRegex(AssertionError, "considered but not accepted"):
            self.configure(source, f"-DCMAKE_PREFIX_PATH={self.install()}")

    def test_pkg_config_shared(self) -> None:
        prefix = self.install()
        self.assertEqual(self.pkg_config(prefix, "--modversion"), [settings.version])
        self.build_by_hand(self.pkg_config(prefix, "--cflags", "--libs"))
        [library] = prefix.rglob("libnaru.so")
        self.check_program(shared=True, env={**os.environ, "LD_LIBRARY_PATH": str(library.parent)})

    def test_pkg_config_static(self) -> None:
        prefix = self.install()
        # Where both kinds are there, a linker takes the shared one.
        for library in prefix.rglob("libnaru.so*"):
            library.unlink()
        self.build_by_hand(self.pkg_config(prefix, "--static", "--cflags", "--libs"))
        self.check_program(shared=False)

    def test_taken_into_another_build(self) -> None:
        self.configure(HERE / "parent", f"-DNARU_SOURCE={settings.source}")
        self.assertNotIn("-Werror", (self.program.parent / "compile_commands.json").read_text(encoding="utf-8"))
        run("cmake", "--build", self.program.parent)
        self.check_program(shared=False)
        run("cmake", "--install", self.program.parent, "--prefix", self.folder / "parent")
        self.assertEqual(list((self.folder / "parent").rglob("*naru*")), [])

    def test_shared_library_shows_only_the_public_interface(self) -> None:
        [library] = self.install().rglob("libnaru.so")
        lines = run("nm", "--dynamic", "--defined-only", "--demangle", library).splitlines()
        names = [line.split(maxsplit=2)[2] for line in lines]
        self.assertIn("naru::version()", names)
        shown = [name for name in names if not PUBLIC.match(name) or INTERNAL.match(name)]
        self.assertEqual(shown, [], "these symbols are not of the public interface")

    def test_everything_public_is_installed(self) -> None:
        prefix = self.install()
        headers = {path.name for path in (pathlib.Path(settings.source) / "include" / "naru").iterdir()}
        self.assertEqual({path.name for path in (prefix / "include" / "naru").iterdir()}, headers | {"export.hpp"})
        self.assertTrue(list(prefix.rglob("LICENSE")))
        run(prefix / "bin" / "naru", "--version")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    for option in ("source", "build", "compiler", "flags", "version"):
        parser.add_argument(f"--{option}", required=True)
    _, rest = parser.parse_known_args(namespace=settings)
    unittest.main(argv=[sys.argv[0], *rest])
