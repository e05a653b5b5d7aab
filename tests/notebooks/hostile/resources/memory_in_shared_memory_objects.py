# title: memory as POSIX shared memory objects
# status: graded out_of_memory disk_limit kernel_died
# with: attempt
# %%
from multiprocessing.shared_memory import SharedMemory

held = []


def fill():
    for _ in range(20):
        held.append(SharedMemory(create=True, size=50 * 2**20))
        held[-1].buf[::4096] = b"x" * len(held[-1].buf[::4096])
    return len(held)


try:
    attempt("a gigabyte of shared memory", fill)
finally:
    for memory in held:
        memory.unlink()
