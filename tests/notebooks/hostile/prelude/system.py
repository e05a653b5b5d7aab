# Inserted as the first cell of entries that say `with: system`: calls of the system without Python's own checks.
import ctypes
import os
import platform

assert os.geteuid() != 0  # an administrator's calls would do what they ask for
libc = ctypes.CDLL(None, use_errno=True)
X86 = platform.machine() == "x86_64"


def call(name, function, *arguments):
    """Call it; tells of success, which must not be."""
    ctypes.set_errno(0)
    result = function(*arguments)
    error = ctypes.get_errno()
    if result >= 0:
        print("REACHED", name, result)
    else:
        print(name, "refused:", os.strerror(error))
    return result


def system(name, number_on_x86, number_on_arm, *arguments):
    number = number_on_x86 if X86 else number_on_arm
    return call(name, libc.syscall, ctypes.c_long(number), *arguments)
