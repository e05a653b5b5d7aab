# title: prints many short lines, each of them at once
# status: output_limit
# %%
for number in range(4_000):
    print(number, flush=True)
