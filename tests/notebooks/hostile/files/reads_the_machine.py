# title: reads the machine's accounts, names and logs
# status: graded
# shows: /etc/passwd refused
# with: attempt
# %%
import os
import sys

for path in (
    "/etc/passwd",
    "/etc/group",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/sudoers",
    "/etc/hosts",
    "/etc/hostname",
    "/etc/machine-id",
    "/etc/fstab",
    "/etc/environment",
    "/etc/ssh/sshd_config",
    "/etc/ssh/ssh_host_ed25519_key",
    "/var/log/wtmp",
    "/var/log/dpkg.log",
    "/proc/1/environ",
    "/proc/keys",
    "/proc/kcore",
    "/proc/kmsg",
    "/dev/kmsg",
    "/dev/mem",
    "/dev/vda",
    "/dev/sda",
    "/dev/nvme0n1",
    "/dev/tty",
    "/dev/console",
):
    attempt(path, lambda: open(path, "rb").read(200) or [][0])
for path in ("/root", "/home", "/var", "/run", "/boot", "/srv", "/opt", "/mnt", "/media", "/etc/ssh"):
    if not sys.base_prefix.startswith(path):  # the interpreter's own place is no secret
        attempt(path, lambda: os.listdir(path) or [][0])
