"""The echo and netcat, which knows nothing of framing (raw stream and lines)."""

import shutil
import subprocess
import unittest

from support import PATIENCE_S, start, stop


@unittest.skipUnless(shutil.which("nc"), "nc is not installed")
class Netcat(unittest.TestCase):
    def talk(self, framing, typed):
        server = start(self, "echo", "--tcp", "127.0.0.1:0", "--framing", framing)
        host, port = server.address()
        # -N: the end of the input ends the stream.
        answer = subprocess.run(
            ["nc", "-N", host, str(port)], input=typed, capture_output=True, timeout=PATIENCE_S, check=True
        ).stdout
        status, output, errors = stop(server)
        self.assertEqual((status, errors), (0, ""))
        self.assertIn("closes: peer 1", output)
        return answer

    def test_raw_bytes_come_back_as_they_were(self):
        every_byte = bytes(range(256)) * 4096
        self.assertEqual(self.talk("raw", every_byte), every_byte)

    def test_lines_come_back_with_their_ends(self):
        self.assertEqual(self.talk("lines", b"one\n\ntwo words\n"), b"one\n\ntwo words\n")

    def test_a_carriage_return_belongs_to_the_line_end(self):
        self.assertEqual(self.talk("lines", b"one\r\ntwo\r\n"), b"one\ntwo\n")

    def test_many_lines(self):
        lines = b"".join(b"line %d\n" % number for number in range(20000))
        self.assertEqual(self.talk("lines", lines), lines)

    def test_an_unfinished_line_is_no_message(self):
        self.assertEqual(self.talk("lines", b"one\ntw"), b"one\n")

    def test_cat_and_netcat_as_a_server(self):
        listener = start(self, "-l", "-N", "-v", "127.0.0.1", "0", program=["nc"], stdin=subprocess.PIPE)
        # netcat says where it listens on its standard error: "Listening on localhost 12345".
        port = listener.process.stderr.readline().split()[-1].decode()
        cat = start(self, "cat", "--tcp", f"127.0.0.1:{port}", "--framing", "raw", stdin=subprocess.PIPE)
        cat.type("typed\n")
        self.assertEqual(listener.line(), "typed\n")
        listener.type("answered\n")
        self.assertEqual(cat.line(), "answered\n")
        listener.end_input()
        self.assertEqual(cat.finish(), (0, "", ""))
        listener.finish()


if __name__ == "__main__":
    unittest.main()
