# title: makes thousands of folders
# status: disk_limit
# %%
import os
import time

for number in range(5000):
    os.mkdir(f"folder-{number}")
time.sleep(3)
