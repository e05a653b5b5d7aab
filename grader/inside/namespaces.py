"""Namespaces of one's own, as something that a single-threaded process takes upon itself.

Theory of operation. `enter` leaves two processes. The caller stays outside, waits, and ends as the other
ends. The other, pid 1 of the new pid namespace, returns from `enter` with nothing left to give away: its own
mounts, network, IPC, host name and cgroup view, a user that is not root, in a user namespace of its own, no
capabilities and no way to new ones. It dies with the one outside.

Started as root, mounts are made as root, and the user namespace comes last and is mapped by the process
outside: nothing in it owns the other namespaces, and machines that let only root make user namespaces are
content. An ordinary user gets the right to mount only by a user namespace, which therefore comes first.
"""

from __future__ import annotations

import contextlib
import errno
import itertools
import os
import resource
import signal
import socket
import stat
import struct
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NoReturn

from . import mounts
from .mounts import RefusedError, step
from .syscalls import call, prctl

CLONE_NEWNS = 0x00020000
CLONE_NEWCGROUP = 0x02000000
CLONE_NEWUTS = 0x04000000
CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWPID = 0x20000000
CLONE_NEWNET = 0x40000000

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_CAPBSET_DROP = 24
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL = 47, 4
CAPABILITY_VERSION_3 = 0x20080522

HOST_NAME = "sandbox"
STDERR = 2
MAP_ME = b"map"
ANSWER = 16  # bytes, at most


def enter(view: Mapping[str, Any], uid: int | None, staging: str) -> None:
    """Return as pid 1 inside, in the scratch folder; the calling process never returns, it ends as pid 1 ends.

    `view` is a View of `grader.sandbox.view` as a mapping, `uid` whom root becomes (None for an ordinary user,
    who stays), `staging` an empty folder. Open files stay open, but not open folders, which would lead out.
    Where the kernel refuses a step, the exit code is EX_OSERR, 71, and a line on stderr tells the step and why.
    """
    owner = (os.getuid(), os.getgid()) if uid is None else (uid, uid)
    try:
        line = _divide(owner, as_root=uid is not None)
        _settle(view, owner, staging)
        if uid is not None:
            _become(owner, line)
        with step("give up all capabilities"):
            _drop_capabilities()
        with step("die with the parent"):
            _die_with_parent(line)
        with step("go to the scratch folder"):
            os.chdir(view["scratch"])
    except RefusedError as refused:
        os.write(STDERR, f"{refused}\n".encode())
        os._exit(os.EX_OSERR)
    line.close()


def _divide(owner: tuple[int, int], *, as_root: bool) -> socket.socket:
    """Returns inside, with a line to the process outside, which only ends with it."""
    outside, inside = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    with step("take a pid namespace" if as_root else "take a user and a pid namespace"):
        call("unshare", CLONE_NEWPID | (0 if as_root else CLONE_NEWUSER))
    if not as_root:
        with step("map the user"):
            _map("self", owner)
    deaf = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
    with step("start a process"):
        pid = os.fork()
    if pid:
        _forget_handlers()
    signal.pthread_sigmask(signal.SIG_SETMASK, deaf)
    if pid:
        inside.close()
        _stand_by(pid, outside, owner)
    outside.close()
    return inside


def _forget_handlers() -> None:
    """The caller's, which outside would run on into the caller's code."""
    for number in signal.valid_signals():
        if callable(signal.getsignal(number)):
            signal.signal(number, signal.SIG_DFL)


def _stand_by(pid: int, line: socket.socket, owner: tuple[int, int]) -> NoReturn:
    """Outside: help with what takes root, then wait, and end as pid 1 has ended."""
    if line.recv(ANSWER) == MAP_ME:
        line.send(str(_try_to_map(pid, owner)).encode())
    _end_as(os.waitpid(pid, 0)[1])


def _end_as(status: int) -> NoReturn:
    code = os.waitstatus_to_exitcode(status)
    if code >= 0:
        os._exit(code)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    if -code != signal.SIGKILL:
        signal.signal(-code, signal.SIG_DFL)
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [-code])
    os.kill(os.getpid(), -code)
    os._exit(os.EX_OSERR)


def _settle(view: Mapping[str, Any], owner: tuple[int, int], staging: str) -> None:
    """A world of one's own."""
    with step("take mount, network, IPC and UTS namespaces"):
        call("unshare", CLONE_NEWNS | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS)
    with contextlib.suppress(OSError):  # the one that hides nothing but a name
        call("unshare", CLONE_NEWCGROUP)
    with step("set the host name"):
        socket.sethostname(HOST_NAME)
    mounts.replace_root(view, owner, staging)
    _close_folders()


def _become(owner: tuple[int, int], line: socket.socket) -> None:
    """Another user, in a user namespace that the process outside maps: that takes the rights of root there."""
    user, group = owner
    with step("take a user namespace"):
        os.setgroups([])
        call("unshare", CLONE_NEWUSER)
    with step("map the user"):
        line.send(MAP_ME)
        refused = int(line.recv(ANSWER) or errno.ECHILD)
        if refused:
            raise OSError(refused, os.strerror(refused))
    with step(f"become the user {user}"):
        os.setresgid(group, group, group)
        os.setresuid(user, user, user)


def _try_to_map(pid: int, owner: tuple[int, int]) -> int:
    """The number of the error, 0 for none."""
    try:
        _map(str(pid), owner)
    except OSError as error:
        return error.errno or errno.EPERM
    return 0


def _map(process: str, owner: tuple[int, int]) -> None:
    """One user and one group, to themselves; no groups besides."""
    user, group = owner
    Path(f"/proc/{process}/setgroups").write_text("deny", "ascii")
    Path(f"/proc/{process}/uid_map").write_text(f"{user} {user} 1", "ascii")
    Path(f"/proc/{process}/gid_map").write_text(f"{group} {group} 1", "ascii")


def _drop_capabilities() -> None:
    prctl(PR_SET_NO_NEW_PRIVS, 1)
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL)
    for capability in itertools.count():
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError as error:
            if error.errno != errno.EINVAL:
                raise
            break  # the kernel knows no more of them
    call("capset", struct.pack("Ii", CAPABILITY_VERSION_3, 0), bytes(24))


def _die_with_parent(line: socket.socket) -> None:
    """After the change of user, which takes this back, and with it the right to look into one's own /proc."""
    prctl(PR_SET_DUMPABLE, 1)
    prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    try:
        line.recv(1, socket.MSG_DONTWAIT)
    except BlockingIOError:
        return  # it lives, and has nothing to say
    raise OSError(errno.ECHILD, "it has died already")


def _close_folders() -> None:
    for opened in os.listdir("/proc/self/fd"):  # noqa: PTH208 - names, not paths
        with contextlib.suppress(OSError):  # the listing's own descriptor is gone
            if stat.S_ISDIR(os.fstat(int(opened)).st_mode):
                os.close(int(opened))
