"""naru of Linux and naru of Windows, each as the server of the other: NARU_PROGRAM is the one, and
NARU_WINDOWS_PROGRAM the command that runs the other here."""

import json
import os
import pty
import shlex
import signal
import socket
import subprocess
import termios
import threading
import tty
import unittest

from support import NARU as LINUX
from support import PATIENCE_S, connect, framed, receive_message, start, text

WINDOWS = shlex.split(os.environ.get("NARU_WINDOWS_PROGRAM", "naru.exe"))
EVERY_BYTE = bytes(range(256)) + b"\r\n\n\r\x1a\x00"


def interrupt(child):
    """Ctrl-C: what it said since, when it ended in good order."""
    child.signal(signal.SIGINT)
    return child.finish()


class Pair:
    """What holds whichever of the two is the server; the classes below say which it is."""

    server = client = ()

    def serve(self, command, *more):
        """A server over both transports, and where it listens over each."""
        server = start(self, command, "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0", *more, program=self.server)
        return server, {"--tcp": text(server.address()), "--udp": text(server.address())}

    def cat(self, program, transport, at, *more):
        return start(self, "cat", transport, at, *more, program=program, stdin=subprocess.PIPE)

    def check_end(self, server, command, connections, messages):
        status, output, errors = interrupt(server)
        self.assertEqual((status, errors), (0, ""))
        counts = f"{connections:,} connections, {messages:,} messages received"
        self.assertRegex(output, rf"\Anaru {command}: [\d.]+ s, {counts} [^\n]*\n\Z")

    def check_load(self, transport, at, *more):
        load = start(
            self, "load", transport, at, "--duration", 0.5, "--json", *more,
            *(("--loss-timeout-ms", 20000) if transport == "--udp" else ()), program=self.client,
        )
        status, output, errors = load.finish()
        self.assertEqual((status, errors), (0, ""), output)
        result = json.loads(output)
        nothing = {"lost": 0, "wrong": 0, "refused": 0, "closed_early": 0, "connect": None}
        self.assertEqual((result["good"], result["errors"]), (True, nothing))
        self.assertEqual(result["closes"]["local"], result["connections"])
        self.assertGreater(result["sent"], 0)
        return result

    def test_a_load_over_tcp(self):
        server, at = self.serve("echo", "--max-message", 2 << 20)
        connections = messages = 0
        for size in (0, 1, 64, 65536, 1 << 20):
            with self.subTest(size=size):
                result = self.check_load("--tcp", at["--tcp"], "--connections", 5, "--size", size, "--depth", 3)
                connections += result["connections"]
                messages += result["sent"]
        self.check_end(server, "echo", connections, messages)

    def test_a_load_over_udp(self):
        server, at = self.serve("echo")
        connections = messages = 0
        for size in (8, 1472, 65507):
            with self.subTest(size=size):
                result = self.check_load("--udp", at["--udp"], "--connections", 2, "--size", size)
                self.assertEqual(result["datagrams"]["answered"], result["sent"])
                connections += result["connections"]
                messages += result["sent"]
        self.check_end(server, "echo", connections, messages)

    def test_many_connections(self):
        server, at = self.serve("echo", "--workers", 2)
        result = self.check_load("--tcp", at["--tcp"], "--connections", 200, "--workers", 2)
        self.check_end(server, "echo", 200, result["sent"])

    def test_lines_come_back_through_a_cat(self):
        lines = b"".join(b"line %d\n" % number for number in range(5000))
        for framing in ("length", "lines"):
            with self.subTest(framing=framing):
                server, at = self.serve("echo", "--framing", framing)
                cat = self.cat(self.client, "--tcp", at["--tcp"], "--framing", framing)
                cat.type(lines)
                cat.end_input()
                self.assertEqual(cat.finish(), (0, lines.decode(), ""))
                self.check_end(server, "echo", 1, 5000)

    def test_bytes_come_back_as_they_were(self):
        server, at = self.serve("echo", "--framing", "raw")
        done = subprocess.run(
            [*self.client, "cat", "--tcp", at["--tcp"], "--framing", "raw"],
            input=EVERY_BYTE * 1000, capture_output=True, timeout=PATIENCE_S, check=False,
        )
        self.assertEqual((done.returncode, done.stderr), (0, b""))
        self.assertEqual(done.stdout, EVERY_BYTE * 1000)
        self.assertIn("closes: peer 1", interrupt(server)[1])

    def test_lines_come_back_as_datagrams(self):
        server, at = self.serve("echo")
        cat = self.cat(self.client, "--udp", at["--udp"])
        for number in range(100):
            cat.type(f"line {number}\n")
            self.assertEqual(cat.line(), f"line {number}\n")
        cat.end_input()
        self.assertEqual(cat.finish(), (0, "", ""))
        self.check_end(server, "echo", 1, 100)

    def test_a_chat_of_both_systems_over_both_transports(self):
        server, at = self.serve("chat")
        guests = []
        for program in (LINUX, WINDOWS):
            for transport in ("--tcp", "--udp"):
                guest = self.cat(program, transport, at[transport])
                for said in (f"guest {len(guests)} enters\n", f"guest {len(guests)} stays\n"):
                    guest.type(said)
                    # Whoever hears himself has entered; until its second word a datagram peer hears itself alone.
                    while guest.line() != said:
                        continue
                guests.append(guest)
        for turn in range(20):
            for number, speaker in enumerate(guests):
                said = f"guest {number} says {turn}\n"
                speaker.type(said)
                for guest in guests:
                    line = guest.line()
                    while "says" not in line:  # somebody entered after this one
                        self.assertRegex(line, r"enters|stays")
                        line = guest.line()
                    self.assertEqual(line, said)
        for guest in guests:
            guest.end_input()
        for guest in guests:
            self.assertEqual(guest.finish(), (0, "", ""))
        self.check_end(server, "chat", 4, 88)

    def test_a_server_that_is_interrupted_ends_its_clients(self):
        server, at = self.serve("echo")
        cat = self.cat(self.client, "--tcp", at["--tcp"])
        cat.type("hello\n")
        self.assertEqual(cat.line(), "hello\n")
        self.check_end(server, "echo", 1, 1)
        self.assertEqual(cat.finish(), (0, "", ""))  # with an input that is still open

    def test_a_client_that_is_interrupted_leaves_in_good_order(self):
        server, at = self.serve("echo")
        cat = self.cat(self.client, "--tcp", at["--tcp"])
        cat.type("hello\n")
        self.assertEqual(cat.line(), "hello\n")
        self.assertEqual(interrupt(cat), (0, "", ""))
        self.assertIn("closes: peer 1\n", interrupt(server)[1])

    def test_a_client_that_is_killed_disturbs_nobody(self):
        server, at = self.serve("chat")
        stays, dies = (self.cat(self.client, "--tcp", at["--tcp"]) for _ in range(2))
        for guest in (stays, dies):
            guest.type("here\n")
            self.assertEqual(guest.line(), "here\n")
        self.assertEqual(stays.line(), "here\n")  # the other's
        dies.kill()
        stays.type("alone\n")
        self.assertEqual(stays.line(), "alone\n")
        stays.end_input()
        self.assertEqual(stays.finish(), (0, "", ""))
        self.check_end(server, "chat", 2, 3)


