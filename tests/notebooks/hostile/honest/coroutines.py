# title: awaits in cells, and programs that are awaited
# status: graded
# shows: one two
# shows: three
# score: 1
# %%
import asyncio


async def say(word, seconds):
    await asyncio.sleep(seconds)
    return word


print(*await asyncio.gather(say("one", 0.2), say("two", 0.1)))
# %%
process = await asyncio.create_subprocess_exec("echo", "three", stdout=asyncio.subprocess.PIPE)
print((await process.communicate())[0].decode())
