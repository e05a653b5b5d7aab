# title: a text of two gigabytes
# status: out_of_memory
# %%
text = "x" * (2 * 2**30)
print(len(text))
