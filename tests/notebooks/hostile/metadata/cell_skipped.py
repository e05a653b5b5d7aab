# title: a tag that skips a cell
# status: notebook_error
# shows: not skipped
# score: 0
# %% {"tags": ["skip-execution"]}
print("not skipped")
1 / 0
