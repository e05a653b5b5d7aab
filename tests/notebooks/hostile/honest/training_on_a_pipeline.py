# title: trains on a tf.data pipeline with several threads
# status: graded
# shows: trained
# score: 1
# limits: roomy
# %%
import tensorflow as tf

data = tf.data.Dataset.from_tensor_slices((tf.random.normal((64, 4)), tf.random.normal((64, 1))))
data = data.map(lambda x, y: (x * 2, y), num_parallel_calls=4).cache().shuffle(64).batch(16).prefetch(2)
model = tf.keras.Sequential([tf.keras.layers.Dense(1)])
model.compile("sgd", "mse")
model.fit(data, epochs=2, verbose=0)
print("trained")
