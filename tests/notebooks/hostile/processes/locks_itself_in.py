# title: confines itself so narrowly that nothing works any more
# status: graded notebook_error kernel_died timeout
# %%
import ctypes
import struct

libc = ctypes.CDLL(None)
libc.prctl(38, 1, 0, 0, 0)
program = ctypes.create_string_buffer(struct.pack("HBBI", 6, 0, 0, 0x00050001))  # every call: EPERM


class Filter(ctypes.Structure):
    _fields_ = [("length", ctypes.c_ushort), ("program", ctypes.c_void_p)]


libc.prctl(22, 2, ctypes.byref(Filter(1, ctypes.addressof(program))), 0, 0)
# %%
print("went on")
