# title: a kernelspec whose names hold escape codes and a hundred thousand characters
# status: graded
# metadata: {"kernelspec": {"name": "\u001b[31mpython3\n=1+1\u202e", "display_name": "=HYPERLINK()\r\n", "language": "\u001b]0;x\u0007"}, "language_info": {"name": "=cmd"}}
# %%
print("run")
