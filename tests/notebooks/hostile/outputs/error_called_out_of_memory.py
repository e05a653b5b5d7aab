# title: an error of its own that is called MemoryError
# status: out_of_memory notebook_error
# score: 0
# %%
class MemoryError(Exception):
    pass


raise MemoryError("not really")
