# title: leaves files where everybody may write
# status: graded
# %%
import contextlib
import os

for folder in ("/var/tmp", "/dev/shm", "/run/lock", "/run", "/var/lock", "/var/spool", "/dev", "/"):
    with contextlib.suppress(OSError):
        with open(f"{folder}/@marker@-left", "x") as file:
            file.write("left by a test")
print("tried")
