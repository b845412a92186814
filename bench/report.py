"""Medians, ratios and the tables that show them."""

import pathlib
import statistics


def median(values):
    return statistics.median(values)


def spread(values):
    """Median, quartiles and extremes, as text."""
    values = sorted(values)
    low, _, high = statistics.quantiles(values, n=4, method="inclusive") if len(values) > 1 else values * 3
    return f"{median(values):.3f}  (quartiles {low:.3f} to {high:.3f}, all {values[0]:.3f} to {values[-1]:.3f})"


def verdict(value, target, *, at_least=False):
    """The end of a line, and whether the target is met."""
    met = value >= target if at_least else value <= target
    return f"  target {target}: {'met' if met else 'MISSED'}", met


def print_ratios(title, rounds, targets, *, unit="ns", unit_ns=1):
    """The time of each server, and the ratio of ours, the first one, to each: of the same round."""
    ours = next(iter(rounds[0]))
    print(title)
    all_met = True
    for server in rounds[0]:
        times = [one[server] / unit_ns for one in rounds]
        line = f"  {server:20}{median(times):8.0f} {unit}  ({min(times):.0f} to {max(times):.0f})"
        if server != ours:
            ratios = [one[ours] / one[server] for one in rounds]
            line += f"   {ours} / this: {spread(ratios)}"
            if server in targets:
                end, met = verdict(median(ratios), targets[server])
                line += end
                all_met &= met
        print(line)
    print()
    return all_met


def print_memory(per_what, growth_bytes, ours, target_bytes):
    print(f"memory: growth of the resident size per {per_what}")
    all_met = True
    for server, growth in growth_bytes.items():
        line = f"  {server:20}{growth:8.0f} bytes"
        if server == ours:
            end, all_met = verdict(growth, target_bytes)
            line += end
        print(line)
    print()
    return all_met


def print_wakeup(rounds, target):
    """Time from a send on another thread to the peer's receipt."""
    print("wakeup: time from a send on another thread to the peer's receipt")
    for side in ("naru_ns", "bare_ns"):
        times = [one[side] / 1000 for one in rounds]
        print(f"  {side[:-3]:20}{median(times):8.1f} us  ({min(times):.1f} to {max(times):.1f})")
    ratios = [one["naru_ns"] / one["bare_ns"] for one in rounds]
    end, met = verdict(median(ratios), target)
    print(f"  naru / bare: {spread(ratios)}{end}\n")
    return met


def print_bulk(rounds, target):
    """Datagrams for each second of the sender's CPU."""
    print("udp-bulk: datagrams of 1,200 bytes to one peer, for each second of the sender's CPU")
    for side in ("naru_ns", "bare_ns"):
        rates = [1e6 / one[side] for one in rounds]
        print(f"  {side[:-3]:20}{median(rates):8.0f} thousand  ({min(rates):.0f} to {max(rates):.0f})")
    ratios = [one["bare_ns"] / one["naru_ns"] for one in rounds]
    end, met = verdict(median(ratios), target, at_least=True)
    print(f"  naru / sendmmsg without UDP_SEGMENT: {spread(ratios)}{end.replace('target', 'target at least')}\n")
    return met


def cpu_model():
    for line in pathlib.Path("/proc/cpuinfo").read_text().splitlines():
        if line.startswith("model name"):
            return line.partition(":")[2].strip()
    return "unknown CPU"
