# title: closes the socket of its output only
# status: kernel_died timeout graded notebook_error
# %%
kernel = get_ipython().kernel
kernel.iopub_socket.close()
# %%
print("second")
