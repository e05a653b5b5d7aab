# title: asks the front end for pages and further cells
# status: graded
# shows: last
# %%
shell = get_ipython()
shell.set_next_input("x" * 100_000)
shell.payload_manager.write_payload({"source": "page", "data": {"text/plain": "x" * 100_000}, "start": 0})
shell.payload_manager.write_payload({"source": "edit_magic", "filename": "/etc/passwd", "line_number": 1})
print("last")
