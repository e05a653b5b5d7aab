# title: a tag that allows a cell to raise
# status: notebook_error
# hides: after
# score: 0
# %% {"tags": ["raises-exception"]}
1 / 0
# %%
print("after")
