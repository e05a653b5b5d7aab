# title: unpacks a small text into a gigabyte
# status: out_of_memory
# %%
import zlib

packer = zlib.compressobj(9)
packed = b"".join(packer.compress(b"\0" * 2**20) for _ in range(1024)) + packer.flush()
unpacked = zlib.decompress(packed)
print(len(unpacked))
