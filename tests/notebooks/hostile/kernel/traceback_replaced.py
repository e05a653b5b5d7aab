# title: installs a handler for errors that raises errors
# status: notebook_error kernel_died
# score: 0
# %%
def worse(*arguments, **keywords):
    raise RuntimeError("while telling of it")


get_ipython().set_custom_exc((Exception,), worse)
get_ipython().showtraceback = worse
# %%
1 / 0
