# title: runs the programs that act as root
# status: graded
# shows: tried
# %%
import os
import shutil
import subprocess

assert os.geteuid() != 0
for command in (
    ["su", "-c", "id"],
    ["sudo", "-n", "id"],
    ["pkexec", "id"],
    ["newgrp", "root"],
    ["mount", "-t", "tmpfs", "none", os.getcwd()],
    ["umount", "@planted@"],
    ["unshare", "--user", "--map-root-user", "id"],
    ["unshare", "--mount", "id"],
    ["nsenter", "--target", "1", "--mount", "id"],
    ["chroot", "/", "id"],
    ["bwrap", "--bind", "/", "/", "id"],
    ["setpriv", "--reuid", "0", "id"],
    ["passwd", "-S", "root"],
):
    if shutil.which(command[0]):
        done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=10)
        print(command, done.returncode, done.stdout[:200], done.stderr[:200])
        if done.returncode == 0 or "uid=" in done.stdout:
            print("REACHED", command)
print("tried")
