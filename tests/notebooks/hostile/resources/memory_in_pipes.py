# title: full pipes, as many as it gets
# status: graded
# shows: full
# %%
import fcntl
import os

held = 0
pipes = []
try:
    for _ in range(200):
        pipes.append(os.pipe())
        os.set_blocking(pipes[-1][1], False)
        try:
            fcntl.fcntl(pipes[-1][1], 1031, 2**20)  # F_SETPIPE_SZ
        except OSError:
            pass
        try:
            while True:
                held += os.write(pipes[-1][1], b"x" * 65536)
        except BlockingIOError:
            pass
except OSError as error:
    print("refused:", error)
print("full", held)
for ends in pipes:
    os.close(ends[0])
    os.close(ends[1])
