# title: stops the loop that answers messages
# status: kernel_died graded timeout
# %%
get_ipython().kernel.io_loop.stop()
# %%
print("after")
