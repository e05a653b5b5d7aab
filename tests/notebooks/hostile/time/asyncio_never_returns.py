# title: awaits something that does not come
# status: timeout
# %%
import asyncio

await asyncio.wait_for(asyncio.get_running_loop().create_future(), 100)
