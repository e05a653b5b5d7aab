# title: reads from a pipe that nobody writes to
# status: timeout
# %%
import os
import select

reading, writing = os.pipe()
select.select([reading], [], [], 100)
