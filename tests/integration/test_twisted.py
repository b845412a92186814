"""The program and Twisted's Int32StringReceiver, which frames messages as naru does (R5.2)."""

import json
import struct

from twisted.internet import defer, error
from twisted.protocols.basic import Int32StringReceiver
from twisted.trial import unittest

from twisted_support import Peer, connect, listen, start, stop


def asynchronous(test):
    """Lets a test be a coroutine."""

    def run(self):
        return defer.ensureDeferred(test(self))

    return run


class TwistedAsClient(unittest.TestCase):
    timeout = 60

    @asynchronous
    async def test_r5_2_messages_of_all_sizes_come_back_in_order(self):
        server = start(self, "echo", "--tcp", "127.0.0.1:0")
        peer = await connect(self, await server.listening)
        sent = [b"", b"a", b"", bytes(range(256)) * 256, b"b" * (1 << 20), b"last"]
        for message in sent:
            peer.sendString(message)
        self.assertEqual(await peer.messages_come(len(sent)), sent)
        status, output, errors = await stop(server)
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"{len(sent)} messages received", output)

    @asynchronous
    async def test_r5_2_a_message_that_comes_byte_by_byte(self):
        server = start(self, "echo", "--tcp", "127.0.0.1:0")
        peer = await connect(self, await server.listening)
        peer.transport.setTcpNoDelay(True)
        for byte in struct.pack(">I", 11) + b"byte by byt":
            peer.transport.write(bytes([byte]))
        self.assertEqual(await peer.messages_come(1), [b"byte by byt"])

    @asynchronous
    async def test_r5_3_a_message_above_the_limit_ends_the_connection_from_its_size_alone(self):
        server = start(self, "echo", "--tcp", "127.0.0.1:0", "--max-message", 1000)
        port = await server.listening
        other, peer = await connect(self, port), await connect(self, port)
        peer.sendString(b"x" * 1000)
        self.assertEqual(await peer.messages_come(1), [b"x" * 1000])
        peer.transport.write(struct.pack(">I", 1001))
        await peer.ended
        other.sendString(b"undisturbed")
        self.assertEqual(await other.messages_come(1), [b"undisturbed"])
        status, output, _ = await stop(server)
        self.assertEqual(status, 0)
        self.assertIn("message_too_large 1", output)

    @asynchronous
    async def test_r5_2_a_connection_that_ends_inside_a_message(self):
        server = start(self, "echo", "--tcp", "127.0.0.1:0")
        port = await server.listening
        peer = await connect(self, port)
        peer.sendString(b"whole")
        peer.transport.write(struct.pack(">I", 100) + b"only the begin")
        peer.transport.loseConnection()
        await peer.ended
        other = await connect(self, port)
        other.sendString(b"next")
        self.assertEqual(await other.messages_come(1), [b"next"])

    @asynchronous
    async def test_every_message_of_a_chat_goes_to_everybody_in_one_order(self):
        server = start(self, "chat", "--tcp", "127.0.0.1:0")
        port = await server.listening
        peers = [await connect(self, port) for _ in range(5)]
        for number, peer in enumerate(peers):
            peer.sendString(b"enter %d" % number)
            await peer.messages_come(1)  # whoever hears himself has entered, and hears everybody from then on
        for turn in range(20):
            for number, peer in enumerate(peers):
                peer.sendString(b"%d says %d" % (number, turn))

        def said(messages):
            return [message for message in messages if b"says" in message]

        heard = [said(await peer.until(lambda messages: len(said(messages)) == 100)) for peer in peers]
        for of_another in heard[1:]:
            self.assertEqual(of_another, heard[0])
        self.assertEqual((await stop(server))[0], 0)

    @asynchronous
    async def test_a_chat_goes_on_when_somebody_leaves(self):
        server = start(self, "chat", "--tcp", "127.0.0.1:0")
        port = await server.listening
        stays, leaves = await connect(self, port), await connect(self, port)
        leaves.sendString(b"bye")
        await leaves.messages_come(1)
        leaves.transport.abortConnection()
        await leaves.ended
        stays.sendString(b"alone")
        await stays.until(lambda messages: b"alone" in messages)


class EchoInTwisted(Int32StringReceiver):
    MAX_LENGTH = 4 << 20

    def stringReceived(self, message):
        self.sendString(message)


class TwistedAsServer(unittest.TestCase):
    timeout = 60

    @asynchronous
    async def test_r5_2_a_load_against_an_echo_in_twisted(self):
        port = await listen(self, EchoInTwisted)
        for size in (0, 1, 64, 1 << 20):
            load = start(
                self, "load", "--tcp", f"127.0.0.1:{port}", "--connections", 5, "--size", size, "--depth", 3,
                "--duration", 0.3, "--json",
            )
            status, output, errors = await load.ended
            self.assertEqual((status, errors), (0, ""), output)
            self.assertGreater(json.loads(output)["sent"], 0)

    @asynchronous
    async def test_a_server_that_refuses_the_size_loses_messages(self):
        class Small(EchoInTwisted):
            MAX_LENGTH = 100

        port = await listen(self, Small)
        load = start(
            self, "load", "--tcp", f"127.0.0.1:{port}", "--connections", 3, "--size", 101, "--duration", 0.3, "--json"
        )
        status, output, _ = await load.ended
        self.assertEqual(status, 1)
        result = json.loads(output)
        self.assertEqual((result["messages"], result["errors"]["lost"]), (0, 3))

    @asynchronous
    async def test_r5_2_cat_both_ways(self):
        accepted = defer.Deferred()

        class Answering(Peer):
            def connectionMade(self):
                accepted.callback(self)

        port = await listen(self, Answering)
        cat = start(self, "cat", "--tcp", f"127.0.0.1:{port}", "--wait-ms", 0)
        peer = await accepted
        peer.sendString(b"welcome")
        await cat.printed(b"welcome\n")
        cat.transport.write(b"first\n\nthird, unfinished")
        self.assertEqual(await peer.messages_come(2), [b"first", b""])
        cat.transport.closeStdin()
        self.assertEqual(await peer.messages_come(3), [b"first", b"", b"third, unfinished"])
        self.assertIs(await peer.ended, error.ConnectionDone)  # in good order, not reset
        self.assertEqual(await cat.ended, (0, "welcome\n", ""))
