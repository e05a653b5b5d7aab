# title: children that look at a large array of their parent
# status: graded
# shows: all have looked
# score: 1
# %%
import os
import time

import numpy as np

large = np.ones(40_000_000)  # 320 MB
children = []
for _ in range(5):
    child = os.fork()
    if child == 0:
        total = large.sum()
        time.sleep(1.5)
        os._exit(0 if total == 40_000_000 else 1)
    children.append(child)
assert [os.waitpid(child, 0)[1] for child in children] == [0] * 5
print("all have looked")
