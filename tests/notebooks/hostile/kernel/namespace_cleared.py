# title: forgets all names
# status: graded notebook_error
# %%
globals().clear()
# %%
1 + 1
