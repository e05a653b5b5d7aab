# title: shows HTML, SVG, Markdown, LaTeX and JavaScript that would run in the page
# status: graded
# score: 1
# %%
from IPython.display import HTML, SVG, Javascript, Latex, Markdown, display

script = "<script>hostile()</script>"
display(HTML(script + '<img src="x" onerror="hostile()"><a href="javascript:hostile()">x</a><iframe src="x"></iframe>'))
display(SVG(f'<svg xmlns="http://www.w3.org/2000/svg" onload="hostile()">{script}</svg>'))
display(Markdown(script + '\n<img src="x" onerror="hostile()">\n[x](javascript:hostile())'))
display(Latex(f"$${script}$$"))
display(Javascript("hostile()"))
display({"text/html": [script], "application/vnd.jupyter.widget-view+json": {"model_id": script}}, raw=True)
print(script)
