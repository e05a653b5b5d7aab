# title: attaches to the process that drives it
# status: graded
# shows: attach refused
# with: system
# %%
parent = os.getppid()
call("attach", libc.ptrace, 16, parent, None, None)
call("seize", libc.ptrace, 0x4206, parent, None, None)
buffer = ctypes.create_string_buffer(64)


class Piece(ctypes.Structure):
    _fields_ = [("base", ctypes.c_void_p), ("length", ctypes.c_size_t)]


piece = Piece(ctypes.addressof(buffer), 64)
call("process_vm_readv", libc.process_vm_readv, parent, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0)
call("process_vm_writev", libc.process_vm_writev, parent, ctypes.byref(piece), 1, ctypes.byref(piece), 1, 0)
system("kcmp", 312, 272, parent, os.getpid(), 0, 0, 0)
