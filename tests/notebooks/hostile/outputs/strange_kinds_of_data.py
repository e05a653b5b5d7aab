# title: shows data of thousands of kinds
# status: graded output_limit kernel_died
# %%
from IPython.display import display

display({f"text/x-{number}": "x" for number in range(20_000)}, raw=True)
display({"": "x", "text/plain\n": "y", "TEXT/PLAIN": "z", "text/plain": "plain", "../../x": "w"}, raw=True)
