"""Confinement, as something that a process takes upon itself: the keeper first, the kernel once more.

What the keeper takes holds for everything below it. The kernel then takes a narrower form, so that what runs
in it reaches neither the harness nor the keeper: no signals to them, no look into their memory, no sockets
but its own. Nothing here can be taken back, and nothing needs a process of its own, so that a child forked
from a warm process is confined like one that was started.
"""

from __future__ import annotations

import math
import os
import resource
import shutil
from pathlib import Path

from . import job, landlock, namespaces, seccomp
from .syscalls import prctl

PR_SET_DUMPABLE = 4
PR_SET_CHILD_SUBREAPER = 36
ROUGHLY = 128 * 1024**2
OWN_PROCESSES = 16  # threads of keeper and harness, beyond what the notebook may have
EXECUTED = 64 * 1024**2  # bytes of the executed notebook
OWN_FILES = 256  # descriptors of a harness with its sockets
HANDED = "/handed"  # where the namespaces show what the grader prepared
# What is the sandbox's own in the namespaces, and would be the machine's elsewhere.
OWN_WRITE = ("/dev/shm",)  # noqa: S108
OWN_DEVICES = ("/dev/pts", "/dev/ptmx")
FOLDERS = ("work", "home", "tmp", "run")

# What a kernel reads of /proc where the whole machine's processes would be seen there.
PROC = ("cpuinfo", "filesystems", "loadavg", "meminfo", "stat", "sys", "uptime", "version", "vmstat")


def enter(task: job.Job) -> None:
    """Returns confined, with the scratch folder furnished; in the namespaces in another process, their pid 1."""
    confinement = task.confinement
    Path("/proc/self/oom_score_adj").write_text("1000", "ascii")  # rather than any of the machine's own
    match confinement.layer:
        case "bubblewrap":
            if not confinement.born:
                namespaces.enter(confinement.view, confinement.uid, confinement.staging)
            furnish(task.root)
        case "landlock" | "none":
            become(confinement.uid)
        case other:
            raise SystemExit(f"'{other}' is no layer of isolation")
    prctl(PR_SET_CHILD_SUBREAPER, 1)
    bound(task)
    if confinement.layer != "none":
        lock(task, seccomp.Profile(), ["/proc"])


def narrow(task: job.Job) -> None:
    """The kernel's own confinement, within the keeper's."""
    limits = task.limits
    restore(resource.RLIMIT_DATA)  # from what the harness took for itself
    if task.device == "cpu":  # CUDA reserves more address space than any sensible limit
        hold(resource.RLIMIT_DATA, limits.memory + (inherited() if task.warm else 0))
    hold(resource.RLIMIT_FSIZE, limits.file_size)
    hold(resource.RLIMIT_NOFILE, limits.open_files)
    if task.confinement.layer == "none":
        return
    own = task.confinement.layer == "bubblewrap"  # its own mounts and, as a rule, its own /proc
    version = landlock.abi()
    profile = seccomp.Profile(
        connect=own,
        metadata=own,
        signals_elsewhere=own or version >= landlock.SCOPES,  # Landlock or a pid namespace bounds them
        dumpable=False,
        truncation=own or version >= landlock.TRUNCATION,
        priorities=own,
        watching=own,
    )
    seen_as = str(Path("/proc/self").readlink())  # another number than ours where /proc is one further out
    proc = ["/proc"] if own and seen_as == str(os.getpid()) else [f"/proc/{name}" for name in (seen_as, *PROC)]
    lock(task, profile, proc)


def lock(task: job.Job, profile: seccomp.Profile, proc: list[str]) -> None:
    view = task.confinement.view
    own = task.confinement.layer == "bubblewrap"
    # In the namespaces nothing else is there, unless /proc had to be the machine's.
    read = ["/"] if own and proc == ["/proc"] else [*view["read"], HANDED, *proc]
    if landlock.abi() or not own:  # the namespaces hold without it, if not from harness to kernel
        landlock.restrict(
            read=read,
            write=[task.root, *(OWN_WRITE if own else ())],
            devices=[*view["devices"], *(OWN_DEVICES if own else ())],
        )
    seccomp.restrict(profile)


def furnish(root: str) -> None:
    for name in FOLDERS:
        Path(root, name).mkdir(mode=0o700, exist_ok=True)
    shutil.copytree(HANDED, f"{root}/work", dirs_exist_ok=True, copy_function=shutil.copyfile)
    os.chdir(f"{root}/work")


def become(uid: int | None) -> None:
    """Give up root for `uid`; the change takes the right to read one's own /proc, which is asked back."""
    if uid is not None:
        os.setgroups([])
        os.setresgid(uid, uid, uid)
        os.setresuid(uid, uid, uid)
        prctl(PR_SET_DUMPABLE, 1)
        if not os.access(os.__file__, os.R_OK):
            raise SystemExit(
                f"'{os.__file__}' cannot be read by user {uid}, whom notebooks run as where the grader is "
                "started as root; start it as an ordinary user, or name an interpreter in a place open to all"
            )


def bound(task: job.Job) -> None:
    """What holds for keeper, harness and kernel alike; the kernel takes less of some."""
    limits = task.limits
    hold(resource.RLIMIT_CORE, 0)
    hold(resource.RLIMIT_MSGQUEUE, 0)
    hold(resource.RLIMIT_RTPRIO, 0)
    hold(resource.RLIMIT_NPROC, task.confinement.others + limits.threads + OWN_PROCESSES)
    hold(resource.RLIMIT_NOFILE, limits.open_files + OWN_FILES)
    trained = limits.tensors if task.program == "train" else 0
    hold(resource.RLIMIT_FSIZE, max(limits.file_size, limits.evidence, EXECUTED, trained))


def inherited() -> int:
    """Bytes of memory that this process has got from the warm one; roughly, so that all get the same limit."""
    status = Path("/proc/self/status").read_text("ascii", "replace")
    found = (int(line.split()[1]) * 1024 for line in status.splitlines() if line.startswith("VmData:"))
    return math.ceil(next(found, 0) / ROUGHLY) * ROUGHLY


def hold_for_now(kind: int, limit: int) -> None:
    """A limit that a program started later can lift again."""
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (limit if hard == resource.RLIM_INFINITY else min(limit, hard), hard))


def restore(kind: int) -> None:
    _, hard = resource.getrlimit(kind)
    resource.setrlimit(kind, (hard, hard))


def hold(kind: int, limit: int) -> None:
    """Lower a limit for good; one that is lower already stays."""
    _, hard = resource.getrlimit(kind)
    most = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (most, most))
