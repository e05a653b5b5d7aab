# title: makes thousands of names for one file
# status: disk_limit
# %%
import os
import time

open("one", "w").close()
for number in range(5000):
    os.symlink("one", f"symbolic-{number}") if number % 2 else os.link("one", f"hard-{number}")
time.sleep(3)
