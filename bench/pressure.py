"""What a server does when it is pressed: many receivers, some that never read, many that stop, one that floods.

Each measurement answers what `judge` prints; docs/benchmarks.md says what it is.
"""

import json
import subprocess

import pressure_report
from processes import Load, Server, load_command_with, pinned
from turns import Side, cpu_for_each_message, p99, take_turns

RECEIVERS = 1_000
STALLED = 1_000
STALLED_LOAD = ("--receivers", RECEIVERS, "--rate", 20)
# Messages before the load: what the system keeps of a stalled reader, and its backlog, twice over.
STALLED_FILL = ("--stalled", STALLED, "--fill", 1_500)
BACKLOG_MAX = 64 << 10
STALLED_SERVER = ("--message-max", 1024, "--backlog-max", BACKLOG_MAX, "--kernel-unsent-max", 16 << 10,
                  "--drop-oldest")
# Wide enough for all these backlogs, and for a third of them.
MEMORY_WIDE, MEMORY_NARROW = 96 << 20, 16 << 20
CONNECTIONS = 10_000
MESSAGE_TIMEOUT_MS = 3_000
STANDING_S = 5
# States of connections, and what the server is told.
STANDING = {"idle": (), "idle, timed": ("--idle-timeout-ms", 3_600_000, "--message-timeout-ms", 10_000),
            "half-closed": ("--half-open",)}

FIGURES = ("chat", "group-send", "stalled", "budget", "stopped", "fairness", "standing")


def chat_sides(options):
    def load(server):
        return load_command_with(options.programs / "broadcast_load", server, "--receivers", RECEIVERS)

    return {name: Side([options.programs / name], load) for name in ("naru_chat", "bare_chat")}


def fairness_sides(options):
    def side(*arguments):
        return Side([options.programs / "naru_echo"], lambda server: load_command_with(
            options.programs / "paced_load", server, *arguments))

    return {"beside a flood": side("--flood"), "alone": side()}


def stalled_sides(options):
    def side(*arguments):
        command = [options.programs / "naru_chat", *STALLED_SERVER, "--memory-max", MEMORY_WIDE]
        return Side(command, lambda server: load_command_with(
            options.programs / "broadcast_load", server, *STALLED_LOAD, *arguments))

    return {"beside stalled": side(*STALLED_FILL), "alone": side()}


def held(server, memory_max):
    """What a chat server kept of its limits."""
    said = json.loads(server.last_words)
    return {"backlog_over": max(0, said["backlog_bytes_highest"] - BACKLOG_MAX), "memory_max": memory_max,
            "growth": server.highest_growth_bytes, **said}


def stalled_round(options, round_number):
    times, servers = take_turns(options, stalled_sides(options), p99, round_number, slices=3)
    return {**times, "held": held(servers["beside stalled"], MEMORY_WIDE)}


def budget_round(options, _round_number):
    """With a budget that the backlogs do not fit into: the load fails if one of those that read is ended."""
    command = [options.programs / "naru_chat", *STALLED_SERVER, "--memory-max", MEMORY_NARROW]
    with Server(pinned(options.server_cpu, command)) as server:
        load = load_command_with(options.programs / "broadcast_load", server, *STALLED_LOAD, *STALLED_FILL)
        with Load(pinned(options.load_cpu, load)) as running:
            running.run(options.seconds)
    return held(server, MEMORY_NARROW)


def stopped_round(options, _round_number):
    """Connections that stop inside a header or a message: what they take, and when they are ended."""
    server_program = options.programs / "naru_echo"
    with Server(pinned(options.server_cpu, [server_program, "--message-timeout-ms", MESSAGE_TIMEOUT_MS])) as server:
        command = load_command_with(options.programs / "standing_load", server, "--state", "stopped",
                                    "--connections", CONNECTIONS, "--timeout-ms", MESSAGE_TIMEOUT_MS)
        with Load(pinned(options.load_cpu, command)) as load:
            return {"bytes": load.result()["server_growth_bytes"] / CONNECTIONS, **load.result()}


def standing_round(options, _round_number):
    """The share of one CPU that connections take which stand still."""
    shares = {}
    for name, arguments in STANDING.items():
        with Server(pinned(options.server_cpu, [options.programs / "naru_echo", *arguments])) as server:
            command = load_command_with(options.programs / "standing_load", server,
                                        "--state", name.partition(",")[0], "--connections", CONNECTIONS)
            with Load(pinned(options.load_cpu, command)) as load:
                load.result()
                used = load.run(STANDING_S)
                shares[name] = used["server_cpu_ns"] / used["seconds"] / 1e9
    return shares


def group_send(options):
    command = [str(part) for part in (options.programs / "group_send", "--rounds", options.rounds,
                                      "--worker-cpu", options.server_cpu, "--user-cpu", options.load_cpu)]
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True).stdout)


# One round of each, which take turns. What takes long and tells the same each time has few.
ROUNDS = {
    "chat": lambda options, number: take_turns(options, chat_sides(options), cpu_for_each_message, number)[0],
    "stalled": stalled_round,
    "budget": budget_round,
    "stopped": stopped_round,
    "fairness": lambda options, number: take_turns(options, fairness_sides(options), p99, number, slices=5)[0],
    "standing": standing_round,
}
ROUNDS_MAX = {"budget": 1, "stopped": 3, "standing": 1}


def measure(options, progress):
    """The rounds of all that was asked for."""
    results = {name: {"rounds": []} for name in FIGURES if name in options.only}
    for number in range(options.rounds):
        for name, result in results.items():
            if name not in ROUNDS or number >= ROUNDS_MAX.get(name, options.rounds):
                continue
            progress(name, number)
            result["rounds"].append(ROUNDS[name](options, number))
    if "group-send" in results:
        results["group-send"]["rounds"] = group_send(options)
    return results


def judge(results):
    """Prints the results; whether all targets are met."""
    met = True
    for name in FIGURES:
        if name in results:
            met &= pressure_report.PRINTS[name](results[name]["rounds"])
    return met
