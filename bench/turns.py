"""Servers that take turns under load."""

import collections.abc
import contextlib
import typing

import report
from processes import Load, Server, pinned

WARMUP_S = 0.3


class Side(typing.NamedTuple):
    """One server beside others: its command, and what makes the command of its load once it listens."""

    server: collections.abc.Sequence
    load: collections.abc.Callable


def take_turns(options, sides, figure, round_number, *, slices=None):
    """One round: fresh servers, which take turns under their loads, in an order that rotates. `figure` is
    taken of what a load says of one turn. The median of these for each side, and the servers, ended."""
    slices = slices or options.slices
    names = list(sides)
    taken = {name: [] for name in names}
    servers = {}
    with contextlib.ExitStack() as stack:
        loads = {}
        for name, side in sides.items():
            servers[name] = stack.enter_context(Server(pinned(options.server_cpu, side.server)))
            loads[name] = stack.enter_context(Load(pinned(options.load_cpu, side.load(servers[name]))))
            loads[name].run(WARMUP_S)
        for turn in range(slices):
            first = (round_number + turn) % len(names)
            for name in names[first:] + names[:first]:
                taken[name].append(figure(loads[name].run(options.seconds / slices)))
    return {name: report.median(figures) for name, figures in taken.items()}, servers


def cpu_for_each_message(result):
    return result["server_cpu_ns"] / result["messages"]


def p99(result):
    return result["p99_ns"]
