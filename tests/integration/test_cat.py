"""`naru cat`: the standard input and output as one end of a connection."""

import os
import signal
import socket
import subprocess
import threading
import unittest

from support import NARU, PATIENCE_S, REFUSED, TERMINATION, framed, receive_exactly, receive_message, run, start, stop, text


class Cat(unittest.TestCase):
    def accept(self, *more):
        """A cat, and the peer that it is connected to."""
        with socket.create_server(("127.0.0.1", 0)) as listener:
            listener.settimeout(PATIENCE_S)
            address = text(listener.getsockname())
            cat = start(self, "cat", "--tcp", address, *more, stdin=subprocess.PIPE)
            peer, _ = listener.accept()
        self.addCleanup(peer.close)
        peer.settimeout(PATIENCE_S)
        return cat, peer

    def test_what_is_piped_through_an_echo_comes_back(self):
        lines = b"".join(b"line %d\n" % number for number in range(10000))
        for framing in ("length", "lines", "raw"):
            with self.subTest(framing=framing):
                server = start(self, "echo", "--tcp", "127.0.0.1:0", "--framing", framing)
                address = text(server.address())
                done = subprocess.run(
                    [*NARU, "cat", "--tcp", address, "--framing", framing],
                    input=lines, capture_output=True, timeout=PATIENCE_S,
                )
                self.assertEqual((done.returncode, done.stderr), (0, b""))
                self.assertEqual(done.stdout, lines)
                self.assertIn("closes: peer 1", stop(server)[1])

    def test_lines_become_messages_and_messages_lines(self):
        cat, peer = self.accept()
        cat.type("one\n\n")
        self.assertEqual([receive_message(peer), receive_message(peer)], [b"one", b""])
        peer.sendall(framed(b"an answer") + framed(b""))
        self.assertEqual([cat.line(), cat.line()], ["an answer\n", "\n"])

    def test_the_peers_end_ends_it(self):
        cat, peer = self.accept()
        peer.sendall(framed(b"bye"))
        peer.close()
        self.assertEqual(cat.finish(), (0, "bye\n", ""))  # with an input that is still open

    def test_at_the_end_of_the_input_answers_are_waited_for(self):
        cat, peer = self.accept("--wait-ms", 20000)
        cat.type("question\n")
        cat.end_input()
        self.assertEqual(receive_message(peer), b"question")
        peer.sendall(framed(b"late answer"))
        peer.close()
        self.assertEqual(cat.finish(), (0, "late answer\n", ""))

    def test_without_waiting_all_that_was_typed_arrives(self):
        cat, peer = self.accept("--wait-ms", 0)
        lines = b"".join(b"%064d\n" % number for number in range(20000))
        typist = threading.Thread(target=lambda: (cat.type(lines), cat.end_input()))
        typist.start()
        for number in range(20000):
            self.assertEqual(receive_message(peer), b"%064d" % number)
        typist.join()
        self.assertEqual(peer.recv(1), b"")
        peer.close()
        self.assertEqual(cat.finish(), (0, "", ""))

    def test_a_slow_reader_is_waited_for(self):
        # Several times what the backlog may hold (8 MiB), to a peer that reads nothing until the pipe is full.
        cat, peer = self.accept("--framing", "raw", "--wait-ms", 0)
        total = 40 << 20
        pipe = cat.process.stdin.fileno()
        os.set_blocking(pipe, False)
        typed = 0
        try:
            while typed < total:
                typed += os.write(pipe, b"x" * 65536)
        except BlockingIOError:
            pass
        self.assertLess(typed, total)
        os.set_blocking(pipe, True)
        typist = threading.Thread(target=lambda: (cat.type(b"x" * (total - typed)), cat.end_input()))
        typist.start()
        receive_exactly(peer, total)
        typist.join()
        self.assertEqual(peer.recv(1), b"")
        peer.close()
        self.assertEqual(cat.finish(), (0, "", ""))

    def test_a_signal_ends_it(self):
        cat, peer = self.accept()
        peer.sendall(framed(b"there"))
        self.assertEqual(cat.line(), "there\n")
        cat.signal(signal.SIGINT)
        self.assertEqual(peer.recv(1), b"")
        peer.close()
        self.assertEqual(cat.finish(), (0, "", ""))

    def test_a_second_signal_ends_it_at_once(self):
        cat, peer = self.accept()
        peer.sendall(framed(b"there"))
        self.assertEqual(cat.line(), "there\n")
        cat.signal(signal.SIGINT)
        self.assertEqual(peer.recv(1), b"")  # it now waits for the peer's end, which does not come
        cat.signal(TERMINATION)
        self.assertEqual(cat.finish(), (128 + TERMINATION, "", ""))

    def test_a_reset_is_a_failure(self):
        cat, peer = self.accept()
        peer.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
        peer.close()
        status, output, errors = cat.finish()
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"\Anaru cat: [^\n]*reset[^\n]*\n\Z")

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = text(free.getsockname())
        status, output, errors = run(self, "cat", "--tcp", address)
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, rf"\Anaru cat: {address}: [^\n]*{REFUSED}\n\Z")

    def test_a_line_that_is_too_long(self):
        cat, peer = self.accept("--max-message", 10)
        cat.type("0123456789\n0123456789a\nnever sent\n")
        self.assertEqual(receive_message(peer), b"0123456789")
        peer.close()
        status, _, errors = cat.finish()
        self.assertEqual(status, 1)
        self.assertRegex(errors, r"\Anaru cat: a message of 11 bytes was not sent: [^\n]+\n\Z")

    def test_an_output_that_nobody_reads(self):
        reader, writer = os.pipe()
        os.close(reader)
        with socket.create_server(("127.0.0.1", 0)) as listener:
            cat = start(self, "cat", "--tcp", text(listener.getsockname()), stdin=subprocess.PIPE, stdout=writer)
            os.close(writer)
            peer, _ = listener.accept()
        with peer:
            peer.sendall(framed(b"to nobody"))
            self.assertEqual(peer.recv(1), b"")
        status, _, errors = cat.finish()
        self.assertEqual((status, errors), (1, "naru cat: the standard output could not be written\n"))


if __name__ == "__main__":
    unittest.main()
