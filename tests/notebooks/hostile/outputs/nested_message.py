# title: a message nested a hundred thousand levels deep
# status: graded kernel_died notebook_error output_limit
# %%
kernel = get_ipython().kernel
session = kernel.session
deep = b'{"name": "stdout", "text": ' + b"[" * 100_000 + b"]" * 100_000 + b"}"
message = session.msg("stream", parent=kernel.get_parent("shell"))
frames = session.serialize(message)
frames[-1] = deep
frames[1] = session.sign(frames[2:])
kernel.iopub_socket.send_multipart(frames)
# %%
print("second")
