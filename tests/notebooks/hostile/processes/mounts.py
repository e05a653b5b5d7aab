# title: mounts by every call there is
# status: graded
# shows: mount refused
# with: system
# %%
call("mount", libc.mount, b"none", os.getcwd().encode(), b"tmpfs", 0, None)
call("bind", libc.mount, b"/", os.getcwd().encode(), None, 4096, None)
call("remount", libc.mount, b"none", b"@planted@", None, 32 | 4096, None)
call("umount", libc.umount2, b"@planted@", 2)
call("chroot", libc.chroot, b".")
system("pivot_root", 155, 41, b".", b".")
system("fsopen", 430, 430, b"tmpfs", 0)
system("fspick", 433, 433, -100, b"/", 0)
system("mount_setattr", 442, 442, -100, b"/", 0, None, 0)
system("move_mount", 429, 429, -100, b"/", -100, b".", 0)
