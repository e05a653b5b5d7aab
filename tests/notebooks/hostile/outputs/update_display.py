# title: changes what it showed
# status: graded
# shows: as it was
# score: 1
# %%
from IPython.display import display, update_display

handle = display("as it was", display_id="one")
# %%
update_display("as it should have been", display_id="one")
