#!/usr/bin/env python3
"""Runs naru beside other servers in one go, interleaved, and prints ratios of medians with their spread.

docs/benchmarks.md says what is measured, and how to read it.
"""

import argparse
import json
import os
import pathlib
import platform
import subprocess
import sys

import pressure
import report
from processes import Load, Server, load_command, load_command_with
from turns import Side, cpu_for_each_message, take_turns

# The first of each is naru.
SERVERS = ("naru_echo", "bare_epoll_echo", "asio_echo_batched", "asio_echo_tutorial")
DATAGRAM_SERVERS = ("naru_datagram_echo", "bare_datagram_echo", "asio_datagram_echo")
STEERED, HANDED = "naru_datagram_echo --workers 2", "naru_datagram_echo --workers 2 --one-socket"

# Scenarios of 64-byte messages, and the ratios of naru's CPU time per message to the others' that it must reach.
ECHO_SCENARIOS = {
    "depth1-100": {"connections": 100, "depth": 1,
                   "targets": {"bare_epoll_echo": 1.08, "asio_echo_batched": 1.0}},
    "depth1-1000": {"connections": 1000, "depth": 1,
                    "targets": {"bare_epoll_echo": 1.08, "asio_echo_batched": 1.0}},
    "depth16-100": {"connections": 100, "depth": 16,
                    "targets": {"bare_epoll_echo": 1.2, "asio_echo_tutorial": 0.15}},
    "udp-64": {"peers": 64, "depth": 4, "servers": DATAGRAM_SERVERS,
               "targets": {"bare_datagram_echo": 1.1, "asio_datagram_echo": 0.75}},
    "udp-workers": {"peers": 64, "depth": 4, "servers": (STEERED, HANDED), "targets": {HANDED: 1.0}},
}
MEMORY_CONNECTIONS = 10_000
MEMORY_TARGET_BYTES = 1024
WAKEUP_TARGET = 1.3
UDP_PEERS = 100_000
UDP_PEER_TARGET_BYTES = 512
UDP_BULK_TARGET = 3.0


def echo_round(options, scenario, round_number):
    """The median CPU time per message of each server, in ns."""
    if "peers" in scenario:
        def load(server):
            return load_command_with(options.programs / "datagram_load", server,
                                     "--peers", scenario["peers"], "--depth", scenario["depth"])
    else:
        def load(server):
            return load_command(options.programs / "echo_load", server,
                                connections=scenario["connections"], depth=scenario["depth"])
    sides = {}
    for name in scenario.get("servers", SERVERS):
        program, *arguments = name.split()
        sides[name] = Side([options.programs / program, *arguments], load)
    return take_turns(options, sides, cpu_for_each_message, round_number)[0]


def memory(options):
    """What each server grows by for each of many idle connections that have exchanged a message, in bytes."""
    growth = {}
    for name in SERVERS:
        with Server([options.programs / name]) as server:
            command = load_command(options.programs / "echo_load", server,
                                   connections=MEMORY_CONNECTIONS, depth=1, lock_step=MEMORY_CONNECTIONS)
            with Load(command) as load:
                growth[name] = load.result()["server_growth_bytes"] / MEMORY_CONNECTIONS
    return growth


def peer_memory(options):
    """What a UDP server of naru's grows by for each of many peers that have been answered twice, in bytes."""
    server_program = options.programs / "naru_datagram_echo"
    with Server([server_program]) as server:
        command = load_command_with(options.programs / "datagram_load", server, "--crowd", UDP_PEERS)
        with Load(command) as load:
            return {server_program.name: load.result()["server_growth_bytes"] / UDP_PEERS}


