"""Yardsticks: who started when, and how much memory and how many threads processes have."""

import calendar
import os
import statistics
import threading
import time


class StartBell:
    """A FIFO into which each started job writes a line; `rings` holds (time.time_ns(), line) as they come.

    A shell opens and writes a FIFO by itself, so the figure holds the start of the job's shell and no more.
    """

    def __init__(self, path):
        self.path = path
        os.mkfifo(path, 0o666)
        os.chmod(path, 0o666)
        # Open for writing too, so that it never comes to its end between two jobs.
        self._descriptor = os.open(path, os.O_RDWR)
        self.rings = []
        self._changed = threading.Condition()
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        rest = b""
        while True:
            got = os.read(self._descriptor, 65536)
            now = time.time_ns()
            *lines, rest = (rest + got).split(b"\n")
            with self._changed:
                self.rings += [(now, line.decode()) for line in lines]
                self._changed.notify_all()

    def wait(self, count, patience):
        with self._changed:
            if not self._changed.wait_for(lambda: len(self.rings) >= count, patience):
                raise TimeoutError(f"{len(self.rings)} of {count} jobs started within {patience} s")
            return self.rings[count - 1][0]


def milliseconds(samples):
    """Median and 95th percentile of nanoseconds, as text."""
    ordered = sorted(sample / 1e6 for sample in samples)
    return f"{statistics.median(ordered):7.1f} ms median, {ordered[int(len(ordered) * 0.95) - 1]:7.1f} ms p95"


def nanoseconds(text):
    """RFC 3339 in UTC, with any number of digits after the point."""
    seconds, _, fraction = text.rstrip("Z").partition(".")
    whole = time.strptime(seconds, "%Y-%m-%dT%H:%M:%S")
    return calendar.timegm(whole) * 10**9 + int((fraction or "0").ljust(9, "0")[:9])


def processes_below(*roots):
    """The processes of these roots and all their descendants that are alive."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as stat:
                    parent = int(stat.read().rsplit(")", 1)[1].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found, waiting = [], list(roots)
    while waiting:
        one = waiting.pop()
        found.append(one)
        waiting += children.get(one, [])
    return found


def footprint(*processes):
    """RSS and PSS in KiB, threads and descriptors, summed over the processes."""
    sums = {"processes": 0, "rss": 0, "pss": 0, "threads": 0, "descriptors": 0}
    for process in processes:
        try:
            with open(f"/proc/{process}/smaps_rollup") as rollup:
                values = {line.split(":")[0]: int(line.split()[1]) for line in rollup if line.endswith("kB\n")}
            sums["rss"] += values["Rss"]
            sums["pss"] += values["Pss"]
            sums["threads"] += len(os.listdir(f"/proc/{process}/task"))
            sums["descriptors"] += len(os.listdir(f"/proc/{process}/fd"))
            sums["processes"] += 1
        except OSError:
            continue
    return sums


def footprint_text(sums):
    return (f"RSS {sums['rss'] / 1024:7.1f} MiB  PSS {sums['pss'] / 1024:7.1f} MiB  threads {sums['threads']:4}  "
            f"descriptors {sums['descriptors']:5}  processes {sums['processes']}")


def _status_mib(process, field):
    with open(f"/proc/{process}/status") as status:
        return next(int(line.split()[1]) for line in status if line.startswith(field)) / 1024


def resident_mib(process):
    return _status_mib(process, "VmRSS:")


def peak_mib(process):
    """The most that has been resident since the start, or since `reset_peak`."""
    return _status_mib(process, "VmHWM:")


def reset_peak(process):
    with open(f"/proc/{process}/clear_refs", "w") as clear:
        clear.write("5")
