# title: ends well and leaves objects whose end never comes
# status: graded
# shows: done
# score: 1
# %%
import time


class Endless:
    def __del__(self, clock=time.monotonic):
        until = clock() + 100
        while clock() < until:
            pass


kept = [Endless() for _ in range(3)]
print("done")
