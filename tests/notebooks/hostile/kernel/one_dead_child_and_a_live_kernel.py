# title: a child that ends as programs end, with all that its parent registered
# status: graded
# shows: after
# %%
import os
import sys

child = os.fork()
if child == 0:
    try:
        sys.exit(0)
    finally:
        os._exit(0)
os.waitpid(child, 0)
# %%
print("after")
