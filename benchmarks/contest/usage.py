"""Resource use of a program, from /proc (proc(5))."""

import time
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Cost:
    """Resource use of a process and its descendants over a time.

    wakeups_per_s: voluntary context switches of all threads. cpu_percent: of one core.
    rss_mb: resident memory. pss_mb: the same with shared pages divided among their users.
    threads: number of threads.
    """

    wakeups_per_s: float
    cpu_percent: float
    rss_mb: float
    pss_mb: float
    threads: int


@dataclass(frozen=True, slots=True)
class _Thread:
    waits: int
    run_ns: int


class Meter:
    """Meter of a program's resource use from now on, without threads that end meanwhile."""

    def __init__(self, pid: int) -> None:
        self._pid = pid
        self._began, self._before = time.monotonic(), _threads(pid)

    def read(self) -> Cost:
        """Return the use so far. The program must still run."""
        after, seconds = _threads(self._pid), time.monotonic() - self._began
        unborn = _Thread(0, 0)
        pairs = [(self._before.get(tid, unborn), thread) for tid, thread in after.items()]
        memory = [_fields(Path(f"/proc/{pid}/smaps_rollup")) for pid in _family(self._pid)]
        return Cost(
            wakeups_per_s=sum(b.waits - a.waits for a, b in pairs) / seconds,
            cpu_percent=sum(b.run_ns - a.run_ns for a, b in pairs) / 1e7 / seconds,
            rss_mb=sum(int(fields["Rss"]) for fields in memory) / 1024,
            pss_mb=sum(int(fields["Pss"]) for fields in memory) / 1024,
            threads=len(after),
        )


def _family(pid: int) -> list[int]:
    """Return a process and its descendants."""
    listed = [(task / "children").read_text().split() for task in _tasks(pid)]
    children = [int(child) for children in listed for child in children]
    return [pid, *(member for child in children for member in _family(child))]


def _tasks(pid: int) -> list[Path]:
    return list(Path(f"/proc/{pid}/task").iterdir())


def _threads(pid: int) -> dict[str, _Thread]:
    found = {}
    for task in (task for member in _family(pid) for task in _tasks(member)):
        try:
            waits = _fields(task / "status")["voluntary_ctxt_switches"]
            run_ns = (task / "schedstat").read_text().split()[0]
        except (FileNotFoundError, ProcessLookupError):  # it has just ended
            continue
        found[task.name] = _Thread(int(waits), int(run_ns))
    return found


def _fields(file: Path) -> dict[str, str]:
    """Return the first word after each ``Name:`` in a file."""
    lines = (line.partition(":") for line in file.read_text().splitlines())
    return {name: value.split()[0] for name, _, value in lines if value.strip()}
