"""A filter on system calls, which any process may take upon itself, for good.

Theory of operation. The kernel runs a little program before every call of this process and of all that it
starts. The program sees the machine, the number of the call and its six arguments as numbers; it cannot look
where a pointer points. It is assembled here by hand, since the students' interpreter has no library for it:
one block of instructions a rule and call, tried in order; the first that applies gives the answer, and what
none applies to is allowed. Filters add up, and the strictest answer of all counts, so that a kernel narrows
itself within its harness' filter.

All arguments that are looked at are `int` or `unsigned int` to the kernel, which drops their upper halves.
So does the filter: comparing them too would let `cmd | 1 << 32` pass for another command.

What is denied is what a container runtime denies, and more: a notebook needs no privileged call, even as
root of a namespace of its own. Sources: seccomp(2), and the default profiles of Docker and Flatpak.
"""

from __future__ import annotations

import ctypes
import errno
import os
import struct
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from . import syscalls
from .syscalls import call, no_new_privileges

SET_MODE_FILTER, GET_ACTION_AVAIL = 1, 2
FLAG_TSYNC = 1  # the other threads too

ALLOW = 0x7FFF0000
KILL_PROCESS = 0x80000000
ERRNO = 0x00050000
EPERM, ENOSYS, EAFNOSUPPORT = (ERRNO | n for n in (errno.EPERM, errno.ENOSYS, errno.EAFNOSUPPORT))
NOTHING_DONE = ERRNO | 0  # as if it had succeeded

AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
ALL_BITS = 0xFFFFFFFF
ARGUMENTS = 16  # where they begin in struct seccomp_data, 8 bytes each, the lower half first
NUMBER, ARCHITECTURE = 0, 4

# Instructions: class, size and mode, or operation.
INSTRUCTION = 8  # bytes
LOAD, KEEP, ANSWER = 0x20, 0x54, 0x06
GOTO, IF_EQUAL, IF_AT_LEAST = 0x05, 0x15, 0x35

NAMESPACES = "unshare setns"
MOUNTS = """
    mount umount2 pivot_root chroot open_tree open_tree_attr move_mount fsopen fsconfig fsmount fspick
    mount_setattr statmount listmount
"""
OTHER_PROCESSES = """
    ptrace process_vm_readv process_vm_writev process_madvise process_mrelease pidfd_getfd kcmp move_pages
    migrate_pages
"""
KERNEL_SURFACE = """
    bpf io_uring_setup io_uring_enter io_uring_register userfaultfd perf_event_open add_key request_key keyctl
    uselib lookup_dcookie nfsservctl modify_ldt iopl ioperm _sysctl sysfs ustat mbind set_mempolicy get_mempolicy
    set_mempolicy_home_node lsm_set_self_attr
"""
# Neither RSS nor the size of a scratch folder shows what is kept in these; SysV's outlive their processes.
HIDDEN_MEMORY = """
    memfd_create memfd_secret shmget shmat shmctl shmdt semget semop semtimedop semctl msgget msgsnd msgrcv
    msgctl mq_open mq_unlink mq_timedsend mq_timedreceive mq_notify mq_getsetattr
"""
AROUND_PATHS = "name_to_handle_at open_by_handle_at fanotify_init quotactl quotactl_fd"
MACHINE = """
    reboot kexec_load kexec_file_load init_module finit_module delete_module create_module query_module
    get_kernel_syms swapon swapoff acct syslog vhangup sethostname setdomainname settimeofday clock_settime
    clock_adjtime adjtimex
"""
METADATA = """
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes utimensat futimesat
    setxattr lsetxattr fsetxattr setxattrat removexattr lremovexattr fremovexattr removexattrat file_setattr
"""

