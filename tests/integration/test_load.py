"""The load generator: what it reports, and that it notices when an echo is not one."""

import json
import socket
import threading
import unittest

from support import REFUSED, framed, receive_message, run, start, text


class Peers:
    """A server of a few lines that treats each message as `answer` says."""

    def __init__(self, test, answer):
        self.answer = answer
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = text(self.listener.getsockname())
        self.threads = [threading.Thread(target=self.accept)]
        self.threads[0].start()
        test.addCleanup(self.close)

    def accept(self):
        while True:
            try:
                peer, _ = self.listener.accept()
            except OSError:
                return
            self.threads.append(threading.Thread(target=self.serve, args=(peer,)))
            self.threads[-1].start()

    def serve(self, peer):
        peer.settimeout(30)
        with peer:
            try:
                number = 0
                while True:
                    answer = self.answer(number, receive_message(peer))
                    if answer is None:
                        return
                    peer.sendall(answer)
                    number += 1
            except (OSError, AssertionError):
                return  # the load closed the connection

    def close(self):
        # An accept that waits is not ended by close(2), but by shutdown(2).
        self.listener.shutdown(socket.SHUT_RDWR)
        self.listener.close()
        for thread in self.threads:
            thread.join()


def changed(message):
    return message[:-1] + bytes([message[-1] ^ 1])


def load(test, address, *more):
    arguments = {"--connections": 4, "--size": 32, "--depth": 2, "--duration": 0.3}
    arguments.update(zip(more[::2], more[1::2]))
    flat = [part for pair in arguments.items() for part in pair]
    status, output, errors = run(test, "load", "--tcp", address, *flat, "--json")
    return status, json.loads(output), errors


class AgainstAnEcho(unittest.TestCase):
    def setUp(self):
        self.server = start(self, "echo", "--tcp", "127.0.0.1:0", "--max-message", 2 << 20)
        self.address = text(self.server.address())

    def check_good(self, *more):
        status, result, errors = load(self, self.address, *more)
        self.assertEqual((status, errors), (0, ""), result)
        self.assertTrue(result["good"])
        self.assertGreater(result["sent"], 0)
        self.assertEqual(
            result["errors"], {"lost": 0, "wrong": 0, "refused": 0, "closed_early": 0, "connect": None}
        )
        self.assertEqual(result["closes"]["local"], result["connections"])
        latency = result["latency_us"]
        order = [latency[name] for name in ("p50", "p90", "p99", "p99_9", "max")]
        self.assertEqual(order, sorted(order))
        self.assertGreater(order[0], 0)
        return result

    def test_json_has_all_fields(self):
        result = self.check_good()
        self.assertEqual(
            set(result),
            {
                "tcp", "connections", "size_bytes", "depth", "rate_per_s", "duration_s", "sent",
                "messages", "messages_per_s", "megabytes_per_s", "latency_us", "late", "errors", "closes", "good",
            },
        )
        self.assertEqual(set(result["latency_us"]), {"mean", "p50", "p90", "p99", "p99_9", "max"})
        self.assertEqual(
            set(result["closes"]),
            {
                "local", "peer", "reset", "connect_failed", "backlog", "message_too_large", "protocol",
                "handler_threw", "memory", "network_stopped", "io", "idle", "evicted", "lessor_closed",
                "write_stalled", "message_timeout", "rate", "executor_failed",
            },
        )
        self.assertGreater(result["messages"], 0)
        self.assertEqual(result["tcp"], self.address)
        self.assertIsNone(result["rate_per_s"])
        self.assertAlmostEqual(result["messages_per_s"], result["messages"] / result["duration_s"], delta=1)

    def test_sizes(self):
        for size in (0, 1, 7, 8, 12, 13, 65536, 1 << 20):
            with self.subTest(size=size):
                self.check_good("--size", size)

    def test_many_connections_and_workers(self):
        self.check_good("--connections", 500, "--workers", 3)

    def test_a_rate_is_kept(self):
        result = self.check_good("--rate", 200, "--duration", 1, "--depth", 8)
        self.assertEqual(result["rate_per_s"], 200)
        self.assertEqual(result["sent"] + result["late"], 200)

    def test_a_host_name(self):
        port = self.address.rpartition(":")[2]
        status, result, errors = load(self, f"localhost:{port}")
        self.assertEqual((status, errors), (0, ""), result)

    def test_the_table(self):
        status, output, errors = run(self, "load", "--tcp", self.address, "--duration", 0.2)
        self.assertEqual((status, errors), (0, ""))
        for row in ("messages/s", "MB/s", "p50", "p90", "p99", "p99.9", "max", "errors", "closes", "local 100"):
            self.assertIn(row, output)
        self.assertIn("█", output)


class AgainstOthers(unittest.TestCase):
    def test_a_changed_message_is_wrong(self):
        peers = Peers(self, lambda number, message: framed(changed(message) if number == 5 else message))
        status, result, _ = load(self, peers.address, "--duration", 1)
        self.assertEqual(status, 1)
        self.assertEqual((result["errors"]["wrong"], result["errors"]["lost"]), (4, 0))

    def test_a_message_that_is_left_out_is_lost(self):
        peers = Peers(self, lambda number, message: b"" if number == 5 else framed(message))
        status, result, _ = load(self, peers.address, "--duration", 1)
        self.assertEqual(status, 1)
        self.assertEqual((result["errors"]["wrong"], result["errors"]["lost"]), (0, 4))

    def test_a_message_that_comes_twice_is_wrong(self):
        peers = Peers(self, lambda number, message: framed(message) * (2 if number == 5 else 1))
        status, result, _ = load(self, peers.address, "--duration", 1)
        self.assertEqual(status, 1)
        self.assertEqual((result["errors"]["wrong"], result["errors"]["lost"]), (4, 0))

    def test_a_peer_that_closes_loses_what_was_under_way(self):
        peers = Peers(self, lambda number, message: None if number == 5 else framed(message))
        status, result, _ = load(self, peers.address, "--duration", 1)
        self.assertEqual(status, 1)
        self.assertEqual(result["errors"]["closed_early"], 4)
        self.assertGreater(result["errors"]["lost"], 0)
        self.assertEqual(result["closes"]["peer"] + result["closes"]["reset"], 4)

    def test_latency_counts_from_when_a_message_was_due(self):
        # A server that stops for a while once is asked less meanwhile; an honest figure shows it all the same:
        # of 100 messages due every 10 ms, about 30 were due while it stopped, and waited 150 ms on average.
        pause = threading.Event()
        peers = Peers(self, lambda number, message: (number == 20 and pause.wait(0.3), framed(message))[1])
        more = ("--connections", 1, "--depth", 1, "--rate", 100, "--duration", 1)
        status, result, _ = load(self, peers.address, *more)
        self.assertEqual(status, 0)
        self.assertGreater(result["latency_us"]["p90"], 100_000)

    def test_nobody_there(self):
        with socket.create_server(("127.0.0.1", 0)) as free:
            address = text(free.getsockname())
        status, result, errors = load(self, address)
        self.assertEqual(status, 1)
        self.assertIn("refused", result["errors"]["connect"])
        self.assertRegex(errors, rf"\Anaru load: {address}: [^\n]*{REFUSED} \(0 of 4 connections were made\)\n\Z")
        self.assertEqual(result["closes"]["connect_failed"], 1)

    def test_an_unknown_name(self):
        # .invalid never exists (RFC 6761).
        status, output, errors = run(self, "load", "--tcp", "nowhere.invalid:7000")
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"\Anaru load: nowhere\.invalid:7000: [^\n]+\n\Z")


if __name__ == "__main__":
    unittest.main()
