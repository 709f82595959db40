"""ML-KEM-768, written from FIPS 203 for comparison: slow, and not in constant time. Numbers are those of its algorithms."""
import hashlib

Q, K, DU, DV = 3329, 3, 10, 4
REVERSED = [int(f"{i:07b}"[::-1], 2) for i in range(128)]
ZETAS = [pow(17, power, Q) for power in REVERSED]
GAMMAS = [pow(17, 2 * power + 1, Q) for power in REVERSED]


def hash_g(data):
    digest = hashlib.sha3_512(data).digest()
    return digest[:32], digest[32:]


def hash_h(data):
    return hashlib.sha3_256(data).digest()


def encode(width, values):
    """5: the first value stands in the lowest bits."""
    return sum(value << (width * i) for i, value in enumerate(values)).to_bytes(32 * width, "little")


def decode(width, data):
    """6, without its reduction modulo q."""
    number = int.from_bytes(data, "little")
    return [number >> (width * i) & ((1 << width) - 1) for i in range(256)]


def compress(width, values):
    return [(2 * (value << width) + Q) // (2 * Q) % (1 << width) for value in values]


def decompress(width, values):
    return [(value * Q + (1 << (width - 1))) >> width for value in values]


def sample_ntt(seed):
    """7. Fewer than 256 values below q in 2016 bytes have a probability below 2^-128."""
    stream, values = hashlib.shake_128(seed).digest(2016), []
    for at in range(0, len(stream), 3):
        a, b, c = stream[at : at + 3]
        values += [value for value in (a + 256 * (b % 16), b // 16 + 16 * c) if value < Q]
    return values[:256]


def sample_noise(seed, number):
    """8, with eta = 2."""
    bits = int.from_bytes(hashlib.shake_256(seed + bytes([number])).digest(128), "little")
    bit = lambda i: bits >> i & 1
    return [(bit(4 * i) + bit(4 * i + 1) - bit(4 * i + 2) - bit(4 * i + 3)) % Q for i in range(256)]


def ntt(values):
    """9."""
    values, i, length = list(values), 1, 128
    while length >= 2:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                product = ZETAS[i] * values[j + length]
                values[j + length], values[j] = (values[j] - product) % Q, (values[j] + product) % Q
            i += 1
        length //= 2
    return values


def inverse_ntt(values):
    """10."""
    values, i, length = list(values), 127, 2
    while length <= 128:
        for start in range(0, 256, 2 * length):
            for j in range(start, start + length):
                low, high = values[j], values[j + length]
                values[j], values[j + length] = (low + high) % Q, ZETAS[i] * (high - low) % Q
            i -= 1
        length *= 2
    return [value * 3303 % Q for value in values]


def multiply(one, two):
    """11 and 12."""
    product = []
    for i, gamma in enumerate(GAMMAS):
        a0, a1, b0, b1 = *one[2 * i : 2 * i + 2], *two[2 * i : 2 * i + 2]
        product += [(a0 * b0 + a1 * b1 * gamma) % Q, (a0 * b1 + a1 * b0) % Q]
    return product


def add(*polynomials):
    return [sum(values) % Q for values in zip(*polynomials)]


def dot(one, two):
    return add(*(multiply(a, b) for a, b in zip(one, two)))


def matrix(rho):
    return [[sample_ntt(rho + bytes([j, i])) for j in range(K)] for i in range(K)]


def split(data, size):
    return [data[at : at + size] for at in range(0, len(data), size)]


def key_pair(seed):
    """13 and 16. Returns the encapsulation key and the decapsulation key."""
    d, z = seed[:32], seed[32:]
    rho, sigma = hash_g(d + bytes([K]))
    s = [ntt(sample_noise(sigma, i)) for i in range(K)]
    e = [ntt(sample_noise(sigma, K + i)) for i in range(K)]
    t = [add(dot(row, s), noise) for row, noise in zip(matrix(rho), e)]
    public = b"".join(encode(12, values) for values in t) + rho
    return public, b"".join(encode(12, values) for values in s) + public + hash_h(public) + z


def encrypt(public, message, randomness):
    """14."""
    t, a = [decode(12, part) for part in split(public[:-32], 384)], matrix(public[-32:])
    y = [ntt(sample_noise(randomness, i)) for i in range(K)]
    ciphertext = b""
    for i in range(K):
        u = add(inverse_ntt(dot([row[i] for row in a], y)), sample_noise(randomness, K + i))
        ciphertext += encode(DU, compress(DU, u))
    v = add(inverse_ntt(dot(t, y)), sample_noise(randomness, 2 * K), decompress(1, decode(1, message)))
    return ciphertext + encode(DV, compress(DV, v))


def encapsulate(public, message):
    """17. Returns the ciphertext and the shared secret."""
    assert all(value < Q for part in split(public[:-32], 384) for value in decode(12, part))
    secret, randomness = hash_g(message + hash_h(public))
    return encrypt(public, message, randomness), secret


def decapsulate(private, ciphertext):
    """15 and 18."""
    own, public, hashed, z = private[:1152], private[1152:2336], private[2336:2368], private[2368:]
    u = [decompress(DU, decode(DU, part)) for part in split(ciphertext[: 32 * DU * K], 32 * DU)]
    v = decompress(DV, decode(DV, ciphertext[32 * DU * K :]))
    product = inverse_ntt(dot([decode(12, part) for part in split(own, 384)], [ntt(values) for values in u]))
    message = encode(1, compress(1, [(a - b) % Q for a, b in zip(v, product)]))
    secret, randomness = hash_g(message + hashed)
    if encrypt(public, message, randomness) == ciphertext:
        return secret
    return hashlib.shake_256(z + ciphertext).digest(32)
