# title: calls itself without end, through C, and without Python's limit
# status: kernel_died out_of_memory notebook_error
# score: 0
# %%
import sys

sys.setrecursionlimit(2**31 - 1)


class Again:
    def __getattr__(self, name):
        return getattr(self, name + "x"[:0])

    def __eq__(self, other):
        return [self] == [other] and self != other


Again() == Again()
