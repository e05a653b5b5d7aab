# title: stores bytes in attributes of files
# status: graded disk_limit
# %%
import os

stored = 0
try:
    for number in range(1000):
        with open(f"file-{number}", "w"):
            pass
        for name in range(20):
            os.setxattr(f"file-{number}", f"user.{name}", b"x" * 4000)
            stored += 4000
except OSError as error:
    print("refused:", error)
print(stored)
