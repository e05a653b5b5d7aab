# title: a hook after the cell that does not return
# status: timeout
# %%
import time

get_ipython().events.register("post_run_cell", lambda result: time.sleep(100))
print("the cell itself is quick")
