"""The program as a child of Twisted's reactor, and peers that Twisted frames."""

import os
import re
import signal

from twisted.internet import defer, endpoints, error, protocol, reactor
from twisted.protocols.basic import Int32StringReceiver

from support import NARU, TERMINATION



class Child(protocol.ProcessProtocol):
    """`listening` fires with the port, `ended` with (status, output, errors)."""

    def __init__(self):
        self.output = b""
        self.errors = b""
        self.listening = defer.Deferred()
        self.ended = defer.Deferred()
        self.awaited = []

    def outReceived(self, data):
        self.output += data
        found = re.search(rb"listening on .*:(\d+) over \w+\n", self.output)
        if found and not self.listening.called:
            self.listening.callback(int(found[1]))
        self.look()

    def errReceived(self, data):
        self.errors += data

    def printed(self, text):
        """Fires when the output holds `text`."""
        waiter = defer.Deferred()
        self.awaited.append((text, waiter))
        self.look()
        return waiter

    def look(self):
        for entry in [entry for entry in self.awaited if entry[0] in self.output]:
            self.awaited.remove(entry)
            entry[1].callback(None)

    def processEnded(self, reason):
        status = 0 if reason.check(error.ProcessDone) else reason.value.exitCode
        self.ended.callback((status, self.output.decode(), self.errors.decode()))

    def kill(self):
        """For a test's cleanup: a child that the test left behind."""
        if not self.ended.called:
            self.transport.signalProcess(signal.SIGKILL)
            return self.ended


def start(test, *arguments):
    child = Child()
    reactor.spawnProcess(child, NARU[0], [*NARU, *map(str, arguments)], env=os.environ)
    test.addCleanup(child.kill)
    return child


def stop(child):
    child.transport.signalProcess(TERMINATION)
    return child.ended


class Collector:
    """Collects messages, and tells when there are enough of them."""

    def __init__(self):
        self.messages = []
        self.awaited = []

    def take(self, message):
        self.messages.append(message)
        self.look()

    def until(self, condition):
        """Fires with the messages when `condition` holds for them."""
        waiter = defer.Deferred()
        self.awaited.append((condition, waiter))
        self.look()
        return waiter

    def messages_come(self, count):
        return self.until(lambda messages: len(messages) >= count)

    def look(self):
        for entry in [entry for entry in self.awaited if entry[0](self.messages)]:
            self.awaited.remove(entry)
            entry[1].callback(self.messages)


class Peer(Collector, Int32StringReceiver):
    """Collects messages. `ended` fires with the kind of end: error.ConnectionDone when it was in good order."""

    MAX_LENGTH = 4 << 20

    def __init__(self):
        super().__init__()
        self.ended = defer.Deferred()

    def stringReceived(self, message):
        self.take(message)

    def connectionLost(self, reason):
        self.ended.callback(reason.type)


class Datagrams(Collector, protocol.DatagramProtocol):
    """Collects datagrams. `sender` is whom the last one came from."""

    sender = None

    def datagramReceived(self, message, sender):
        self.sender = sender
        self.take(message)


async def connect(test, port):
    there = endpoints.TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    peer = await endpoints.connectProtocol(there, Peer())
    test.addCleanup(peer.transport.abortConnection)
    return peer


async def listen(test, make_protocol):
    """A Twisted server on a free port; the port."""
    factory = protocol.Factory.forProtocol(make_protocol)
    listener = await endpoints.TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
    test.addCleanup(listener.stopListening)
    return listener.getHost().port
