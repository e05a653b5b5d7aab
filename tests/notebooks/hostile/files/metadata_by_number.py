# title: changes permissions and times by calls that libraries do not use
# status: graded
# shows: tried
# %%
import ctypes
import platform

libc = ctypes.CDLL(None)
x86 = platform.machine() == "x86_64"
path = b"@planted@/writable.txt"
libc.syscall(ctypes.c_long(452), -100, path, 0o700, 0)  # fchmodat2
libc.syscall(ctypes.c_long(268 if x86 else 53), -100, path, 0o700)  # fchmodat
libc.syscall(ctypes.c_long(280 if x86 else 88), -100, path, None, 0)  # utimensat
libc.syscall(ctypes.c_long(463), -100, path, 0, b"user.x", None, 0)  # setxattrat
libc.syscall(ctypes.c_long(469), -100, path, None, 0, 0)  # file_setattr
if x86:
    libc.syscall(ctypes.c_long(90), path, 0o700)  # chmod
    libc.syscall(ctypes.c_long(132), path, None)  # utime
    libc.syscall(ctypes.c_long(235), path, None)  # utimes
    libc.syscall(ctypes.c_long(261), -100, path, None)  # futimesat
print("tried")
