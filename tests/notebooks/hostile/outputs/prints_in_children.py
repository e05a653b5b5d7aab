# title: forked children print
# status: graded
# shows: parent
# score: 1
# %%
import os

children = []
for number in range(4):
    child = os.fork()
    if child == 0:
        try:
            print("child", number, flush=True)
        finally:
            os._exit(0)
    children.append(child)
for child in children:
    os.waitpid(child, 0)
print("parent")
