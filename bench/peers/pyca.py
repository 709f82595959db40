"""Measures Python's cryptography. Reads lines `task size seconds`, answers each with operations per second."""
import os
import sys
import time

from cryptography.fernet import Fernet
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

fernet = Fernet(Fernet.generate_key())
key = ec.generate_private_key(ec.SECP384R1())
algorithm = ec.ECDSA(hashes.SHA256())


def operation(task, size):
    data = os.urandom(size)
    if task == "encrypt":
        return lambda: fernet.encrypt(data)
    if task == "decrypt":
        token = fernet.encrypt(data)
        return lambda: fernet.decrypt(token)
    if task == "sign":
        return lambda: key.sign(data, algorithm)
    signature = key.sign(data, algorithm)
    public = key.public_key()
    return lambda: public.verify(signature, data, algorithm)


for line in sys.stdin:
    task, size, seconds = line.split()
    run = operation(task, int(size))
    run()
    count, batch, start = 0, 1, time.perf_counter()
    while True:
        for _ in range(batch):
            run()
        count += batch
        elapsed = time.perf_counter() - start
        if elapsed >= float(seconds):
            break
        batch = max(1, min(1000, int(count / elapsed * 0.01)))
    print(count / elapsed, flush=True)
