# title: trains a tiny network on random data, saves and loads it
# status: graded
# shows: trained 2
# score: 1
# limits: roomy
# %%
import keras
import numpy as np

keras.utils.set_random_seed(0)
model = keras.Sequential([keras.Input((8,)), keras.layers.Dense(4, activation="relu"), keras.layers.Dense(1)])
model.compile(optimizer="adam", loss="mse")
model.summary()
history = model.fit(np.random.rand(64, 8), np.random.rand(64, 1), epochs=2, verbose=2)
print("trained", len(history.history["loss"]))
# %%
model.save("model.keras")
again = keras.models.load_model("model.keras")
print(again.predict(np.zeros((2, 8)), verbose=0).shape)
