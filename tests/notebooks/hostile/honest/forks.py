# title: forks, and waits as it should
# status: graded
# shows: 7
# score: 1
# %%
import os

reading, writing = os.pipe()
child = os.fork()
if child == 0:
    os.write(writing, b"7")
    os._exit(0)
print(os.read(reading, 1).decode(), os.waitpid(child, 0)[1])
