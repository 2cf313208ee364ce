"""Attempts of a program to leave the unit that it runs in, each in a process of its own.

in_attacks.py runs it in the place of the service, with all restrictions of the unit, and once as
root without them. It takes a file of JSON that names the targets, and writes another with what came
of each attempt: the name of an error or a signal, or ``it worked``.
"""

import ctypes
import errno
import json
import mmap
import os
import platform
import resource
import signal
import socket
import stat
import sys
from collections.abc import Callable
from pathlib import Path

WORKED = "it worked"

Attempt = Callable[[], object]

SYSCALLS = {
    # name: (number on x86-64, number on arm64)
    "ptrace": (101, 117),
    "syslog": (103, 116),
    "personality": (135, 92),
    "vhangup": (153, 58),
    "pivot_root": (155, 41),
    "chroot": (161, 51),
    "acct": (163, 89),
    "settimeofday": (164, 170),
    "mount": (165, 40),
    "umount2": (166, 39),
    "swapon": (167, 224),
    "reboot": (169, 142),
    "sethostname": (170, 161),
    "init_module": (175, 105),
    "delete_module": (176, 106),
    "quotactl": (179, 60),
    "clock_settime": (227, 112),
    "kexec_load": (246, 104),
    "add_key": (248, 217),
    "keyctl": (250, 219),
    "unshare": (272, 97),
    "perf_event_open": (298, 241),
    "open_by_handle_at": (304, 265),
    "clock_adjtime": (305, 266),
    "setns": (308, 268),
    "process_vm_readv": (310, 270),
    "finit_module": (313, 273),
    "memfd_create": (319, 279),
    "bpf": (321, 280),
    "userfaultfd": (323, 282),
    "io_uring_setup": (425, 425),
    "open_tree": (428, 428),
    "fsopen": (430, 430),
    "pidfd_getfd": (438, 438),
}

NAMESPACES = {
    "mount": 0x00020000,
    "cgroup": 0x02000000,
    "uts": 0x04000000,
    "ipc": 0x08000000,
    "user": 0x10000000,
    "pid": 0x20000000,
    "network": 0x40000000,
}

FAMILIES = {
    "AF_NETLINK": 16,
    "AF_PACKET": 17,
    "AF_BLUETOOTH": 31,
    "AF_ALG": 38,
    "AF_VSOCK": 40,
    "AF_XDP": 44,
}

libc = ctypes.CDLL(None, use_errno=True)


def call(name: str, *arguments: object) -> int:
    """Make a system call. Raises OSError."""
    number = SYSCALLS[name][platform.machine() == "aarch64"]
    wide = [ctypes.c_long(each) if isinstance(each, int) else each for each in arguments]
    result: int = libc.syscall(ctypes.c_long(number), *wide)
    if result < 0:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))
    return result


def write(path: str | Path) -> Attempt:
    return lambda: os.close(os.open(path, os.O_WRONLY | os.O_CREAT))


def read(path: str | Path) -> Attempt:
    return lambda: Path(path).read_bytes()


def run_program(path: Path) -> None:
    """Put a program into a directory and run it."""
    path.write_bytes(Path("/usr/bin/true").read_bytes())
    path.chmod(0o700)
    pid = os.fork()
    if pid == 0:
        try:
            os.execv(path, [str(path)])  # noqa: S606
        except OSError as error:
            os._exit(error.errno or 1)
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    path.unlink()
    if code:
        raise OSError(code, os.strerror(code))


def load_library(path: Path) -> None:
    """Put a shared library into a directory and load it."""
    [source] = Path("/usr/lib").glob(
        "*-linux-gnu*/libBrokenLocale.so.1"
    )  # which nothing has loaded
    path.write_bytes(source.read_bytes())
    try:
        ctypes.CDLL(str(path))
    except OSError as error:
        raise PermissionError(errno.EPERM, str(error)) from None
    finally:
        path.unlink()


def run_from_memory() -> None:
    """Run a program that is in no file."""
    descriptor = call("memfd_create", b"program", 0)
    os.write(descriptor, Path("/usr/bin/true").read_bytes())
    run = Path(f"/proc/self/fd/{descriptor}")
    pid = os.fork()
    if pid == 0:
        os.execv(run, ["true"])  # noqa: S606
    os.waitpid(pid, 0)


def map_code() -> None:
    """Map memory that can be written and run."""
    mmap.mmap(-1, 4096, prot=mmap.PROT_READ | mmap.PROT_WRITE | mmap.PROT_EXEC).close()


def make_code_runnable() -> None:
    """Make memory that was written runnable."""
    memory = mmap.mmap(-1, 4096)
    start = ctypes.addressof(ctypes.c_char.from_buffer(memory))
    if libc.mprotect(ctypes.c_void_p(start), 4096, mmap.PROT_READ | mmap.PROT_EXEC):
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


