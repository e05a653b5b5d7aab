"""Landlock: the kernel's own access control that any process may take upon itself, for good.

What is handled and granted by no rule is refused with EACCES. A second call narrows what the first one left:
an access needs the consent of all layers. Landlock says nothing about the metadata of files (`stat`, `chdir`,
`chmod` and the like), about locks on files that may be read, and, in the versions known here, about sockets
that have a path; `seccomp` takes care of what of these does harm. Source: Documentation/userspace-api/landlock.rst.
"""

from __future__ import annotations

import contextlib
import errno
import os
import stat
import struct
from collections.abc import Sequence
from pathlib import Path

from .syscalls import call, no_new_privileges

CREATE_RULESET_VERSION = 1
RULE_PATH_BENEATH = 1

EXECUTE = 1 << 0
WRITE_FILE = 1 << 1
READ_FILE = 1 << 2
READ_DIR = 1 << 3
MAKE_CHAR = 1 << 6
MAKE_BLOCK = 1 << 11
TRUNCATE = 1 << 14
IOCTL_DEV = 1 << 15
NET_TCP = 0b11  # to bind, to connect
SCOPE_ALL = 0b11  # abstract Unix sockets, signals
LOG_NOTHING = 0b101  # neither of this domain nor of those below it

# The ABI that brought something, and the rights to files that are known from it on.
TRUNCATION, TCP, SCOPES, LOGGING = 3, 4, 6, 7
RIGHTS = {1: (1 << 13) - 1, 2: (1 << 14) - 1, 3: (1 << 15) - 1, 5: (1 << 16) - 1}

OF_FILES = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE | IOCTL_DEV  # what can be granted for a single file
TO_READ = EXECUTE | READ_FILE | READ_DIR
TO_WRITE = RIGHTS[5] & ~(MAKE_CHAR | MAKE_BLOCK | IOCTL_DEV)
TO_DEVICES = READ_FILE | WRITE_FILE | IOCTL_DEV


def abi() -> int:
    """The version of Landlock that works here; 0 where there is none, or where it may not be used."""
    try:
        return call("landlock_create_ruleset", None, 0, CREATE_RULESET_VERSION)
    except OSError:
        return 0


def restrict(*, read: Sequence[str], write: Sequence[str], devices: Sequence[str] = (), scope: bool = True) -> None:
    """Leave this process, and all that it starts, these paths only and what lies below them.

    Below `read` files may be read, listed and executed; below `write` anything but making device nodes;
    `devices` are opened to read, write and control. A path that does not exist is passed over. No TCP from
    ABI 4 on; with `scope`, from ABI 6 on, no signals to processes and no connections to abstract Unix sockets
    that are outside. Raises OSError: ENOSYS or EOPNOTSUPP where there is no Landlock, EBUSY in a process with
    several threads, since the others would go on unrestricted.
    """
    _refuse_threads()
    version = abi()
    known = max(rights for since, rights in RIGHTS.items() if since <= max(version, 1))
    tcp, scoped = NET_TCP * (version >= TCP), SCOPE_ALL * (scope and version >= SCOPES)
    attributes = struct.pack("QQQ", known, tcp, scoped)  # an older kernel takes the zeros that it does not know
    ruleset = call("landlock_create_ruleset", attributes, len(attributes), 0)
    try:
        for paths, rights in ((read, TO_READ), (write, TO_WRITE), (devices, TO_DEVICES)):
            for path in paths:
                with contextlib.suppress(FileNotFoundError):
                    _grant(ruleset, path, rights & known)
        no_new_privileges()
        # A notebook that is refused something a million times must not fill the machine's log.
        call("landlock_restrict_self", ruleset, LOG_NOTHING * (version >= LOGGING))
    finally:
        os.close(ruleset)


def _refuse_threads() -> None:
    if len(list(Path("/proc/self/task").iterdir())) > 1:
        raise OSError(errno.EBUSY, "a process confines itself before it starts threads, and this one has some")


def _grant(ruleset: int, path: str, rights: int) -> None:
    descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    try:
        folder = stat.S_ISDIR(os.fstat(descriptor).st_mode)
        rule = struct.pack("=Qi", rights if folder else rights & OF_FILES, descriptor)
        call("landlock_add_rule", ruleset, RULE_PATH_BENEATH, rule, 0)
    finally:
        os.close(descriptor)
