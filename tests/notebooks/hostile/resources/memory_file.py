# title: memory in a file that has no name
# status: graded
# shows: refused
# with: attempt
# %%
import os


def fill():
    descriptor = os.memfd_create("held")
    for _ in range(1000):
        os.write(descriptor, b"x" * 2**20)
    return descriptor


attempt("memfd_create", fill)
