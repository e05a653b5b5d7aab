# title: opens files until it is refused, then closes them
# status: graded
# shows: refused at
# score: 1
# %%
kept = []
try:
    for number in range(5000):
        kept.append(open("/dev/null"))
except OSError as error:
    message = f"refused at {len(kept)}: {error}"
for file in kept:
    file.close()
print(message)
