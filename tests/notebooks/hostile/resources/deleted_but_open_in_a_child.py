# title: files without names that a daemon keeps open
# status: disk_limit
# %%
import os
import time

if os.fork() == 0:
    os.setsid()
    kept = []
    for number in range(6):
        kept.append(open(f"file-{number}", "wb"))
        os.remove(f"file-{number}")
        try:
            for _ in range(50):
                os.write(kept[-1].fileno(), b"x" * 2**20)
        except OSError:
            pass
    time.sleep(30)
    os._exit(0)
time.sleep(6)
