# title: changes permissions, times, owners and attributes of files outside
# status: graded
# shows: tried
# %%
import contextlib
import os

for path in ("@planted@/writable.txt", "@planted@/readable.txt", "@planted@/folder", "@planted@"):
    for change in (
        lambda: os.chmod(path, 0o700),
        lambda: os.utime(path, (1, 1)),
        lambda: os.chown(path, -1, os.getgid()),
        lambda: os.chown(path, os.getuid(), -1),
        lambda: os.setxattr(path, "user.hostile", b"x"),
        lambda: os.chmod(path, 0o777, follow_symlinks=True),
        lambda: os.utime(path, follow_symlinks=False),
    ):
        with contextlib.suppress(OSError, NotImplementedError):
            change()
for command in ("chmod 700", "touch -d 2001-01-01", "setfattr -n user.x -v y", "chattr +i", "chgrp nogroup"):
    os.system(f"{command} @planted@/writable.txt 2>/dev/null")
with contextlib.suppress(OSError):
    descriptor = os.open("@planted@/writable.txt", os.O_RDONLY | os.O_PATH)
    os.chmod(f"/proc/self/fd/{descriptor}", 0o700)
print("tried")
