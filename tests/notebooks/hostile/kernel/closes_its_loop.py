# title: closes the loop that answers messages
# status: kernel_died timeout graded notebook_error
# %%
import asyncio

asyncio.get_running_loop()._selector.close()
# %%
print("after")
