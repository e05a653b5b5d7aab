# title: POSIX message queues
# status: graded
# shows: mq_open refused
# with: system
# %%
queue = system("mq_open", 240, 180, b"@marker@", 0o102, 0o600, None)
if queue >= 0:
    system("mq_unlink", 241, 181, b"@marker@")
