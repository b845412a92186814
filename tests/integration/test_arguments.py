"""What the command line takes and refuses."""

import resource
import unittest

from support import WINDOWS, run

COMMANDS = ("echo", "chat", "load", "cat", "demo")
ADDRESS = ("--tcp", "127.0.0.1:0")
REMOTE = ("--tcp", "127.0.0.1:7000")
DATAGRAMS = ("--udp", "127.0.0.1:7000")

# What is wrong, and what the one line about it must say.
WRONG = (
    ((), "command"),
    (("sing",), "sing"),
    (("--sing",), "--sing"),
    (("echo",), "--tcp"),
    (("echo", "--tcp"), "--tcp"),
    (("echo", "--tcp", ""), "port"),
    (("echo", "--tcp", "7000"), "127.0.0.1:7000"),
    (("echo", "--tcp", "127.0.0.1"), "127.0.0.1:7000"),
    (("echo", "--tcp", "127.0.0.1:99999"), "--tcp 127.0.0.1:99999: the port is 0 to 65535"),
    (("echo", "--tcp", "127.0.0.1:-1"), "the port is 0 to 65535"),
    (("echo", "--tcp", "127.0.0.1:http"), "the port is 0 to 65535"),
    (("echo", "--tcp", "localhost:7000"), "not a name"),
    (("echo", "--tcp", "1.2.3:7000"), "IP address"),
    (("echo", "--tcp", "::1:7000"), "brackets"),
    (("echo", "--udp"), "--udp"),
    (("echo",), "--udp ADDR:PORT"),
    (("echo", "--udp", "localhost:7000"), "--udp localhost:7000: an IP address of this machine is needed, not a name"),
    (("echo", *ADDRESS, "--udp", "127.0.0.1"), "127.0.0.1:7000"),
    (("echo", "--udp", "127.0.0.1:0", "more"), "more"),
    (("echo", *ADDRESS, "--workers", "0"), "1 to 1024"),
    (("echo", *ADDRESS, "--workers", "-1"), "--workers"),
    (("echo", *ADDRESS, "--workers", "many"), "--workers many: a whole number from 1 to 1024"),
    (("echo", *ADDRESS, "--workers", "1025"), "1 to 1024"),
    (("echo", *ADDRESS, "--workers", "99999999999999999999"), "1 to 1024"),
    (("echo", *ADDRESS, "--engine", "kqueue"), "auto, epoll or iocp"),
    (("echo", *ADDRESS, "--framing", "length4"), "length, raw or lines"),
    (("echo", *ADDRESS, "--max-message", "0"), "1 to 4294967295"),
    (("echo", *ADDRESS, "--max-message", "4294967296"), "1 to 4294967295"),
    (("echo", *ADDRESS, "--max-message", "1M"), "--max-message 1M"),
    (("echo", *ADDRESS, "--depth", "1"), "--depth"),
    (("echo", *ADDRESS, "more"), "more"),
    (("chat",), "--tcp"),
    (("chat", "--tcp", "nowhere"), "127.0.0.1:7000"),
    (("load",), "--tcp"),
    (("load", "--tcp", ":7000"), "host"),
    (("load", "--tcp", "127.0.0.1:0"), "the port is 1 to 65535"),
    (("load",), "--udp HOST:PORT"),
    (("load", "--udp"), "--udp"),
    (("load", "--udp", "127.0.0.1"), "127.0.0.1:7000"),
    (("load", *REMOTE, *DATAGRAMS), "--udp"),
    (("load", *DATAGRAMS, "--size", "7"), "--size 7: with --udp at least 8 bytes are needed"),
    (("load", *DATAGRAMS, "--size", "0"), "at least 8 bytes"),
    (("load", *DATAGRAMS, "--size", "65508"), "--size 65508: a datagram has at most 65507 bytes"),
    (("load", *DATAGRAMS, "--loss-timeout-ms", "0"), "--loss-timeout-ms 0: a whole number from 1 to 3600000"),
    (("load", *REMOTE, "--loss-timeout-ms", "5"), "--loss-timeout-ms"),
    (("load", *REMOTE, "--connections", "0"), "--connections 0"),
    (("load", *REMOTE, "--size", "-5"), "--size"),
    (("load", *REMOTE, "--size", "1.5"), "--size 1.5"),
    (("load", *REMOTE, "--depth", "0"), "--depth 0"),
    (("load", *REMOTE, "--rate", "0"), "--rate 0"),
    (("load", *REMOTE, "--duration", "0"), "--duration 0: a number of seconds"),
    (("load", *REMOTE, "--duration", "nan"), "--duration nan"),
    (("load", *REMOTE, "--duration", "5s"), "--duration 5s"),
    (("load", *REMOTE, "--json", "yes"), "yes"),
    (("cat",), "--tcp"),
    (("cat", "--tcp", "127.0.0.1"), "127.0.0.1:7000"),
    (("cat",), "--udp HOST:PORT"),
    (("cat", "--udp", "127.0.0.1:0"), "the port is 1 to 65535"),
    (("cat", *DATAGRAMS, *REMOTE), "--udp"),
    (("cat", *DATAGRAMS, "--framing", "raw"), "--framing"),
    (("cat", *REMOTE, "--framing", "words"), "length, raw or lines"),
    (("cat", *REMOTE, "--wait-ms", "soon"), "--wait-ms soon"),
    (("demo", "--tcp", "127.0.0.1:0"), "--tcp"),
    (("demo", "--duration", "-1"), "--duration"),
)


