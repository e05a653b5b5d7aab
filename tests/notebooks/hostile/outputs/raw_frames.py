# title: frames that are no message at all
# status: graded kernel_died
# %%
kernel = get_ipython().kernel
for frames in ([b""], [b"garbage"], [b"<IDS|MSG>"], [b"<IDS|MSG>", b"", b"{", b"{", b"{", b"{"], [b"x"] * 500):
    kernel.iopub_socket.send_multipart(frames)
# %%
print("second")
