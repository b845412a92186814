"""The programs of the benchmark, started and ended."""

import contextlib
import json
import pathlib
import re
import subprocess


def memory_bytes(pid, key):
    """What proc_pid_status(5) tells of a process's memory under this key."""
    status = pathlib.Path(f"/proc/{pid}/status").read_text()
    return int(re.search(rf"^{key}:\s+(\d+) kB$", status, re.MULTILINE)[1]) * 1024


class Server:
    """A server. A context manager: it ends with the block. `last_words` is what it printed then, and
    `highest_growth_bytes` how much its resident memory had grown at most."""

    def __init__(self, command, ready_timeout_s=30):
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{command} ended with {self._process.wait(ready_timeout_s)} before it listened")
        self.port = int(line)
        self.pid = self._process.pid
        self.last_words = None
        self.highest_growth_bytes = None
        self._first_bytes = memory_bytes(self.pid, "VmRSS")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.end()

    def end(self, timeout_s=60):
        """Ends it as an operator would, and waits."""
        if self._process.poll() is None:
            self.highest_growth_bytes = memory_bytes(self.pid, "VmHWM") - self._first_bytes
        self._process.terminate()
        try:
            self._process.wait(timeout_s)
            self.last_words = self._process.stdout.read()
        finally:
            self._process.kill()
            self._process.stdout.close()


class Load:
    """The load generator, connected to one server. A context manager, too."""

    def __init__(self, command):
        self._command = command
        self._process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        # One that failed no longer reads; what it said on the standard error is what counts.
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        try:
            self._process.wait(30)
        finally:
            self._process.kill()
            self._process.stdout.close()

    def run(self, seconds):
        """Loads for so long; what came of it."""
        self._process.stdin.write(f"{seconds}\n")
        self._process.stdin.flush()
        return self.result()

    def result(self):
        """The next line that it prints."""
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError(f"{self._command} ended with {self._process.wait(30)}")
        return json.loads(line)


def load_command(program, server, *, connections, depth, size_bytes=64, lock_step=None):
    """How to load a server."""
    command = [str(program), "--port", str(server.port), "--server", str(server.pid),
               "--connections", str(connections), "--depth", str(depth), "--size", str(size_bytes)]
    return command if lock_step is None else [*command, "--lock-step", str(lock_step)]


def load_command_with(program, server, *arguments):
    """How to load a server with another program, which is told the same of it."""
    return [str(part) for part in (program, "--port", server.port, "--server", server.pid, *arguments)]


def pinned(cpu, command):
    """The same command, on one CPU. taskset(1) becomes the program, so the process id is its own."""
    return ["taskset", "--cpu-list", str(cpu), *(str(part) for part in command)]
