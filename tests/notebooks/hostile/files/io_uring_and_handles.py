# title: opens files by roads that go past the usual calls
# status: graded
# shows: io_uring_setup refused
# shows: open_by_handle_at refused
# with: system
# %%
system("io_uring_setup", 425, 425, 8, ctypes.create_string_buffer(256))
system("open_by_handle_at", 304, 265, -100, ctypes.create_string_buffer(64), 0)
system("open_tree", 428, 428, -100, b"@planted@", 1)
system("fanotify_init", 300, 262, 0, 0)
system("userfaultfd", 323, 282, 1)
