# title: shows JSON nested a hundred thousand levels deep
# status: graded notebook_error kernel_died output_limit
# %%
from IPython.display import publish_display_data

deep = []
for _ in range(100_000):
    deep = [deep]
publish_display_data({"application/json": deep, "text/plain": "deep"})