NEW_NAMESPACES = 0x7E020000  # every CLONE_NEW... flag that clone(2) takes
SOCKET_TYPE, STREAM, SEQPACKET, AF_UNIX = 0xF, 1, 5, 1
SO_SNDBUF, SO_SNDBUFFORCE = 7, 32
TIOCSTI, TIOCLINUX = 0x5412, 0x541C  # type into a terminal
# FS_IOC_SETFLAGS, its 32-bit form, FS_IOC_SETVERSION, FS_IOC_FSSETXATTR, _ENABLE_VERITY, _SET_ENCRYPTION_POLICY
FILE_ATTRIBUTES = (0x40086602, 0x40046602, 0x40087602, 0x401C5820, 0x40806685, 0x800C6613)
FIOSETOWN, SIOCSPGRP, F_SETOWN, F_SETOWN_EX = 0x8901, 0x8902, 8, 15  # whom to signal when there is input
PR_SET_DUMPABLE = 4
PRIO_PROCESS, IOPRIO_WHO_PROCESS = 0, 1
ASK_ONLY = 0xFFFFFFFF  # personality(2) that changes nothing
O_TRUNC, O_ACCMODE = os.O_TRUNC, os.O_ACCMODE


@dataclass(frozen=True)
class Profile:
    """What is allowed beyond what nobody inside may do.

    `connect`: to connect sockets. `metadata`: to change permissions, owners, times and attributes of files;
    else these calls do nothing and say that they did, so that `shutil.copy` goes on working.
    `signals_elsewhere`: to signal other processes than the one that takes the profile. `dumpable`: to
    hide one's memory from those who count it. `truncation`: to empty a file without having opened it for
    writing, which Landlock does not see before its ABI 3. `priorities`: to slow down other processes, which
    their user could not undo; else this does nothing, too, since libraries place their threads with these calls.
    `watching`: to be told what happens in folders, which Landlock does not see either.
    """

    connect: bool = True
    metadata: bool = True
    signals_elsewhere: bool = True
    dumpable: bool = True
    truncation: bool = True
    priorities: bool = True
    watching: bool = True


@dataclass(frozen=True)
class Rule:
    """`answer` to these calls: to all, or where the masked argument is one of `among` or none of `but`."""

    calls: str
    answer: int
    argument: int = 0
    mask: int = ALL_BITS
    among: tuple[int, ...] = ()
    but: tuple[int, ...] = ()


def rules(profile: Profile, pid: int) -> Iterator[Rule]:
    """`pid` is that of the process that takes the profile."""
    yield from ALWAYS
    yield Rule("prlimit64", EPERM, but=(0, pid))
    if not profile.connect:
        yield Rule("connect", EPERM)
    if not profile.metadata:
        yield Rule(METADATA, NOTHING_DONE)
        yield Rule("ioctl", EPERM, argument=1, among=FILE_ATTRIBUTES)
    if not profile.signals_elsewhere:
        yield Rule("kill tkill tgkill rt_sigqueueinfo rt_tgsigqueueinfo", EPERM, but=(pid,))
        yield Rule("pidfd_send_signal", EPERM)
        yield Rule("fcntl", EPERM, argument=1, among=(F_SETOWN, F_SETOWN_EX))
        yield Rule("ioctl", EPERM, argument=1, among=(FIOSETOWN, SIOCSPGRP))
    if not profile.dumpable:
        yield Rule("prctl", EPERM, among=(PR_SET_DUMPABLE,))
    if not profile.priorities:
        yield Rule("setpriority", NOTHING_DONE, but=(PRIO_PROCESS,))
        yield Rule("setpriority", NOTHING_DONE, argument=1, but=(0, pid))
        yield Rule("ioprio_set", NOTHING_DONE, but=(IOPRIO_WHO_PROCESS,))
        yield Rule("ioprio_set", NOTHING_DONE, argument=1, but=(0, pid))
        yield Rule("sched_setaffinity sched_setscheduler sched_setparam sched_setattr", NOTHING_DONE, but=(0, pid))
    if not profile.watching:
        yield Rule("inotify_init inotify_init1 inotify_add_watch", EPERM)
    if not profile.truncation:
        yield from NO_TRUNCATION


