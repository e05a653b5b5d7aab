# title: changes what it showed, without end
# status: output_limit
# %%
from IPython.display import display

handle = display(0, display_id=True)
for number in range(30_000):
    handle.update(number)
