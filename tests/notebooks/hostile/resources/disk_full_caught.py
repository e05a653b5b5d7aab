# title: fills its folder, catches what comes of it, and cleans up after some time
# status: disk_limit
# %%
import os
import time

try:
    for number in range(6):
        with open(f"file-{number}", "wb") as file:
            for _ in range(50):
                file.write(b"x" * 2**20)
except OSError as error:
    print("refused:", error)
time.sleep(3)
for number in range(6):
    if os.path.exists(f"file-{number}"):
        os.remove(f"file-{number}")
