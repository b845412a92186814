"""The tables of what pressure.py measured."""

from report import median, print_ratios, spread, verdict

CHAT_TARGET = 1.1
GROUP_SEND_TARGET_US = 20
STALLED_TARGET = 1.2
RESIDENT_TARGET = 1.25
STOPPED_TARGET_BYTES = 1024
STOPPED_TARGET_MS = 500
FAIRNESS_TARGET = 2.0
STANDING_TARGET_PERCENT = 0.1


def print_value(name, text, value, target, **how):
    """One line; whether the target is met."""
    end, met = verdict(value, target, **how)
    print(f"  {name:46}{text:>10}{end}")
    return met


def print_chat(rounds):
    return print_ratios("chat: server CPU time per delivered copy, 1,000 receivers", rounds,
                        {"bare_chat": CHAT_TARGET})


def print_fairness(rounds):
    return print_ratios("fairness: p99 of 100 peers that send 100 messages a second each", rounds,
                        {"alone": FAIRNESS_TARGET}, unit="us", unit_ns=1000)


def print_group_send(rounds):
    print("group-send: what a message to 1,000 connections costs a thread that is no worker")
    for kind, name in (("group_ns", "group.send"), ("group_p99_ns", "the same, p99"), ("each_ns", "send to each")):
        times = [one[kind] / 1000 for one in rounds]
        print(f"  {name:20}{median(times):8.1f} us  ({min(times):.1f} to {max(times):.1f})")
    met = print_value("group.send, us", f"{median(one['group_ns'] / 1000 for one in rounds):.1f}",
                      median(one["group_ns"] / 1000 for one in rounds), GROUP_SEND_TARGET_US)
    print()
    return met


def print_held(rounds):
    """The limits, of whichever round came the closest to them."""
    mebi = 1 << 20
    over = max(one["backlog_over"] for one in rounds)
    counted = max(one["memory_bytes_highest"] for one in rounds)
    budget = rounds[0]["memory_max"]
    growth = max(one["growth"] for one in rounds)
    met = print_value("queued bytes over the limit of one connection", f"{over}", over, 0)
    met &= print_value("counted memory, MiB", f"{counted / mebi:.1f}", counted / mebi, budget / mebi)
    met &= print_value("growth of the resident size / budget", f"{growth / budget:.3f}", growth / budget,
                       RESIDENT_TARGET)
    ended = [one["ended_for_memory"] for one in rounds]
    dropped = [one["dropped"] for one in rounds]
    print(f"  dropped of stalled readers: {median(dropped):.0f}; ended for memory: {median(ended):.0f}\n")
    return met


def print_stalled(rounds):
    times = [{name: value for name, value in one.items() if name != "held"} for one in rounds]
    met = print_ratios("stalled: p99 of 1,000 readers under broadcast, beside 1,000 that never read", times,
                       {"alone": STALLED_TARGET}, unit="us", unit_ns=1000)
    return print_held([one["held"] for one in rounds]) and met


def print_budget(rounds):
    print("budget: the same with less memory than the backlogs want")
    return print_held(rounds)


def print_stopped(rounds):
    print("stopped: 10,000 connections that stop inside a header or a message")
    growth = [one["bytes"] for one in rounds]
    last = [one["last_end_ms"] for one in rounds]
    first = min(one["first_end_ms"] for one in rounds)
    met = print_value("memory of each, bytes", f"{median(growth):.0f}", median(growth), STOPPED_TARGET_BYTES)
    met &= print_value("the last is ended after message_timeout, ms", spread(last), max(last), STOPPED_TARGET_MS)
    met &= print_value("the first, ms", f"{first:.1f}", first, 0, at_least=True)
    print()
    return met


def print_standing(rounds):
    print("standing: CPU time of the server for 10,000 connections that stand still")
    met = True
    for name in rounds[0]:
        percent = median(one[name] * 100 for one in rounds)
        met &= print_value(f"{name}, percent of a CPU", f"{percent:.4f}", percent, STANDING_TARGET_PERCENT)
    print()
    return met


PRINTS = {
    "chat": print_chat,
    "group-send": print_group_send,
    "stalled": print_stalled,
    "budget": print_budget,
    "stopped": print_stopped,
    "fairness": print_fairness,
    "standing": print_standing,
}
