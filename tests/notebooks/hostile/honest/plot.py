# title: draws a plot and shows it
# status: graded
# shows: drawn
# score: 1
# limits: roomy
# %%
import matplotlib.pyplot as plt
import numpy as np

x = np.linspace(0, 6, 50)
plt.plot(x, np.sin(x))
plt.title("a title")
plt.savefig("plot.png")
plt.show()
print("drawn")
