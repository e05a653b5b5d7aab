# title: takes away what all code needs
# status: graded notebook_error kernel_died timeout
# %%
import builtins

for name in ("print", "len", "isinstance", "open", "getattr", "__import__", "str", "Exception"):
    setattr(builtins, name, None)
# %%
1 + 1
