# title: makes thousands of empty files
# status: disk_limit
# %%
import time

for number in range(5000):
    open(f"file-{number}", "w").close()
time.sleep(3)
