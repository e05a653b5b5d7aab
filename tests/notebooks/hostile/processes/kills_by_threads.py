# title: sends signals by every call there is
# status: graded
# with: system
# %%
parent = os.getppid()
info = ctypes.create_string_buffer(128)
system("kill", 62, 129, @victim@, 0)
system("tgkill", 234, 131, @victim@, @victim@, 0)
system("tkill", 200, 130, @victim@, 0)
system("rt_sigqueueinfo", 129, 138, @victim@, 0, info)
handle = libc.syscall(ctypes.c_long(434), @victim@, 0)
system("pidfd_send_signal", 424, 424, handle, 0, None, 0)
system("process_mrelease", 448, 448, handle, 0)
