# title: shows a value whose text takes for ever
# status: timeout
# %%
import time


class Slow:
    def __repr__(self):
        time.sleep(100)
        return "shown"


Slow()
