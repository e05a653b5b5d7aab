# title: fills its folder with bytes
# status: disk_limit
# %%
import time

for number in range(6):
    with open(f"file-{number}", "wb") as file:
        for _ in range(50):
            file.write(b"x" * 2**20)
time.sleep(3)
