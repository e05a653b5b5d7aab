# title: restarts its kernel, as tutorials for Colab do
# status: kernel_died graded
# %%
import inspect

import IPython

ended = IPython.Application.instance().kernel.do_shutdown(True)
if inspect.isawaitable(ended):
    await ended
# %%
import time

time.sleep(3)
print("after")
