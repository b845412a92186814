"""The load generator over UDP: that what it reports of losses, repetitions and order is what happened."""

import json
import socket
import struct
import threading
import unittest

from support import PATIENCE_S, nobodys_datagram_address, run, start, text


class DatagramServer:
    """Gives each datagram to `answer`, which says what to send back: any number of datagrams."""

    def __init__(self, test, answer):
        self.answer = answer
        self.socket = socket.socket(type=socket.SOCK_DGRAM)
        self.socket.bind(("127.0.0.1", 0))
        self.address = text(self.socket.getsockname())
        self.thread = threading.Thread(target=self.serve)
        self.thread.start()
        test.addCleanup(self.close)

    def serve(self):
        while True:
            message, sender = self.socket.recvfrom(1 << 16)
            if sender == self.socket.getsockname():
                return  # its own, from close
            for answer in self.answer(message):
                self.socket.sendto(answer, sender)

    def close(self):
        self.socket.sendto(b"", self.socket.getsockname())
        self.thread.join()
        self.socket.close()


def sequence_of(message):
    return struct.unpack_from("<Q", message)[0]


class Unruly:
    """What a network does to datagrams, by rule and counted: of the answers to the first `until` messages it drops
    every 10th, sends every 7th twice, and swaps every 5th pair."""

    def __init__(self, until):
        self.until = until
        self.dropped = self.doubled = self.swapped = 0
        self.held = None

    def __call__(self, message):
        sequence = sequence_of(message)
        answers = []
        if sequence >= self.until or not self.drops(sequence):
            answers = [message]
        if sequence < self.until and self.drops(sequence):
            self.dropped += 1
        elif sequence < self.until and sequence % 7 == 6:
            answers = [message, message]
            self.doubled += 1
        if sequence < self.until and sequence % 10 == 2:  # the first of every 5th pair
            self.held = answers
            return []
        if self.held is not None:
            # Of a pair one half of which was dropped nothing is out of order.
            self.swapped += bool(answers and self.held)
            answers, self.held = answers + self.held, None
        return answers

    @staticmethod
    def drops(sequence):
        return sequence % 10 == 9


def load(test, address, *more):
    arguments = {"--connections": 4, "--size": 32, "--depth": 2, "--duration": 0.3}
    arguments.update(zip(more[::2], more[1::2]))
    flat = [part for pair in arguments.items() for part in pair]
    status, output, errors = run(test, "load", "--udp", address, *flat, "--json")
    result = json.loads(output)
    counts = result["datagrams"]
    test.assertEqual(result["sent"], counts["answered"] + counts["lost"], result)
    test.assertEqual(result["errors"]["lost"], counts["lost"])
    test.assertLessEqual(counts["late_answers"], counts["lost"])
    return status, result, errors


class AgainstAnEcho(unittest.TestCase):
    def setUp(self):
        server = start(self, "echo", "--udp", "127.0.0.1:0")
        self.address = text(server.address())

    def check_good(self, *more):
        # A machine that is slow loses nothing: with much patience, late is not lost.
        more = ("--loss-timeout-ms", 5000, *more)
        status, result, errors = load(self, self.address, *more)
        self.assertEqual((status, errors), (0, ""), result)
        self.assertTrue(result["good"])
        self.assertGreater(result["sent"], 0)
        self.assertEqual(
            result["datagrams"],
            {
                "answered": result["sent"], "lost": 0, "lost_percent": 0, "late_answers": 0, "lost_here": 0,
                "reordered": 0, "duplicates": 0, "unheard": 0,
            },
        )
        self.assertEqual(
            result["errors"], {"lost": 0, "wrong": 0, "refused": 0, "closed_early": 0, "connect": None}
        )
        self.assertEqual(result["closes"]["local"], result["connections"])
        return result

    def test_nothing_is_lost_at_a_modest_rate(self):
        result = self.check_good("--rate", 500, "--duration", 1, "--depth", 64)
        self.assertEqual(result["udp"], self.address)
        self.assertNotIn("tcp", result)
        self.assertEqual(result["sent"] + result["late"], 500)
        latency = result["latency_us"]
        order = [latency[name] for name in ("p50", "p90", "p99", "p99_9", "max")]
        self.assertEqual(order, sorted(order))
        self.assertGreater(order[0], 0)

    def test_sizes(self):
        for size in (8, 11, 12, 13, 1472, 65507):
            with self.subTest(size=size):
                self.check_good("--size", size, "--connections", 1)

    def test_connections_and_workers(self):
        self.check_good("--connections", 200, "--depth", 1, "--workers", 3)

    def test_a_host_name(self):
        port = self.address.rpartition(":")[2]
        status, result, errors = load(self, f"localhost:{port}")
        self.assertEqual((status, errors), (0, ""), result)
        self.assertEqual(result["closes"]["local"], 4)

    def test_the_table(self):
        status, output, errors = run(self, "load", "--udp", self.address, "--duration", 0.2, "--connections", 3)
        self.assertEqual((status, errors), (0, ""))
        for row in ("messages/s", "p99.9", "lost ", "% of ", "reordered", "duplicates", "errors", "local 3", "█"):
            self.assertIn(row, output)