def output_of(program, *arguments):
    """What a program of its own measures, round by round."""
    command = [str(part) for part in (program, *arguments)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


def wakeup(options):
    """Medians of each round, in ns."""
    return output_of(options.programs / "wakeup", "--rounds", options.rounds,
                     "--loop-cpu", options.server_cpu, "--user-cpu", options.load_cpu)


def bulk(options):
    """The sender's CPU time for each datagram in each round, in ns."""
    return output_of(options.programs / "datagram_bulk", "--rounds", options.rounds,
                     "--sender-cpu", options.server_cpu, "--receiver-cpu", options.load_cpu)


def measure(options):
    """Runs what was asked for. Echo rounds of all scenarios take turns, so that each sees the whole time."""
    def progress(name, round_number):
        print(f"\r{name}: round {round_number + 1} of {options.rounds}  ", end="", file=sys.stderr, flush=True)

    results = {name: {"rounds": []} for name in ECHO_SCENARIOS if name in options.only}
    for round_number in range(options.rounds):
        for name, result in results.items():
            progress(name, round_number)
            result["rounds"].append(echo_round(options, ECHO_SCENARIOS[name], round_number))
    results.update(pressure.measure(options, progress))
    print("\r", end="", file=sys.stderr)
    if "memory" in options.only:
        results["memory"] = {"bytes": memory(options)}
    if "wakeup" in options.only:
        results["wakeup"] = {"rounds": wakeup(options)}
    if "udp-memory" in options.only:
        results["udp-memory"] = {"bytes": peer_memory(options)}
    if "udp-bulk" in options.only:
        results["udp-bulk"] = {"rounds": bulk(options)}
    return results


def judge(results):
    """Prints the results; whether all targets are met."""
    met = True
    for name, scenario in ECHO_SCENARIOS.items():
        if name in results:
            met &= report.print_ratios(f"{name}: server CPU time per message", results[name]["rounds"], scenario["targets"])
    if "memory" in results:
        met &= report.print_memory("idle connection that has exchanged a message",
                                   results["memory"]["bytes"], SERVERS[0], MEMORY_TARGET_BYTES)
    if "wakeup" in results:
        met &= report.print_wakeup(results["wakeup"]["rounds"], WAKEUP_TARGET)
    if "udp-memory" in results:
        met &= report.print_memory("UDP peer that has exchanged two datagrams",
                                   results["udp-memory"]["bytes"], DATAGRAM_SERVERS[0], UDP_PEER_TARGET_BYTES)
    if "udp-bulk" in results:
        met &= report.print_bulk(results["udp-bulk"]["rounds"], UDP_BULK_TARGET)
    return pressure.judge(results) and met


def parse_arguments():
    everything = [*ECHO_SCENARIOS, "memory", "wakeup", "udp-memory", "udp-bulk", *pressure.FIGURES]
    cpus = sorted(os.sched_getaffinity(0))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--programs", type=pathlib.Path, metavar="FOLDER",
                        default=pathlib.Path(__file__).resolve().parent.parent / "build/release/bin/bench",
                        help="where the built programs are (default: those of the preset release)")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--seconds", type=float, default=1.5, help="load for each server in a round")
    parser.add_argument("--slices", type=int, default=10, help="turns that a server takes in a round")
    parser.add_argument("--server-cpu", type=int, default=cpus[0])
    parser.add_argument("--load-cpu", type=int, default=cpus[-1])
    parser.add_argument("--only", action="append", choices=everything, help="may be given more than once")
    parser.add_argument("--json", type=pathlib.Path, metavar="FILE", help="write the numbers of all rounds")
    options = parser.parse_args()
    options.programs = options.programs.resolve()
    options.only = options.only or everything
    if options.server_cpu == options.load_cpu:
        parser.error("server and load need a CPU each")
    if min(options.rounds, options.slices) < 1 or options.seconds <= 0:
        parser.error("rounds, slices and seconds must be positive")
    return options


def main():
    options = parse_arguments()
    machine = f"{report.cpu_model()}, {os.cpu_count()} CPUs, Linux {platform.release()}"
    print(f"{machine}; {options.rounds} rounds of {options.seconds} s for each server\n")
    results = measure(options)
    if options.json:
        options.json.write_text(json.dumps({"machine": machine, "results": results}, indent=2) + "\n")
    return 0 if judge(results) else 1


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (RuntimeError, OSError, subprocess.CalledProcessError) as error:
        sys.exit(f"compare.py: {error}")
