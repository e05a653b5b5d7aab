"""Python as Windows has it, for the grader's own modules alone: libraries keep what their Linux form needs.

Every interpreter of a run loads this by its name. What Windows lacks can then not be imported by the grader, nor
found in `os` and its like; a file of /proc is not there, and no process is started in a way that only Unix knows.
What no library of Linux could stand (other paths, other locks on files) is not shown.
"""

from __future__ import annotations

import builtins
import ctypes
import os
import select
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Mapping, Sequence
from types import FrameType, ModuleType
from typing import Any

OURS = ("grader", "_grader_inside")
MODULES = frozenset(
    {"crypt", "curses", "fcntl", "grp", "posix", "pty", "pwd", "resource", "syslog", "termios", "tty"}
)
OF_OS = (
    "O_CLOEXEC O_DIRECTORY O_NOFOLLOW O_NONBLOCK O_PATH WNOHANG chown confstr fchdir fchmod fchown fork "
    "forkpty fstatvfs getegid geteuid getgid getgroups getloadavg getpgid getpgrp getpriority getresgid "
    "getresuid getsid getuid getxattr initgroups killpg lchown listxattr lockf major memfd_create minor "
    "mkfifo mknod nice openpty pathconf pidfd_open pipe2 posix_fadvise posix_spawn pread preadv pwrite "
    "pwritev readv register_at_fork removexattr sched_getaffinity sched_setaffinity sendfile set_blocking "
    "setegid seteuid setgid setgroups setns setpgid setpriority setregid setresgid setresuid setreuid "
    "setsid setuid setxattr splice statvfs sync sysconf tcgetpgrp ttyname uname unshare wait wait3 wait4 "
    "waitid writev"
)
OF_SIGNAL = (
    "ITIMER_REAL SIGALRM SIGCHLD SIGCONT SIGHUP SIGKILL SIGPIPE SIGQUIT SIGSTOP SIGTSTP SIGUSR1 SIGUSR2 "
    "SIGXCPU SIGXFSZ SIG_BLOCK SIG_SETMASK SIG_UNBLOCK alarm getitimer pause pidfd_send_signal "
    "pthread_kill pthread_sigmask setitimer siginterrupt sigpending sigtimedwait sigwait sigwaitinfo"
)
OF_UNIX = ("pass_fds", "preexec_fn", "user", "group", "extra_groups", "process_group", "umask")
AROUND = ("pathlib", "pathlib._local", "io", "os", "contextlib", "codecs")  # what opens files for its caller

imported = builtins.__import__


class Lacking(ModuleType):
    """A module without some of its names, and with others of its own."""

    def __init__(self, module: ModuleType, lacks: str, **own: Any) -> None:
        super().__init__(module.__name__)
        vars(self).update(_module=module, _lacks=frozenset(lacks.split()), _own=own)

    def __getattr__(self, name: str) -> Any:
        if name in vars(self)["_lacks"]:
            raise AttributeError(f"module '{self.__name__}' has no attribute '{name}' on Windows")
        own: Mapping[str, Any] = vars(self)["_own"]
        return own[name] if name in own else getattr(vars(self)["_module"], name)

    def __setattr__(self, name: str, value: Any) -> None:
        setattr(vars(self)["_module"], name, value)


def _started(start: Callable[..., Any]) -> Callable[..., Any]:
    def started(*args: Any, **settings: Any) -> Any:
        for name in OF_UNIX:
            if settings.get(name):
                raise ValueError(f"{name} is not supported on Windows")
        return start(*args, **settings)

    return started


def _library(name: str | None, *args: Any, **settings: Any) -> ctypes.CDLL:
    if name is None:
        raise TypeError("Windows has no library without a name")
    return ctypes.CDLL(name, *args, **settings)


IN_PLACE: dict[str, ModuleType] = {
    "ctypes": Lacking(ctypes, "", CDLL=_library),
    "os": Lacking(os, OF_OS, name="nt"),
    "select": Lacking(select, "devpoll epoll kqueue poll"),
    "signal": Lacking(signal, OF_SIGNAL),
    "socket": Lacking(socket, "AF_UNIX recv_fds send_fds"),
    "subprocess": Lacking(
        subprocess, "", **{name: _started(getattr(subprocess, name)) for name in ("Popen", "call", "run")}
    ),
    "sys": Lacking(sys, "", platform="win32"),
}


def _is_ours(names: Mapping[str, Any] | None) -> bool:
    told = (names or {}).get("__package__") or (names or {}).get("__name__") or ""
    return str(told).partition(".")[0] in OURS


def restricted(
    name: str,
    names: Mapping[str, Any] | None = None,
    local: Mapping[str, Any] | None = None,
    fromlist: Sequence[str] | None = (),
    level: int = 0,
) -> ModuleType:
    if level or not _is_ours(names):
        return imported(name, names, local, fromlist or (), level)
    if name.partition(".")[0] in MODULES:
        raise ModuleNotFoundError(f"No module named '{name}'", name=name)
    module = imported(name, names, local, fromlist or (), level)
    return IN_PLACE.get(module.__name__, module)


def without_proc(event: str, args: tuple[Any, ...]) -> None:
    if event not in ("open", "os.listdir", "os.scandir") or not str(args[0]).startswith(("/proc", "/sys/")):
        return
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and frame.f_globals.get("__name__") in AROUND:
        frame = frame.f_back
    if frame is not None and _is_ours(frame.f_globals):
        raise FileNotFoundError(2, "No such file or directory", str(args[0]))


builtins.__import__ = restricted  # type: ignore[assignment]  # typeshed's is narrower than what is called
sys.addaudithook(without_proc)
