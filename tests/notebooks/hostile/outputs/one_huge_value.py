# title: shows a value with a hundred megabytes of text
# status: output_limit
# %%
from IPython.display import display

display({"text/plain": "x" * (100 * 2**20)}, raw=True)
