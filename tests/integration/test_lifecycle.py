"""How the program starts, ends, and behaves where its surroundings do not."""

import os
import pty
import re
import signal
import socket
import subprocess
import unittest

from support import IN_USE, TERMINATION, WINDOWS, connect, framed, receive_message, run, start, stop, text


needs_a_terminal = unittest.skipIf(WINDOWS, "a Windows program has a console, which no test looks at")


class Terminal:
    """A terminal that a child has for its standard error, and perhaps for its standard output."""

    def __init__(self, test, *arguments, output=False, **environment):
        self.screen, other_end = pty.openpty()
        test.addCleanup(os.close, self.screen)
        streams = {"stderr": other_end, **({"stdout": other_end} if output else {})}
        self.child = start(test, *arguments, env={"TERM": "xterm", **environment}, **streams)
        os.close(other_end)

    def read_until(self, text):
        shown = b""
        while text not in shown:
            shown += os.read(self.screen, 4096)
        return shown

    def read_all(self):
        shown = b""
        try:
            while True:
                shown += os.read(self.screen, 4096)
        except OSError:  # EIO: the other end is closed
            return shown


class Lifecycle(unittest.TestCase):
    def test_a_signal_ends_a_server_with_a_summary(self):
        for command in ("echo", "chat"):
            for number in {signal.SIGINT, TERMINATION}:
                with self.subTest(command=command, signal=number):
                    server = start(self, command, "--tcp", "127.0.0.1:0")
                    peer = connect(self, server.address())
                    peer.sendall(framed(b"hello"))
                    self.assertEqual(receive_message(peer), b"hello")
                    server.signal(number)
                    self.assertEqual(peer.recv(1), b"")
                    peer.close()
                    status, output, errors = server.finish()
                    self.assertEqual((status, errors), (0, ""))
                    self.assertRegex(output, rf"\Anaru {command}: .* 1 connections, 1 messages received .*\n\Z")

    @needs_a_terminal
    def test_a_signal_ends_a_load_early_with_its_result(self):
        for transport in ("--tcp", "--udp"):
            with self.subTest(transport=transport):
                server = start(self, "echo", transport, "127.0.0.1:0")
                terminal = Terminal(self, "load", transport, text(server.address()), "--duration", 1000)
                terminal.read_until(b"messages/s")  # it is under way
                terminal.child.signal(signal.SIGINT)
                status, output, _ = terminal.child.finish()
                self.assertEqual(status, 0)
                self.assertRegex(output, r"lost +0\b")

    def test_a_port_in_use(self):
        taken = socket.create_server(("127.0.0.1", 0))
        self.addCleanup(taken.close)
        address = text(taken.getsockname())
        status, output, errors = run(self, "echo", "--tcp", address)
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, rf"\Anaru echo: {re.escape(address)}: [^\n]*{IN_USE}\n\Z")

    def test_an_address_of_another_machine(self):
        # 192.0.2.0/24 is nobody's (RFC 5737).
        status, _, errors = run(self, "echo", "--tcp", "192.0.2.1:0")
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"\Anaru echo: 192\.0\.2\.1:0: [^\n]+\n\Z")

    def test_ipv6_and_the_wildcard(self):
        for address in ("[::1]:0", ":0"):
            with self.subTest(address=address):
                server = start(self, "echo", "--tcp", address)
                _, port = server.address()
                peer = connect(self, ("::1", port))
                peer.sendall(framed(b"six"))
                self.assertEqual(receive_message(peer), b"six")
                self.assertEqual(stop(server)[0], 0)

    def test_a_server_whose_output_is_closed_serves_on(self):
        # The address is not readable then, so the port is one that was free a moment ago.
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = free.getsockname()
        reader, writer = os.pipe()
        os.close(reader)
        server = start(self, "echo", "--tcp", text(address), stdout=writer)
        os.close(writer)
        peer = connect_when_there(self, address)
        peer.sendall(framed(b"still here"))
        self.assertEqual(receive_message(peer), b"still here")
        status, _, errors = stop(server)
        self.assertEqual((status, errors), (0, ""))

    def test_a_load_whose_output_is_closed_fails_and_says_so(self):
        server = start(self, "echo", "--tcp", "127.0.0.1:0")
        reader, writer = os.pipe()
        os.close(reader)
        load = start(self, "load", "--tcp", text(server.address()), "--duration", 0.1, stdout=writer)
        os.close(writer)
        status, _, errors = load.finish()
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"\Anaru load: [^\n]*standard output\n\Z")

    @needs_a_terminal
    def test_a_status_line_on_a_terminal_only(self):
        terminal = Terminal(self, "echo", "--tcp", "127.0.0.1:0")
        terminal.read_until(b"\r  0 connections   0 messages/s   0.00 MB/s")
        self.assertEqual(stop(terminal.child)[0], 0)

    @needs_a_terminal
    def test_colour_on_a_terminal_unless_it_is_not_wanted(self):
        for environment, coloured in (({}, True), ({"NO_COLOR": "1"}, False), ({"TERM": "dumb"}, False)):
            with self.subTest(environment=environment):
                terminal = Terminal(self, "demo", "--duration", 0.6, output=True, **environment)
                shown = terminal.read_all()
                self.assertIn(b"messages/s", shown)
                self.assertEqual(re.search(rb"\x1b\[[0-9;]*m", shown) is not None, coloured)
                self.assertEqual(terminal.child.finish()[0], 0)

    def test_a_short_demo(self):
        status, output, errors = run(self, "demo", "--duration", 0.3)
        self.assertEqual((status, errors), (0, ""))
        over_tcp, over_udp = output.split("UDP: ")
        self.assertTrue(over_tcp.startswith("TCP: "), output)
        for part in (over_tcp, over_udp):
            for word in ("An echo server", "By hand: naru echo", "messages/s", "MB/s", "p99.9", "closes", "█"):
                self.assertIn(word, part)
        for word in ("--udp 127.0.0.1:7000", "lost ", "reordered", "duplicates"):
            self.assertIn(word, over_udp)
        self.assertNotIn("\x1b", output)  # no colour where there is no terminal


def connect_when_there(test, address):
    """Connects to a server that cannot say when it listens: the attempt itself is what is waited for."""
    for _ in range(1000):
        try:
            return connect(test, address)
        except ConnectionRefusedError:
            subprocess.run(["true"], check=True)  # gives way to the server's start
    raise AssertionError("the server never listened")


if __name__ == "__main__":
    unittest.main()
