# title: messages whose contents are lists, numbers and texts
# status: graded kernel_died
# %%
kernel = get_ipython().kernel
session = kernel.session
kinds = "stream display_data execute_result error status comm_open comm_msg clear_output update_display_data execute_input"
for kind in kinds.split():
    for content in (b"[]", b"7", b'"text"', b"null", b"{}", b'{"data": 3}', b'{"data": {"text/plain": [[]]}, "transient": 5}', b"{"):
        frames = session.serialize(session.msg(kind, parent=kernel.get_parent("shell")))
        frames[-1] = content
        frames[1] = session.sign(frames[2:])
        kernel.iopub_socket.send_multipart(frames)
# %%
print("second")