class WindowsServes(Pair, unittest.TestCase):
    server, client = WINDOWS, LINUX


class LinuxServes(Pair, unittest.TestCase):
    server, client = LINUX, WINDOWS


class Ending(unittest.TestCase):
    """Ctrl-C, as the Windows program gets it."""

    def test_a_server_says_what_it_did(self):
        for command in ("echo", "chat"):
            with self.subTest(command=command):
                server = start(self, command, "--tcp", "127.0.0.1:0", program=WINDOWS)
                peer = connect(self, server.address())
                peer.sendall(framed(b"hello"))
                self.assertEqual(receive_message(peer), b"hello")
                server.signal(signal.SIGINT)
                self.assertEqual(peer.recv(1), b"")
                peer.close()
                status, output, errors = server.finish()
                self.assertEqual((status, errors), (0, ""))
                self.assertRegex(output, rf"\Anaru {command}: .* 1 connections, 1 messages received .*\n\Z")

    def test_a_second_one_ends_it_at_once_and_with_the_status_of_linux(self):
        for program in (LINUX, WINDOWS):
            with self.subTest(program=program), socket.create_server(("127.0.0.1", 0)) as listener:
                listener.settimeout(PATIENCE_S)
                cat = start(
                    self, "cat", "--tcp", text(listener.getsockname()), program=program, stdin=subprocess.PIPE
                )
                peer, _ = listener.accept()
                with peer:
                    peer.sendall(framed(b"there"))
                    self.assertEqual(cat.line(), "there\n")
                    cat.signal(signal.SIGINT)
                    self.assertEqual(peer.recv(1), b"")  # it now waits for the peer's end, which does not come
                    cat.signal(signal.SIGINT)
                    self.assertEqual(cat.finish(), (128 + signal.SIGINT, "", ""))

    def test_a_load_ends_early_with_its_result(self):
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE_S)
            address = text(listener.getsockname())
            load = start(self, "load", "--tcp", address, "--connections", 1, "--duration", 1000, program=WINDOWS)
            peer, _ = listener.accept()
        with peer:
            peer.settimeout(PATIENCE_S)
            for _ in range(10):
                peer.sendall(framed(receive_message(peer)))
            load.signal(signal.SIGINT)
            try:
                while True:
                    peer.sendall(framed(receive_message(peer)))
            except (AssertionError, ConnectionError):
                pass  # it has closed
        status, output, errors = load.finish()
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"lost +0\b")


