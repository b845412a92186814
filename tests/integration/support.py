"""What the tests of the program share. NARU_PROGRAM in the environment is the command that runs it: its path, perhaps
behind that of a program that runs programs of another system."""

import os
import re
import shlex
import signal
import socket
import struct
import subprocess
import threading

NARU = shlex.split(os.environ.get("NARU_PROGRAM", "naru"))
# What runs Windows programs here turns SIGINT into the Ctrl-C that they know; SIGTERM just ends them.
WINDOWS = NARU[-1].endswith(".exe")
TERMINATION = signal.SIGINT if WINDOWS else signal.SIGTERM
PATIENCE_S = 60 if WINDOWS else 30
# What an error ends with: Windows numbers its errors, and not every system that runs its programs has the words.
REFUSED = r"refused( \(Windows error \d+\))?"
IN_USE = r"(in use|\(Windows error 10048\))"


class Program:
    """A running child that is killed when it takes too long, so that no read from it waits for ever. `program` is a
    command, in parts."""

    def __init__(self, *arguments, program=NARU, **options):
        streams = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        self.process = subprocess.Popen([*program, *map(str, arguments)], **{**streams, **options})
        self.watchdog = threading.Timer(PATIENCE_S, self.process.kill)
        self.watchdog.start()

    def line(self):
        """The next line of the output; empty at its end."""
        return self.process.stdout.readline().decode()

    def type(self, text):
        self.process.stdin.write(text if isinstance(text, bytes) else text.encode())
        self.process.stdin.flush()

    def end_input(self):
        self.process.stdin.close()
        self.process.stdin = None

    def address(self):
        """Where a server says that it listens: host and port."""
        line = self.line()
        found = re.match(r"listening on (.*):(\d+)\b", line)
        if not found:
            raise AssertionError(f"no address in {line!r}; {self.finish()}")
        return found[1].strip("[]"), int(found[2])

    def signal(self, number):
        self.process.send_signal(number)

    def finish(self):
        """Waits for the end: the exit status and what was left of both outputs."""
        output, errors = self.process.communicate(timeout=PATIENCE_S)
        self.watchdog.cancel()
        return self.process.returncode, (output or b"").decode(), (errors or b"").decode()

    def kill(self):
        self.watchdog.cancel()
        if self.process.poll() is None:
            self.process.kill()
        self.process.communicate()


def start(test, *arguments, **options):
    """A child that is gone when the test is."""
    child = Program(*arguments, **options)
    test.addCleanup(child.kill)
    return child


def run(test, *arguments, **options):
    return start(test, *arguments, **options).finish()


def stop(child):
    child.signal(TERMINATION)
    return child.finish()


def text(address):
    return "%s:%d" % address


def connect(test, address):
    peer = socket.create_connection(address, timeout=PATIENCE_S)
    test.addCleanup(peer.close)
    return peer


def datagrams(test, address):
    """A UDP socket of the test's that talks to this address alone."""
    peer = socket.socket(socket.AF_INET6 if ":" in address[0] else socket.AF_INET, socket.SOCK_DGRAM)
    test.addCleanup(peer.close)
    peer.settimeout(PATIENCE_S)
    peer.connect(address)
    return peer


def nobodys_datagram_address():
    """Where nobody receives: no other test binds on this address, so that the port stays free."""
    with socket.socket(type=socket.SOCK_DGRAM) as free:
        free.bind(("127.0.0.77", 0))
        return free.getsockname()


def framed(message):
    return struct.pack(">I", len(message)) + message


def receive_exactly(peer, count):
    received = bytearray()
    while len(received) < count:
        piece = peer.recv(count - len(received))
        if not piece:
            raise AssertionError(f"the stream ended after {len(received)} of {count} bytes")
        received += piece
    return bytes(received)


def receive_message(peer):
    (length,) = struct.unpack(">I", receive_exactly(peer, 4))
    return receive_exactly(peer, length)
