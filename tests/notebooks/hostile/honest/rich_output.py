# title: tables, HTML, Markdown and progress bars
# status: graded
# shows: after
# score: 1
# %%
import sys
import time

from IPython.display import HTML, Markdown, clear_output, display

display(HTML("<table><tr><td>1</td></tr></table>"), Markdown("**bold**"))
for number in range(50):
    sys.stdout.write(f"\r{number}/50 " + "=" * number)
    sys.stdout.flush()
    time.sleep(0.005)
clear_output(wait=True)
print("\nafter")
