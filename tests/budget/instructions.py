#!/usr/bin/env python3
"""Counts the instructions in user space that the echo server on naru spends on a 64-byte message.

callgrind counts them all, those of the C library too. Two runs that differ only in how many messages they echo are
subtracted, so that starting, accepting and ending cancel out. The load goes in lock step (bench/echo_load.cpp): all
connections send, all answers come, and only then all send again. So the count does not depend on how fast server and
load are, but for the one or two wake-ups in which the server finds the first of each hundred messages; on a machine
busy with other things it repeats within 0.1 %.

Fails above the limit, and above what recorded.json says by more than 5 %.
"""

import argparse
import json
import pathlib
import re
import sys
import tempfile

from processes import Load, Server, load_command

CONNECTIONS = 100
STEPS = (20, 420)  # how often each connection sends, in the shorter and in the longer run
DEPTHS = {"depth_1": 1, "depth_16": 16}
LIMITS = {"depth_1": 1200, "depth_16": 350}
TOLERANCE = 1.05
RECORDED = pathlib.Path(__file__).with_name("recorded.json")


def count_instructions(options, depth, messages):
    """All instructions of one run of the server."""
    with tempfile.TemporaryDirectory() as folder:
        profile = pathlib.Path(folder, "callgrind.out")
        with Server([options.valgrind, "-q", "--tool=callgrind", f"--callgrind-out-file={profile}",
                     options.server]) as server:
            with Load(load_command(options.load, server, connections=CONNECTIONS, depth=depth,
                                   lock_step=messages)) as load:
                echoed = load.result()["messages"]
        if echoed != messages:
            raise RuntimeError(f"{echoed} messages instead of {messages} came back")
        return int(re.search(r"^totals: (\d+)$", profile.read_text(), re.MULTILINE)[1])


def instructions_per_message(options, depth):
    fewer, more = (steps * CONNECTIONS * depth for steps in STEPS)
    return (count_instructions(options, depth, more) - count_instructions(options, depth, fewer)) / (more - fewer)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("scenario", choices=DEPTHS)
    parser.add_argument("--valgrind", default="valgrind")
    parser.add_argument("--server", required=True)
    parser.add_argument("--load", required=True)
    options = parser.parse_args()

    counted = instructions_per_message(options, DEPTHS[options.scenario])
    recorded = json.loads(RECORDED.read_text())[options.scenario]["instructions_per_message"]
    limit = LIMITS[options.scenario]
    print(f"{options.scenario}: {counted:.1f} instructions for each message; recorded {recorded}, limit {limit}")
    if counted > limit:
        return f"above the limit of {limit}"
    if counted > recorded * TOLERANCE:
        return f"more than 5 % above what {RECORDED.name} says"
    if counted < recorded / TOLERANCE:
        print(f"This is more than 5 % better: write it into {RECORDED.name}, so that it stays so.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
