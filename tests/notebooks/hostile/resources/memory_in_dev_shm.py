# title: memory as files in /dev/shm
# status: graded out_of_memory disk_limit
# with: attempt
# %%
import os
import time

FILES = [f"/dev/shm/@marker@-{number}" for number in range(20)]


def fill():
    held = 0
    for name in FILES:
        with open(name, "wb") as file:
            for _ in range(50):
                file.write(b"x" * 2**20)
                file.flush()
                held += 2**20
    return held


try:
    attempt("a gigabyte in /dev/shm", fill)
    time.sleep(1)
finally:
    for name in FILES:
        if os.path.exists(name):
            os.remove(name)
