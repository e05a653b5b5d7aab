# title: shows a picture that is megabytes large
# status: output_limit
# %%
import base64

from IPython.display import display

display({"image/png": base64.b64encode(bytes(8 * 2**20)).decode(), "text/plain": "a picture"}, raw=True)
