# title: shows a number where a text belongs
# status: graded kernel_died
# %%
from IPython.display import publish_display_data

publish_display_data({"text/plain": 7, "text/html": {"a": [1, 2]}, "image/png": None})
# %%
print("second")
