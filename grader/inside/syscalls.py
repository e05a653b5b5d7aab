"""System calls by name, for those that the C library has no function for.

Numbers are those of the kernel's own tables, arch/x86/entry/syscalls/syscall_64.tbl and
scripts/syscall.tbl; only calls that something here makes or refuses are listed.
"""

from __future__ import annotations

import ctypes
import errno
import os
import sys
from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Any

PR_SET_NO_NEW_PRIVS = 38
MACHINES = ("x86_64", "aarch64")

# Name, number on x86_64, number on aarch64; "-" where an architecture has no such call.
OLD = """
    _sysctl 156 -, acct 163 89, add_key 248 217, adjtimex 159 171, bpf 321 280, capget 125 90, capset 126 91,
    chmod 90 -, chown 92 -, chroot 161 51, clock_adjtime 305 266, clock_settime 227 112, clone 56 220,
    close 3 57, connect 42 203, create_module 174 -, delete_module 176 106, execveat 322 281,
    fanotify_init 300 262, fchmod 91 52, fchmodat 268 53, fchown 93 55, fchownat 260 54, fcntl 72 25,
    finit_module 313 273, fremovexattr 199 16, fsetxattr 190 7, futimesat 261 -, get_kernel_syms 177 -,
    get_mempolicy 239 236, getrandom 318 278, gettid 186 178, init_module 175 105, inotify_add_watch 254 27,
    inotify_init 253 -, inotify_init1 294 26, ioctl 16 29, ioperm 173 -, iopl 172 -, ioprio_set 251 30,
    kcmp 312 272, kexec_file_load 320 294, kexec_load 246 104, keyctl 250 219, kill 62 129, lchown 94 -,
    lookup_dcookie 212 18, lremovexattr 198 15, lsetxattr 189 6, mbind 237 235, memfd_create 319 279,
    migrate_pages 256 238, modify_ldt 154 -, mount 165 40, move_pages 279 239, mq_getsetattr 245 185,
    mq_notify 244 184, mq_open 240 180, mq_timedreceive 243 183, mq_timedsend 242 182, mq_unlink 241 181,
    msgctl 71 187, msgget 68 186, msgrcv 70 188, msgsnd 69 189, name_to_handle_at 303 264, nfsservctl 180 42,
    open 2 -, open_by_handle_at 304 265, openat 257 56, perf_event_open 298 241, personality 135 92,
    pivot_root 155 41, prctl 157 167, prlimit64 302 261, process_vm_readv 310 270, process_vm_writev 311 271,
    ptrace 101 117, query_module 178 -, quotactl 179 60, reboot 169 142, removexattr 197 14,
    request_key 249 218, rt_sigqueueinfo 129 138, rt_tgsigqueueinfo 297 240, sched_setaffinity 203 122,
    sched_setattr 314 274, sched_setparam 142 118, sched_setscheduler 144 119, seccomp 317 277, semctl 66 191,
    semget 64 190, semop 65 193, semtimedop 220 192, set_mempolicy 238 237, setdomainname 171 162,
    setgroups 116 159, sethostname 170 161, setns 308 268, setpriority 141 140, setresgid 119 149,
    setresuid 117 147, setsockopt 54 208, settimeofday 164 170, setxattr 188 5, shmat 30 196, shmctl 31 195,
    shmdt 67 197, shmget 29 194, socket 41 198, socketpair 53 199, swapoff 168 225, swapon 167 224, sysfs 139 -,
    syslog 103 116, tgkill 234 131, tkill 200 130, truncate 76 45, umount2 166 39, unshare 272 97, uselib 134 -,
    userfaultfd 323 282, ustat 136 -, utime 132 -, utimensat 280 88, utimes 235 -, vhangup 153 58
"""

FIRST_NEW = 424
# From here on a call has one number on all architectures.
NEW = """
    pidfd_send_signal io_uring_setup io_uring_enter io_uring_register open_tree move_mount fsopen fsconfig fsmount
    fspick pidfd_open clone3 close_range openat2 pidfd_getfd faccessat2 process_madvise epoll_pwait2 mount_setattr
    quotactl_fd landlock_create_ruleset landlock_add_rule landlock_restrict_self memfd_secret process_mrelease
    futex_waitv set_mempolicy_home_node cachestat fchmodat2 map_shadow_stack futex_wake futex_wait futex_requeue
    statmount listmount lsm_get_self_attr lsm_set_self_attr lsm_list_modules mseal setxattrat getxattrat
    listxattrat removexattrat open_tree_attr file_getattr file_setattr
"""


def machine() -> str:
    """Of this process, as `uname -m` names it; empty where no numbers are known for it."""
    name = os.uname().machine
    wide = sys.maxsize > 2**32  # a 32-bit interpreter on a 64-bit kernel has other numbers
    return name if wide and name in MACHINES else ""


def numbers(name: str) -> Mapping[str, int]:
    """All known numbers of a machine."""
    return MappingProxyType(dict(_numbers(name)))


def _numbers(name: str) -> Iterator[tuple[str, int]]:
    if name not in MACHINES:
        return
    for row in OLD.split(","):
        called, *by_machine = row.split()
        number = by_machine[MACHINES.index(name)]
        if number != "-":
            yield called, int(number)
    for position, called in enumerate(NEW.split()):
        yield called, FIRST_NEW + position


NUMBERS = numbers(machine())

_libc = ctypes.CDLL(None, use_errno=True)
_libc.syscall.restype = ctypes.c_long


def call(name: str, *args: Any) -> int:
    """What the kernel answers; `args` are integers, bytes, None for a null pointer, or ctypes objects.

    Raises OSError as the kernel does, with the call's name where a file's would be; ENOSYS where this
    machine has no such call.
    """
    if name not in NUMBERS:
        raise OSError(errno.ENOSYS, os.strerror(errno.ENOSYS), name)
    given = [ctypes.c_long(arg) if isinstance(arg, int) else arg for arg in args]
    answer = _libc.syscall(ctypes.c_long(NUMBERS[name]), *given)
    if answer == -1:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number), name)
    return int(answer)


def prctl(option: int, *args: Any) -> int:
    """Operations on the calling process; what is not given is 0, which many options insist on."""
    return call("prctl", option, *args, *[0] * (4 - len(args)))


def no_new_privileges() -> None:
    """No program gives this process rights that it lacks, for good; the locks ask for it of those without any."""
    prctl(PR_SET_NO_NEW_PRIVS, 1)
