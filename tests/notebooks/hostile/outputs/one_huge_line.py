# title: prints a hundred megabytes at once
# status: output_limit
# %%
print("x" * (100 * 2**20))