class Console(unittest.TestCase):
    """A Windows program whose standard input is a console: what runs it here makes one of a terminal."""

    def setUp(self):
        self.keyboard, other_end = pty.openpty()
        self.addCleanup(os.close, self.keyboard)
        # What is typed before the console is there is to be the console's, too; so are all keys but Ctrl-C.
        tty.setraw(other_end)
        mode = termios.tcgetattr(other_end)
        mode[3] |= termios.ISIG
        mode[6][termios.VSUSP] = b"\0"
        termios.tcsetattr(other_end, termios.TCSANOW, mode)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE_S)
            self.cat = start(
                self, "cat", "--tcp", text(listener.getsockname()), "--wait-ms", 0,
                program=WINDOWS, stdin=other_end, start_new_session=True,
            )
            os.close(other_end)
            self.peer, _ = listener.accept()
        self.addCleanup(self.peer.close)
        self.peer.settimeout(PATIENCE_S)
        screen = threading.Thread(target=self.look_at_the_screen)
        screen.start()
        self.addCleanup(screen.join)
        self.addCleanup(self.cat.kill)

    def look_at_the_screen(self):
        try:
            while os.read(self.keyboard, 4096):
                pass
        except OSError:  # EIO: the other end is closed
            pass

    def type(self, text):
        os.write(self.keyboard, text.encode())

    def test_lines_arrive_in_utf_8_until_ctrl_z(self):
        for line in ("grüße", "", "Привет 🙂"):
            self.type(line + "\r")
            self.assertEqual(receive_message(self.peer).decode(), line)
        self.type("\x1a\r")
        self.assertEqual(self.peer.recv(1), b"")
        self.peer.close()
        self.assertEqual(self.cat.finish(), (0, "", ""))

    def test_ctrl_c_ends_it(self):
        self.type("hello\r")
        self.assertEqual(receive_message(self.peer), b"hello")
        self.type("\x03")
        self.assertEqual(self.peer.recv(1), b"")
        self.peer.close()
        self.assertEqual(self.cat.finish(), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
