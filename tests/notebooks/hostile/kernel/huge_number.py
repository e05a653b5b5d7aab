# title: prints a number with millions of digits
# status: notebook_error
# says: ValueError
# score: 0
# %%
print(1 << 10_000_000)
