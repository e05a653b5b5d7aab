# title: reads and writes the memory of the processes around it
# status: graded
# with: attempt
# %%
import os

for number in (os.getppid(), 1, @victim@):
    if number != os.getpid():
        for name in ("mem", "maps", "environ", "auxv", "stack", "syscall", "pagemap", "smaps", "io"):
            attempt(f"{name} of {number}", lambda: open(f"/proc/{number}/{name}", "rb").read(1))
        attempt(f"memory of {number}", lambda: open(f"/proc/{number}/mem", "r+b").seek(4096) and None)
