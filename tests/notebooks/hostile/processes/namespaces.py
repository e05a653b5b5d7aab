# title: takes namespaces of its own by every call there is
# status: graded
# shows: unshare 0x10000000 refused
# with: system
# %%
for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000, 0x8000000, 0x4000000, 0x2000000, 0x80, 0x10020000):
    call(f"unshare {hex(flag)}", libc.unshare, flag)
for name in ("user", "mnt", "pid", "net"):
    try:
        descriptor = os.open(f"/proc/self/ns/{name}", os.O_RDONLY)
    except OSError as error:
        print(name, "refused:", error)
    else:
        call(f"setns {name}", libc.setns, descriptor, 0)


class Clone(ctypes.Structure):
    _fields_ = [(f"field{number}", ctypes.c_uint64) for number in range(11)]


asked = Clone(field0=0x10000000, field4=17)
child = libc.syscall(ctypes.c_long(435), ctypes.byref(asked), ctypes.sizeof(asked))  # clone3
if child == 0:
    os._exit(0)
print("REACHED clone3" if child > 0 else "clone3 refused", child)
if X86:
    child = libc.syscall(ctypes.c_long(56), ctypes.c_long(0x10000000 | 17), None, None, None, None)  # clone
    if child == 0:
        os._exit(0)
    print("REACHED clone" if child > 0 else "clone refused", child)