ALWAYS: tuple[Rule, ...] = (
    Rule(NAMESPACES + MOUNTS + OTHER_PROCESSES + KERNEL_SURFACE + HIDDEN_MEMORY + AROUND_PATHS + MACHINE, EPERM),
    Rule("clone", EPERM, mask=NEW_NAMESPACES, but=(0,)),
    Rule("clone3", ENOSYS),  # its flags lie behind a pointer; the C library falls back to clone
    Rule("socket socketpair", EAFNOSUPPORT, but=(AF_UNIX,)),
    # Datagrams could be sent to any socket of the machine that has a path, without connecting to it.
    Rule("socket socketpair", EPERM, argument=1, mask=SOCKET_TYPE, but=(STREAM, SEQPACKET)),
    # A library may ask for more; what waits in a socket counts for nobody, so the default has to do.
    Rule("setsockopt", NOTHING_DONE, argument=2, among=(SO_SNDBUF, SO_SNDBUFFORCE)),
    Rule("ioctl", EPERM, argument=1, among=(TIOCSTI, TIOCLINUX)),
    Rule("personality", EPERM, but=(0, ASK_ONLY)),
)

READ_ONLY, NO_ACCESS = os.O_RDONLY, O_ACCMODE  # the ways to open a file that ask for no right to write
EMPTIES = (O_TRUNC | READ_ONLY, O_TRUNC | NO_ACCESS)
NO_TRUNCATION = (
    Rule("truncate", EPERM),
    Rule("openat2", ENOSYS),  # its flags lie behind a pointer
    Rule("open", EPERM, argument=1, mask=O_TRUNC | O_ACCMODE, among=EMPTIES),
    Rule("openat", EPERM, argument=2, mask=O_TRUNC | O_ACCMODE, among=EMPTIES),
)


def available() -> bool:
    """Whether filters can be taken here, and are known for this machine."""
    try:
        call("seccomp", GET_ACTION_AVAIL, 0, struct.pack("I", KILL_PROCESS))
    except OSError:
        return False
    return syscalls.machine() in AUDIT_ARCH


def restrict(profile: Profile) -> None:
    """Hold this process, and all that it starts, to `profile`; raises OSError where that cannot be done."""
    machine = syscalls.machine()
    if machine not in AUDIT_ARCH:
        raise OSError(errno.ENOSYS, "no system calls are known for this machine", os.uname().machine)
    instructions = program(rules(profile, os.getpid()), syscalls.NUMBERS, AUDIT_ARCH[machine])
    held = ctypes.create_string_buffer(instructions, len(instructions))
    no_new_privileges()
    header = struct.pack("HP", len(instructions) // INSTRUCTION, ctypes.addressof(held))
    thread = call("seccomp", SET_MODE_FILTER, FLAG_TSYNC, header)
    if thread:
        raise OSError(errno.EBUSY, f"thread {thread} has taken another filter than this one")


def program(listed: Iterator[Rule], numbers: Mapping[str, int], architecture: int) -> bytes:
    """For a machine with these numbers. Calls of another machine (as `int 0x80` makes them) end the process.

    Calls that are newer than the table, and those of x32, whose numbers are larger too, are unknown.
    """
    blocks = [_block(rule, numbers[name]) for rule in listed for name in rule.calls.split() if name in numbers]
    head = (
        _do(LOAD, ARCHITECTURE),
        _do(IF_EQUAL, architecture, 1, 0),
        _do(ANSWER, KILL_PROCESS),
        _do(LOAD, NUMBER),
        _do(IF_AT_LEAST, max(numbers.values()) + 1, 0, 1),
        _do(ANSWER, ENOSYS),
    )
    return b"".join([*head, *blocks, _do(ANSWER, ALLOW)])


def _block(rule: Rule, number: int) -> bytes:
    """Ends with the call's number loaded again, as it was found, unless it has answered."""
    values = rule.among or rule.but
    if not values:
        return _do(IF_EQUAL, number, 0, 1) + _do(ANSWER, rule.answer)
    body = [_do(LOAD, ARGUMENTS + 8 * rule.argument), _do(KEEP, rule.mask)]
    # What is listed skips one instruction: the one that passes over the answer, or the answer itself.
    body += [_do(IF_EQUAL, value, len(values) - position, 0) for position, value in enumerate(values)]
    body += [_do(GOTO, 1)] if rule.among else []
    body += [_do(ANSWER, rule.answer), _do(LOAD, NUMBER)]
    return b"".join([_do(IF_EQUAL, number, 0, len(body)), *body])


def _do(code: int, operand: int, then: int = 0, otherwise: int = 0) -> bytes:
    """A struct sock_filter; the last two say how many instructions a condition skips when true and when not."""
    return struct.pack("<HBBI", code, then, otherwise, operand)
