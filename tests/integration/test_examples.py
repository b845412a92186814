"""The examples do what the README and the guides say of them."""

import os
import shlex
import subprocess
import unittest

from support import connect, datagrams, receive_exactly, run, start, text

# The command that runs an example, with {} for its name.
COMMAND = os.environ.get("NARU_EXAMPLES", "example_{}")


def example(name):
    return shlex.split(COMMAND.format(name))


def lines(output):
    """What was printed, on whichever system: the examples print text, whose lines end as lines do there."""
    return output.replace("\r\n", "\n")


class Examples(unittest.TestCase):
    def test_the_client_talks_to_the_echo(self):
        server = start(self, "127.0.0.1:0", program=example("echo"), stdin=subprocess.PIPE)
        address = text(server.address())
        status, output, errors = run(self, address, "one", "", "two words", program=example("client"))
        self.assertEqual((status, lines(output), errors), (0, "one\n\ntwo words\n", ""))
        over_udp = datagrams(self, server.address())
        over_udp.send(b"one more")
        self.assertEqual(over_udp.recv(100), b"one more")
        server.type("\n")
        self.assertEqual(server.finish(), (0, "", ""))

    def test_the_client_says_when_nobody_is_there(self):
        server = start(self, "127.0.0.1:0", program=example("echo"), stdin=subprocess.PIPE)
        address = text(server.address())
        server.address()  # over UDP: it has started
        server.type("\n")
        server.finish()
        status, output, errors = run(self, address, "hello", program=example("client"))
        self.assertEqual((status, output), (1, ""))
        self.assertIn("connect_failed", errors)

    def test_the_chat_asks_for_a_name_and_tells_everybody(self):
        server = start(self, "127.0.0.1:0", program=example("chat"), stdin=subprocess.PIPE)
        address = server.address()
        guests = [connect(self, address) for _ in range(2)]
        for guest, name in zip(guests, (b"Ada", b"Grace")):
            self.assertEqual(receive_exactly(guest, 13), b"Who are you?\n")
            # Whoever hears himself has entered.
            guest.sendall(name + b"\nHello\n")
            greeting = name + b": Hello\n"
            self.assertEqual(receive_exactly(guest, len(greeting)), greeting)
        self.assertEqual(receive_exactly(guests[0], 13), b"Grace: Hello\n")
        over_udp = datagrams(self, server.address())
        for said in (b"Alan", b"Hello"):
            over_udp.send(said)
        self.assertEqual([over_udp.recv(100), over_udp.recv(100)], [b"Who are you?", b"Alan: Hello"])
        for guest in guests:
            self.assertEqual(receive_exactly(guest, 12), b"Alan: Hello\n")
        server.type("\n")
        for guest in guests:
            self.assertEqual(guest.recv(1), b"")
            guest.close()
        self.assertEqual(server.finish(), (0, "", ""))


if __name__ == "__main__":
    unittest.main()
