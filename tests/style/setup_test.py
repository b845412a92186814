"""scripts/lib.sh installs what is missing, without a question, and nothing else. What it calls is imitated here."""

import os
import pathlib
import subprocess
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PACKAGES = [line.split() for line in (ROOT / "packages.txt").read_text(encoding="utf-8").splitlines()
            if line and not line.startswith("#")]


class SetupTest(unittest.TestCase):
    def setUp(self) -> None:
        folder = tempfile.TemporaryDirectory(prefix="naru-setup-")
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        for tool in ("awk", "bash", "comm", "dirname", "env", "sort"):
            found = subprocess.run(["which", tool], capture_output=True, text=True, check=True).stdout.strip()
            (self.folder / tool).symlink_to(found)
        self.imitate("apt-get", f'echo "$DEBIAN_FRONTEND $*" >> {self.folder}/calls')
        self.imitate("id", "echo 0")

    def imitate(self, tool: str, script: str) -> None:
        path = self.folder / tool
        path.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
        path.chmod(0o755)

    def installed(self, packages: list[str]) -> None:
        """dpkg-query answers with those of its arguments that are installed; one was removed, but is remembered."""
        lines = "".join(f"ii  {package}\\n" for package in packages)
        self.imitate("dpkg-query", f"printf '{lines}rc  removed\\n'")

    def need(self, *groups: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["bash", "-c", f"set -euo pipefail; source {ROOT}/scripts/lib.sh; need_packages {' '.join(groups)}"],
            env={"PATH": str(self.folder)}, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)

    def calls(self) -> list[str]:
        path = self.folder / "calls"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def test_nothing_is_missing(self) -> None:
        self.installed([package for _, package in PACKAGES])
        result = self.need("run", "test", "bench")
        self.assertEqual((result.returncode, result.stdout, result.stderr), (0, "", ""))
        self.assertEqual(self.calls(), [])

    def test_only_what_is_missing_is_installed(self) -> None:
        self.installed([package for _, package in PACKAGES if package != "ninja-build"])
        result = self.need("run")
        self.assertEqual(result.returncode, 0, result.stderr)
        update, install = self.calls()
        self.assertRegex(update, r"^noninteractive .*update$")
        self.assertRegex(install, r"^noninteractive .*install -y --no-install-recommends ninja-build$")

    def test_a_group_brings_only_its_own(self) -> None:
        self.installed([package for group, package in PACKAGES if group == "run"])
        self.assertEqual(self.need("run").returncode, 0)
        self.assertEqual(self.calls(), [])
        self.assertEqual(self.need("bench").returncode, 0)
        self.assertRegex(self.calls()[-1], "libasio-dev$")

    def test_sudo_is_used_and_cannot_ask_without_a_terminal(self) -> None:
        self.installed([])
        self.imitate("id", "echo 1000")
        self.imitate("sudo", f'echo "sudo $1" >> {self.folder}/calls; shift; exec "$@"')
        self.assertEqual(self.need("bench").returncode, 0)
        self.assertEqual([call.split()[0:2] for call in self.calls()][0], ["sudo", "-n"])
        self.assertRegex(self.calls()[-1], "^noninteractive .*install")

    def test_neither_root_nor_sudo(self) -> None:
        self.installed([])
        self.imitate("id", "echo 1000")
        result = self.need("bench")
        self.assertEqual(result.returncode, 1)
        self.assertIn("are missing, and installing them takes root or sudo: libasio-dev", result.stderr)
        self.assertEqual(self.calls(), [])

    def test_installing_fails(self) -> None:
        self.installed([])
        self.imitate("apt-get", "exit 100")
        result = self.need("bench")
        self.assertEqual(result.returncode, 1)
        self.assertIn("could not be installed; as root: apt-get install libasio-dev", result.stderr)

    def test_no_debian(self) -> None:
        result = self.need("run")
        self.assertEqual(result.returncode, 0)
        self.assertIn("This is not Debian", result.stderr)


if __name__ == "__main__":
    unittest.main()