class AgainstOthers(unittest.TestCase):
    PATIENT = ("--connections", 1, "--depth", 100, "--loss-timeout-ms", 2000)

    def test_what_is_dropped_doubled_and_swapped_is_counted_exactly(self):
        unruly = Unruly(until=180)
        server = DatagramServer(self, unruly)
        status, result, errors = load(self, server.address, *self.PATIENT, "--rate", 200, "--duration", 1)
        counts = result["datagrams"]
        self.assertEqual((status, errors, result["sent"]), (0, "", 200))
        self.assertGreater(min(unruly.dropped, unruly.doubled, unruly.swapped), 0)
        self.assertEqual(counts["lost"], unruly.dropped)
        self.assertEqual(counts["duplicates"], unruly.doubled)
        self.assertEqual(counts["reordered"], unruly.swapped)
        self.assertEqual(counts["late_answers"], 0)
        self.assertAlmostEqual(counts["lost_percent"], 100 * unruly.dropped / 200)

    def test_a_loss_does_not_stall_a_flow_of_depth_one(self):
        dropped = []

        def drop_every_tenth(message):
            if sequence_of(message) % 10 == 9:
                dropped.append(message)
                return []
            return [message]

        server = DatagramServer(self, drop_every_tenth)
        more = ("--connections", 1, "--depth", 1, "--loss-timeout-ms", 100, "--duration", 1)
        status, result, _ = load(self, server.address, *more)
        self.assertEqual(status, 0)
        self.assertGreater(len(dropped), 2)
        self.assertEqual(result["datagrams"]["lost"], len(dropped))
        self.assertEqual(result["datagrams"]["reordered"], 0)

    def test_a_late_answer_counts_as_lost_and_late_once(self):
        held = []

        def answer_the_first_after_the_second(message):
            # With a depth of 1 the second is sent when the first counts as lost.
            if sequence_of(message) == 0:
                held.append(message)
                return []
            return [message] + [held.pop()] * 2 if held else [message]

        server = DatagramServer(self, answer_the_first_after_the_second)
        more = ("--connections", 1, "--depth", 1, "--loss-timeout-ms", 200, "--duration", 1)
        status, result, _ = load(self, server.address, *more)
        counts = result["datagrams"]
        self.assertEqual(status, 0)
        self.assertEqual((counts["lost"], counts["late_answers"], counts["duplicates"]), (1, 1, 1))
        self.assertEqual(counts["reordered"], 0)  # what counts as lost has no place in the order

    def test_a_changed_datagram_is_wrong_and_its_message_lost(self):
        def change_the_sixth(message):
            return [message[:-1] + bytes([message[-1] ^ (sequence_of(message) == 5)])]

        server = DatagramServer(self, change_the_sixth)
        status, result, _ = load(self, server.address, "--loss-timeout-ms", 1000, "--rate", 200, "--duration", 0.5)
        self.assertEqual(status, 1)
        self.assertEqual((result["errors"]["wrong"], result["datagrams"]["lost"]), (4, 4))
        self.assertFalse(result["good"])

    def test_a_server_that_never_answers(self):
        server = DatagramServer(self, lambda message: [])
        status, result, _ = load(self, server.address, "--loss-timeout-ms", 50)
        self.assertEqual(status, 1)
        self.assertFalse(result["good"])
        self.assertEqual((result["messages"], result["datagrams"]["lost_percent"]), (0, 100))
        self.assertGreater(result["sent"], 4 * 2)  # the places in the depth were used again

    def test_nobody_there(self):
        address = text(nobodys_datagram_address())
        status, result, errors = load(self, address, "--loss-timeout-ms", 50)
        self.assertEqual(status, 1)
        self.assertGreater(result["datagrams"]["unheard"], 0)
        self.assertEqual(result["datagrams"]["lost"], result["sent"])
        self.assertRegex(errors, rf"\Anaru load: {address}: nobody listened there [^\n]+\n\Z")

    def test_an_unknown_name(self):
        # .invalid never exists (RFC 6761).
        status, output, errors = run(self, "load", "--udp", "nowhere.invalid:7000")
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"\Anaru load: nowhere\.invalid:7000: [^\n]+\n\Z")


if __name__ == "__main__":
    unittest.main()
