# title: clears what it showed
# status: graded
# shows: shown first
# score: 1
# %%
from IPython.display import clear_output

print("shown first")
clear_output()
print("shown later")
# %%
clear_output(wait=True)
print("and more")
