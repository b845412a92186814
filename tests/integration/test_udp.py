"""`naru echo`, `chat` and `cat` over UDP, alone and beside TCP, with plain sockets on the other side."""

import socket
import subprocess
import unittest

from support import (IN_USE, PATIENCE_S, WINDOWS, connect, datagrams, framed, nobodys_datagram_address, receive_message,
                     run, start, stop, text)

DATAGRAM_BYTES_MOST = 65507


def free_port_of_both(test):
    """A port of loopback that nothing has, over either transport, a moment ago."""
    for _ in range(100):
        with socket.create_server(("127.0.0.1", 0)) as stream, socket.socket(type=socket.SOCK_DGRAM) as datagram:
            try:
                datagram.bind(stream.getsockname())
                return stream.getsockname()[1]
            except OSError:
                continue
    return test.fail("no port is free")


class Echo(unittest.TestCase):
    def test_datagrams_of_all_sizes_come_back(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0")
        peer = datagrams(self, server.address())
        for size in (1, 0, 2, 512, 1472, 1473, 9000, DATAGRAM_BYTES_MOST, 0, 3):
            with self.subTest(size=size):
                sent = bytes(range(256)) * (size // 256) + bytes(size % 256)
                peer.send(sent)
                self.assertEqual(peer.recv(1 << 16), sent)
        status, output, errors = stop(server)
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"\Anaru echo: .* 1 connections, 10 messages received .*: network_stopped 1\n\Z")

    def test_a_datagram_above_the_limit_gets_no_answer(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0", "--max-message", 1000)
        peer = datagrams(self, server.address())
        for sent in (b"before", b"x" * 1001, b"y" * 1000):
            peer.send(sent)
        self.assertEqual([peer.recv(1 << 16), peer.recv(1 << 16)], [b"before", b"y" * 1000])

    def test_each_peer_gets_its_own(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0", "--workers", 3)
        address = server.address()
        peers = [datagrams(self, address) for _ in range(50)]
        for turn in range(3):
            for number, peer in enumerate(peers):
                peer.send(b"%d of %d" % (turn, number))
            for number, peer in enumerate(peers):
                self.assertEqual(peer.recv(100), b"%d of %d" % (turn, number))
        self.assertIn(" 50 connections, 150 messages received", stop(server)[1])

    def test_several_addresses(self):
        server = start(
            self, "echo", "--udp", "127.0.0.1:0", "--tcp", "[::1]:0", "--udp", "[::1]:0", "--tcp", "127.0.0.1:0"
        )
        lines = [server.line() for _ in range(4)]
        for line, expected in zip(lines, (
            r"on \[::1\]:\d+ over TCP", r"on 127\.0\.0\.1:\d+ over TCP", r"on 127\.0\.0\.1:\d+ over UDP",
            r"on \[::1\]:\d+ over UDP",
        )):
            self.assertRegex(line, rf"\Alistening {expected}\n\Z")
        for line in lines:
            host, _, port = line.split()[2].rpartition(":")
            address = (host.strip("[]"), int(port))
            if "TCP" in line:
                peer = connect(self, address)
                peer.sendall(framed(b"a stream"))
                self.assertEqual(receive_message(peer), b"a stream")
                peer.close()
            else:
                peer = datagrams(self, address)
                peer.send(b"a datagram")
                self.assertEqual(peer.recv(100), b"a datagram")
        self.assertEqual(stop(server)[0], 0)

    def test_both_transports_on_one_port_number(self):
        address = ("127.0.0.1", free_port_of_both(self))
        server = start(self, "echo", "--tcp", text(address), "--udp", text(address))
        self.assertEqual([server.address(), server.address()], [address, address])
        stream, datagram = connect(self, address), datagrams(self, address)
        stream.sendall(framed(b"a stream"))
        datagram.send(b"a datagram")
        self.assertEqual(datagram.recv(100), b"a datagram")
        self.assertEqual(receive_message(stream), b"a stream")

    def test_the_wildcard_takes_peers_of_both_families(self):
        server = start(self, "echo", "--udp", ":0")
        _, port = server.address()
        for host in ("127.0.0.1", "::1"):
            peer = datagrams(self, (host, port))
            peer.send(host.encode())
            self.assertEqual(peer.recv(100), host.encode())

    def test_a_port_in_use(self):
        with socket.socket(type=socket.SOCK_DGRAM) as taken:
            taken.bind(("127.0.0.1", 0))
            address = text(taken.getsockname())
            status, output, errors = run(self, "echo", "--tcp", "127.0.0.1:0", "--udp", address)
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, rf"\Anaru echo: {address}: [^\n]*{IN_USE}\n\Z")


class Chat(unittest.TestCase):
    def test_members_of_both_transports_are_in_one_room(self):
        server = start(self, "chat", "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0")
        stream, datagram = connect(self, server.address()), datagrams(self, server.address())
        # Whoever hears himself has entered.
        stream.sendall(framed(b"TCP is here"))
        self.assertEqual(receive_message(stream), b"TCP is here")
        datagram.send(b"UDP is here")
        self.assertEqual(datagram.recv(100), b"UDP is here")
        self.assertEqual(receive_message(stream), b"UDP is here")
        datagram.send(b"a second one")  # until then it would be told only so much as it said itself
        self.assertEqual((datagram.recv(100), receive_message(stream)), (b"a second one",) * 2)
        for number in range(100):
            said = b"TCP says %d" % number
            stream.sendall(framed(said))
            self.assertEqual((receive_message(stream), datagram.recv(100)), (said, said))
            said = b"UDP says %d" % number
            datagram.send(said)
            self.assertEqual((receive_message(stream), datagram.recv(100)), (said, said))
        self.assertIn(" 2 connections, ", stop(server)[1])

    def test_a_message_that_no_datagram_holds_is_heard_over_tcp_alone(self):
        server = start(self, "chat", "--tcp", "127.0.0.1:0", "--udp", "127.0.0.1:0")
        stream, datagram = connect(self, server.address()), datagrams(self, server.address())
        for said in (b"I am here", b"and stay"):
            datagram.send(said)
            self.assertEqual(datagram.recv(100), said)
        for said in (b"x" * (DATAGRAM_BYTES_MOST + 1), b"y" * DATAGRAM_BYTES_MOST):
            stream.sendall(framed(said))
            while receive_message(stream) != said:  # it may have heard the other's words before
                continue
        self.assertEqual(datagram.recv(1 << 16), b"y" * DATAGRAM_BYTES_MOST)


class Cat(unittest.TestCase):
    def cat(self, *more):
        """A cat, and the socket that it sends to."""
        peer = socket.socket(type=socket.SOCK_DGRAM)
        self.addCleanup(peer.close)
        peer.bind(("127.0.0.1", 0))
        peer.settimeout(PATIENCE_S)
        return start(self, "cat", "--udp", text(peer.getsockname()), *more, stdin=subprocess.PIPE), peer

    def test_lines_become_datagrams_and_datagrams_lines(self):
        cat, peer = self.cat("--wait-ms", 0)
        cat.type("one\n\ntwo words\n")
        received = [peer.recvfrom(100) for _ in range(3)]
        self.assertEqual([message for message, _ in received], [b"one", b"", b"two words"])
        for answer in (b"an answer", b"", b"another"):
            peer.sendto(answer, received[0][1])
        self.assertEqual([cat.line() for _ in range(3)], ["an answer\n", "\n", "another\n"])
        cat.type("unfinished")
        cat.end_input()
        self.assertEqual(peer.recv(100), b"unfinished")
        self.assertEqual(cat.finish(), (0, "", ""))

    def test_at_the_end_of_the_input_answers_are_waited_for(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0")
        address = text(server.address())
        lines = b"".join(b"line %d\n" % number for number in range(200))
        cat = start(self, "cat", "--udp", address, stdin=subprocess.PIPE)
        cat.type(lines)
        cat.end_input()
        self.assertEqual(cat.finish(), (0, lines.decode(), ""))

    def test_a_host_name(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0")
        cat = start(self, "cat", "--udp", f"localhost:{server.address()[1]}", stdin=subprocess.PIPE)
        cat.type("by name\n")
        self.assertEqual(cat.line(), "by name\n")
        cat.end_input()
        self.assertEqual(cat.finish(), (0, "", ""))

    def test_nobody_there_is_told_and_it_goes_on(self):
        address = nobodys_datagram_address()
        cat = start(self, "cat", "--udp", text(address), "--wait-ms", 0, stdin=subprocess.PIPE)
        told = f"naru cat: {text(address)}: nobody listens there\n"
        cat.type("to nobody\n")
        self.assertEqual(cat.process.stderr.readline().decode(), told)
        with socket.socket(type=socket.SOCK_DGRAM) as peer:
            peer.bind(address)
            peer.settimeout(PATIENCE_S)
            cat.type("to somebody\n")
            message, sender = peer.recvfrom(100)
            self.assertEqual(message, b"to somebody")
            peer.sendto(b"at last", sender)
            self.assertEqual(cat.line(), "at last\n")
            cat.end_input()
            status, output, errors = cat.finish()
            self.assertEqual((status, output), (1, ""))  # a part of the input did not arrive
            # Each receive that Windows had under way may have been told of the one datagram.
            self.assertEqual(errors.replace(told, "") if WINDOWS else errors, "")

    def test_an_unknown_name(self):
        # .invalid never exists (RFC 6761).
        status, output, errors = run(self, "cat", "--udp", "nowhere.invalid:7000", stdin=subprocess.PIPE)
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"\Anaru cat: nowhere\.invalid:7000: [^\n]+\n\Z")

    def test_a_line_that_no_datagram_holds(self):
        cat, peer = self.cat("--wait-ms", 0)
        cat.type(b"x" * DATAGRAM_BYTES_MOST + b"\n")
        self.assertEqual(peer.recv(1 << 16), b"x" * DATAGRAM_BYTES_MOST)
        cat.type(b"x" * (DATAGRAM_BYTES_MOST + 1) + b"\nnever sent\n")
        status, _, errors = cat.finish()
        self.assertEqual(status, 1)
        # Which of the two it is told as depends on how the pipe cuts it.
        told = r"a line is longer [^\n]*65507 bytes\)|a message of 65508 bytes [^\n]+"
        self.assertRegex(errors, rf"\Anaru cat: ({told})\n\Z")


if __name__ == "__main__":
    unittest.main()
