"""The program and Twisted's DatagramProtocol."""

import json

from twisted.internet import reactor
from twisted.trial import unittest

from test_twisted import asynchronous
from twisted_support import Datagrams, start, stop


class EchoInTwisted(Datagrams):
    def datagramReceived(self, message, sender):
        super().datagramReceived(message, sender)
        self.transport.write(message, sender)


def listen(test, protocol):
    """A UDP socket of Twisted's on a free port; the port."""
    socket = reactor.listenUDP(0, protocol, interface="127.0.0.1", maxPacketSize=1 << 16)
    test.addCleanup(socket.stopListening)
    return socket.getHost().port


class TwistedAsClient(unittest.TestCase):
    timeout = 60

    def connect(self, port):
        peer = Datagrams()
        listen(self, peer)
        peer.transport.connect("127.0.0.1", port)
        return peer

    @asynchronous
    async def test_datagrams_of_all_sizes_come_back(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0")
        peer = self.connect(await server.listening)
        sent = [b"a", b"", bytes(range(256)) * 4, b"b" * 65507, b"last"]
        for count, message in enumerate(sent, 1):
            peer.transport.write(message)
            self.assertEqual(await peer.messages_come(count), sent[:count])
        status, output, errors = await stop(server)
        self.assertEqual((status, errors), (0, ""))
        self.assertIn(f"{len(sent)} messages received", output)

    @asynchronous
    async def test_every_message_of_a_chat_goes_to_everybody(self):
        server = start(self, "chat", "--udp", "127.0.0.1:0")
        port = await server.listening
        peers = [self.connect(port) for _ in range(5)]
        for number, peer in enumerate(peers):
            for word in (b"enters", b"stays"):
                said = b"%d %s" % (number, word)
                peer.transport.write(said)
                await peer.until(lambda messages, said=said: said in messages)
        for turn in range(20):
            for number, peer in enumerate(peers):
                said = b"%d says %d" % (number, turn)
                peer.transport.write(said)
                for other in peers:
                    await other.until(lambda messages, said=said: said in messages)


class TwistedAsServer(unittest.TestCase):
    timeout = 60

    @asynchronous
    async def test_a_load_against_an_echo_in_twisted(self):
        port = listen(self, EchoInTwisted())
        for size in (8, 64, 65507):
            load = start(
                self, "load", "--udp", f"127.0.0.1:{port}", "--connections", 2, "--size", size, "--depth", 1,
                "--duration", 0.3, "--loss-timeout-ms", 5000, "--json",
            )
            status, output, errors = await load.ended
            self.assertEqual((status, errors), (0, ""), output)
            result = json.loads(output)
            self.assertGreater(result["sent"], 0)
            self.assertEqual(result["datagrams"]["answered"], result["sent"])

    @asynchronous
    async def test_cat_both_ways(self):
        peer = Datagrams()
        cat = start(self, "cat", "--udp", f"127.0.0.1:{listen(self, peer)}", "--wait-ms", 0)
        cat.transport.write(b"first\n\n")
        self.assertEqual(await peer.messages_come(2), [b"first", b""])
        peer.transport.write(b"an answer", peer.sender)
        await cat.printed(b"an answer\n")
        cat.transport.write(b"third, unfinished")
        cat.transport.closeStdin()
        self.assertEqual(await peer.messages_come(3), [b"first", b"", b"third, unfinished"])
        self.assertEqual(await cat.ended, (0, "an answer\n", ""))