class Arguments(unittest.TestCase):
    def test_wrong_ones_give_one_line_and_status_2(self):
        for arguments, said in WRONG:
            with self.subTest(arguments=arguments):
                status, output, errors = run(self, *arguments)
                self.assertEqual(status, 2)
                self.assertEqual(output, "")
                self.assertRegex(errors, r"\A[^\n]+\n\Z")
                self.assertTrue(errors.startswith("naru"), errors)
                self.assertIn(said, errors)

    @unittest.skipIf(WINDOWS, "Windows has no limit of open files")
    def test_more_connections_than_the_process_may_open(self):
        def limit():
            resource.setrlimit(resource.RLIMIT_NOFILE, (256, 256))

        status, output, errors = run(self, "load", *REMOTE, "--connections", "300", preexec_fn=limit)
        self.assertEqual((status, output), (2, ""))
        self.assertRegex(errors, r"\Anaru load: --connections 300: at most 192 [^\n]*256 open files[^\n]*\n\Z")

    def test_the_engine_of_another_system(self):
        status, output, errors = run(self, "echo", *ADDRESS, "--engine", "epoll" if WINDOWS else "iocp")
        self.assertEqual((status, output), (1, ""))
        self.assertRegex(errors, r"\Anaru echo: [^\n]*engine[^\n]*\n\Z")

    def test_the_line_names_the_command(self):
        _, _, errors = run(self, "echo", "--tcp", "127.0.0.1:99999")
        self.assertEqual(errors, "naru echo: --tcp 127.0.0.1:99999: the port is 0 to 65535\n")

    def test_help_of_the_program_names_every_command(self):
        status, output, errors = run(self, "--help")
        self.assertEqual((status, errors), (0, ""))
        for command in COMMANDS:
            self.assertIn(command, output)

    def test_help_of_each_command_names_its_options(self):
        options = {
            "echo": ("--tcp", "--udp", "--workers", "--engine", "--framing", "--max-message"),
            "chat": ("--tcp", "--udp"),
            "load": (
                "--tcp", "--udp", "--connections", "--size", "--depth", "--rate", "--duration", "--loss-timeout-ms",
                "--json", "--workers",
            ),
            "cat": ("--tcp", "--udp", "--framing"),
            "demo": ("--duration",),
        }
        for command in COMMANDS:
            with self.subTest(command=command):
                status, output, errors = run(self, command, "--help")
                self.assertEqual((status, errors), (0, ""))
                for option in options[command]:
                    self.assertIn(option, output)

    def test_version(self):
        status, output, errors = run(self, "--version")
        self.assertEqual((status, errors), (0, ""))
        self.assertRegex(output, r"\Anaru \d+\.\d+\.\d+\n\Z")


if __name__ == "__main__":
    unittest.main()