def set_mode(path: Path, mode: int) -> None:
    path.touch()
    try:
        path.chmod(mode)
    finally:
        path.unlink()


def make_node(path: Path) -> None:
    """Make a device of the kernel's memory, /dev/mem."""
    os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 1))
    path.unlink()


def raise_limit() -> None:
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1 << 30, 1 << 30))
    except ValueError as error:
        raise PermissionError(errno.EPERM, str(error)) from None


def read_memory(pid: int) -> None:
    """Read a byte of another process, of its first mapping."""
    start = int(Path(f"/proc/{os.getpid()}/maps").read_text().partition("-")[0], 16)
    local = ctypes.create_string_buffer(1)
    pair = ctypes.c_void_p * 2
    here, there = pair(ctypes.addressof(local), 1), pair(start, 1)
    call("process_vm_readv", pid, ctypes.byref(here), 1, ctypes.byref(there), 1, 0)


def ask_systemd(target: str) -> None:
    """Ask systemd's own socket, which serves root alone."""
    with socket.socket(socket.AF_UNIX) as manager:
        manager.connect(target)


def stop_a_unit(unit: str) -> None:
    """Ask systemd over the bus to stop a unit."""
    pid = os.fork()
    if pid == 0:
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, 2)
        os.execv("/usr/bin/systemctl", ["systemctl", "--no-ask-password", "stop", unit])  # noqa: S606
    if os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]):
        raise PermissionError(errno.EACCES, "systemctl is refused")


def set_realtime() -> None:
    os.sched_setscheduler(0, os.SCHED_FIFO, os.sched_param(10))


