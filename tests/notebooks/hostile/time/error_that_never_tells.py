# title: raises an error whose text takes for ever
# status: timeout
# %%
import time


class Slow(Exception):
    def __str__(self):
        time.sleep(100)
        return "told"


raise Slow
