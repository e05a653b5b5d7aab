# title: prints half of a surrogate pair
# status: graded notebook_error kernel_died
# %%
print("\ud800")
# %%
print("last")
