/**
 * Sealing to a public key by HPKE (RFC 9180): base mode, DHKEM(P-256, HKDF-SHA256), HKDF-SHA256, AES-GCM, one message for each
 * key that is agreed. Only the sender's half: what is sealed here this browser cannot open again.
 *
 * Why not a library: each primitive is WebCrypto's, and what is left of the RFC is the labels below, which
 * tests/e2e/test_field_hpke.py holds to the RFC's own vectors and to another implementation.
 */
import { joined, utf8 } from "./bytes.js";

const KEM_ID = [0x00, 0x10]; // DHKEM(P-256, HKDF-SHA256)
const KDF_ID = [0x00, 0x01]; // HKDF-SHA256
const HASH_BYTES = 32;
const NONCE_BYTES = 12;
const MODE_BASE = 0;

/** AES-256-GCM, which boxes are sealed with; the RFC's own vectors are of 128. @typedef {{id: number[], key_bytes: number}} Aead */
export const AES_256_GCM = { id: [0x00, 0x02], key_bytes: 32 };
export const AES_128_GCM = { id: [0x00, 0x01], key_bytes: 16 };

const P256 = { name: "ECDH", namedCurve: "P-256" };
const EMPTY = new Uint8Array(0);

/** @param {Uint8Array} key @param {Uint8Array} text */
async function hmac(key, text) {
  // WebCrypto refuses an empty key; HMAC pads with zeros, so that one of zeros is the same.
  const raw = /** @type {Uint8Array<ArrayBuffer>} */ (key.length ? key : new Uint8Array(HASH_BYTES));
  const made = await crypto.subtle.importKey("raw", raw, { name: "HMAC", hash: "SHA-256" }, false, ["sign"]);
  return new Uint8Array(await crypto.subtle.sign("HMAC", made, /** @type {BufferSource} */ (text)));
}

/** RFC 9180 4: LabeledExtract. @param {Uint8Array} suite @param {Uint8Array} salt @param {string} label @param {Uint8Array} secret */
const extract = (suite, salt, label, secret) => hmac(salt, joined(utf8("HPKE-v1"), suite, utf8(label), secret));

/**
 * RFC 9180 4: LabeledExpand, of at most one block: nothing here is longer than a hash.
 * @param {Uint8Array} suite @param {Uint8Array} secret @param {string} label @param {Uint8Array} info @param {number} size_bytes
 */
async function expand(suite, secret, label, info, size_bytes) {
  const labelled = joined(Uint8Array.of(size_bytes >> 8, size_bytes & 0xff), utf8("HPKE-v1"), suite, utf8(label), info, Uint8Array.of(1));
  return (await hmac(secret, labelled)).slice(0, size_bytes);
}

/**
 * RFC 9180 4.1: Encap. Exactly the shared secret and what the receiver needs for it.
 * @param {Uint8Array} receiver @param {CryptoKeyPair} own
 */
async function agree(receiver, own) {
  const theirs = await crypto.subtle.importKey("raw", /** @type {BufferSource} */ (receiver), P256, true, []);
  const dh = new Uint8Array(await crypto.subtle.deriveBits({ name: "ECDH", public: theirs }, own.privateKey, HASH_BYTES * 8));
  const enc = new Uint8Array(await crypto.subtle.exportKey("raw", own.publicKey));
  const suite = joined(utf8("KEM"), Uint8Array.from(KEM_ID));
  const prk = await extract(suite, EMPTY, "eae_prk", dh);
  return { enc, secret: await expand(suite, prk, "shared_secret", joined(enc, receiver), HASH_BYTES) };
}

/**
 * Seal to a public key.
 * @param {Uint8Array} receiver the point, uncompressed, 65 bytes
 * @param {Uint8Array} info what the box is bound to: it opens with exactly this
 * @param {Uint8Array} plain
 * @param {{aead?: Aead, aad?: Uint8Array, own?: CryptoKeyPair}} [more] `own`: the key pair of a vector; else a fresh one, as it must be
 * @returns {Promise<Uint8Array<ArrayBuffer>>} `enc ‖ ct`
 */
export async function seal(receiver, info, plain, { aead = AES_256_GCM, aad = EMPTY, own } = {}) {
  const pair = own ?? /** @type {CryptoKeyPair} */ (await crypto.subtle.generateKey(P256, false, ["deriveBits"]));
  const { enc, secret } = await agree(receiver, pair);
  const suite = joined(utf8("HPKE"), Uint8Array.from([...KEM_ID, ...KDF_ID, ...aead.id]));
  const context = joined(Uint8Array.of(MODE_BASE), await extract(suite, EMPTY, "psk_id_hash", EMPTY), await extract(suite, EMPTY, "info_hash", info));
  const start = await extract(suite, secret, "secret", EMPTY);
  const key = await crypto.subtle.importKey("raw", await expand(suite, start, "key", context, aead.key_bytes), "AES-GCM", false, ["encrypt"]);
  const iv = await expand(suite, start, "base_nonce", context, NONCE_BYTES);
  const ct = await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: /** @type {BufferSource} */ (aad) }, key, /** @type {BufferSource} */ (plain));
  return joined(enc, new Uint8Array(ct));
}
