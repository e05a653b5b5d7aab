# title: a shell line that prints without end
# status: output_limit
# %%
!yes | head -c 20000000
