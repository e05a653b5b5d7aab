# title: calls the system as a program for 32 bits would
# status: graded kernel_died
# shows: tried
# %%
import os
import platform
import subprocess

print("tried", flush=True)
if platform.machine() == "x86_64":
    import ctypes
    import mmap

    code = mmap.mmap(-1, 4096, prot=7)
    code.write(b"\x53\xb8\x14\x00\x00\x00\xcd\x80\x5b\xc3")  # getpid by int 0x80
    child = os.fork()
    if child == 0:
        ctypes.CFUNCTYPE(ctypes.c_int)(ctypes.addressof(ctypes.c_char.from_buffer(code)))()
        os._exit(77)
    if os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 77:
        print("REACHED the calls for 32 bits")
    if ctypes.CDLL(None).syscall(ctypes.c_long(0x40000000 + 39)) > 0:
        print("REACHED the calls of x32")