def attempts(targets: dict[str, str]) -> dict[str, Attempt]:
    """Return every attempt by its name."""
    state, runtime = Path(os.environ["STATE_DIRECTORY"]), Path(os.environ["RUNTIME_DIRECTORY"])
    victim = int(targets["pid"])
    own: dict[str, Attempt] = {
        # What belongs to others
        "read the shadow file": read("/etc/shadow"),
        "read another chair's credential": read(targets["credential"]),
        "read another chair's credential in use": read(targets["credential in use"]),
        "read root's home": read(targets["root's file"]),
        "read a user's home": read(targets["user's file"]),
        "read another chair's state": read(targets["state"]),
        "write another chair's state": write(targets["state"]),
        "read the environment of process 1": read("/proc/1/environ"),
        "read the environment of another chair": read(f"/proc/{victim}/environ"),
        "read the memory of another chair": read(f"/proc/{victim}/mem"),
        "kill another chair": lambda: os.kill(victim, signal.SIGCONT),
        "kill process 1": lambda: os.kill(1, signal.SIGCONT),
        "trace another chair": lambda: call("ptrace", 16, victim, 0, 0),
        "read another chair's memory": lambda: read_memory(victim),
        # The system
        "write into /etc": write("/etc/attack"),
        "write into /usr": write("/usr/bin/attack"),
        "write the program": write("/opt/unsit/attack"),
        "write the settings": write("/etc/unsit/unsit.toml"),
        "write a unit": write("/run/systemd/system/attack.service"),
        "write a udev rule": write("/run/udev/rules.d/attack.rules"),
        "write into /boot": write("/boot/attack"),
        "write into /var": write("/var/lib/attack"),
        "write a kernel setting": write("/proc/sys/kernel/core_pattern"),
        "write into /sys": write("/sys/kernel/uevent_helper"),
        "write a cgroup": write("/sys/fs/cgroup/cgroup.procs"),
        "read the clock device": read("/dev/rtc0"),
        "read the kernel's log by a call": lambda: call(
            "syslog", 3, ctypes.create_string_buffer(64), 64
        ),
        "open a terminal": write("/dev/console"),
        "ask systemd's socket": lambda: ask_systemd("/run/systemd/private"),
        "stop a unit": lambda: stop_a_unit(targets["unit"]),
        # Code
        "run a program from the state directory": lambda: run_program(state / "program"),
        "run a program from the runtime directory": lambda: run_program(runtime / "program"),
        "run a program from /tmp": lambda: run_program(Path("/tmp/program")),  # noqa: S108
        "run a program from /var/tmp": lambda: run_program(Path("/var/tmp/program")),  # noqa: S108
        "run a program from /dev/shm": lambda: run_program(Path("/dev/shm/program")),  # noqa: S108
        "load a library from the state directory": lambda: load_library(state / "library.so"),
        "run a program from memory": run_from_memory,
        "map memory to write and run": map_code,
        "make written memory runnable": make_code_runnable,
        # Rights
        "become root": lambda: os.setuid(0),
        "become another user": lambda: os.setresuid(1, 1, 1),
        "join another group": lambda: os.setgroups([0]),
        "make a set-uid file": lambda: set_mode(state / "suid", 0o4755),
        "make a set-gid file": lambda: set_mode(state / "sgid", 0o2755),
        "give a file away": lambda: os.chown(state, 0, 0),
        "make a device": lambda: make_node(state / "mem"),
        "run at real-time priority": set_realtime,
        "raise the priority": lambda: os.setpriority(os.PRIO_PROCESS, 0, -20),
        "raise a limit": raise_limit,
        # Calls of the kernel
        "use io_uring": lambda: call("io_uring_setup", 1, ctypes.create_string_buffer(256)),
        "use a file in memory": lambda: call("memfd_create", b"file", 0),
        "use user faults": lambda: call("userfaultfd", 1),
        "use bpf": lambda: call("bpf", 0, ctypes.create_string_buffer(128), 128),
        "use performance events": lambda: call(
            "perf_event_open", ctypes.create_string_buffer(128), 0, -1, -1, 0
        ),
        "add a key": lambda: call("add_key", b"user", b"attack", b"x", 1, -3),
        "read keys": lambda: call("keyctl", 0, -3, 0),
        "mount": lambda: call("mount", b"tmpfs", b"/tmp", b"tmpfs", 0, 0),
        "unmount": lambda: call("umount2", b"/tmp", 2),
        "open a tree": lambda: call("open_tree", -100, b"/", 1),
        "open a file system": lambda: call("fsopen", b"tmpfs", 0),
        "change the root": lambda: call("chroot", b"/tmp"),
        "exchange the root": lambda: call("pivot_root", b"/tmp", b"/tmp"),
        "open by handle": lambda: call(
            "open_by_handle_at", -100, ctypes.create_string_buffer(16), 0
        ),
        "enter a namespace": lambda: call("setns", os.open("/proc/self/ns/mnt", os.O_RDONLY), 0),
        "load a module": lambda: call("init_module", 0, 0, b""),
        "load a module from a file": lambda: call("finit_module", 0, b"", 0),
        "unload a module": lambda: call("delete_module", b"loop", 0),
        "load a kernel": lambda: call("kexec_load", 0, 0, 0, 0),
        "restart the machine": lambda: call("reboot", 0, 0, 0, 0),
        "swap": lambda: call("swapon", b"/tmp/swap", 0),
        "account": lambda: call("acct", 0),
        "set quotas": lambda: call("quotactl", 0x800003 << 8, 0, 0, 0),
        "hang up the terminal": lambda: call("vhangup"),
        "set the clock": lambda: call("clock_settime", 0, ctypes.create_string_buffer(16)),
        "set the time of day": lambda: call("settimeofday", 0, ctypes.create_string_buffer(8)),
        "adjust the clock": lambda: call(
            "clock_adjtime", 0, ctypes.create_string_buffer(b"\x01", 256)
        ),
        "set the host's name": lambda: call("sethostname", b"attack", 6),
        "change the personality": lambda: call("personality", 0x0040000),
        "open a raw socket": lambda: socket.socket(socket.AF_INET, socket.SOCK_RAW, 1),
    }
    for name, flag in NAMESPACES.items():
        own[f"make a {name} namespace"] = lambda flag=flag: call("unshare", flag)  # type: ignore[misc]
    for name, number in FAMILIES.items():
        own[f"open a socket of {name}"] = lambda number=number: socket.socket(  # type: ignore[misc]
            number, socket.SOCK_RAW if number != FAMILIES["AF_ALG"] else socket.SOCK_SEQPACKET
        )
    return own


def outcome(attempt: Attempt) -> str:
    """Make an attempt in a child process, since a filter may end it; return what came of it."""
    reader, writer = os.pipe()
    pid = os.fork()
    if pid == 0:
        try:
            attempt()
            text = WORKED
        except OSError as error:
            text = errno.errorcode.get(error.errno or 0, repr(error))
        except BaseException as error:
            text = repr(error)
        os.write(writer, text.encode())
        os._exit(0)
    os.close(writer)
    with os.fdopen(reader) as pipe:
        text = pipe.read()
    code = os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])
    return text if code >= 0 else signal.Signals(-code).name


def main() -> None:
    """Make all attempts."""
    given, result = sys.argv[1:]
    targets = json.loads(Path(given).read_text(encoding="utf-8"))
    outcomes = {name: outcome(attempt) for name, attempt in attempts(targets).items()}
    Path(os.environ["STATE_DIRECTORY"], result).write_text(json.dumps(outcomes), encoding="utf-8")


if __name__ == "__main__":
    main()
