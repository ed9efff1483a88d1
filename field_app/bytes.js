/** Bytes and their texts. base64url is without padding, as everywhere in the protocol; standard base64 where a header wants it. */
import { bytesOf, textOf } from "../static/vault.js";

export { bytesOf, textOf };

/** @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export const utf8 = (text) => /** @type {Uint8Array<ArrayBuffer>} */ (new TextEncoder().encode(text));

/** @param {BufferSource} raw */
export const utf8Text = (raw) => new TextDecoder("utf-8", { fatal: true }).decode(raw);

/** @param {...Uint8Array} parts @returns {Uint8Array<ArrayBuffer>} */
export function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** @param {number} size_bytes @returns {Uint8Array<ArrayBuffer>} */
export const random = (size_bytes) => crypto.getRandomValues(new Uint8Array(size_bytes));

/** @param {BufferSource} raw */
export async function sha256(raw) {
  return new Uint8Array(await crypto.subtle.digest("SHA-256", raw));
}

/** @param {Uint8Array} raw @returns {string} standard base64, with padding */
export function base64(raw) {
  const text = textOf(raw).replaceAll("-", "+").replaceAll("_", "/");
  return text + "=".repeat((4 - (text.length % 4)) % 4);
}

/** Bytes of standard base64. Raises where it is not its one form. @param {string} text @returns {Uint8Array<ArrayBuffer>} */
export function standard(text) {
  const raw = Uint8Array.from(atob(text), (one) => one.charCodeAt(0));
  if (base64(raw) !== text) throw new Error("expected base64 in its one form");
  return raw;
}

/** @param {Uint8Array} raw @returns {string} */
export const hex = (raw) => Array.from(raw, (byte) => byte.toString(16).padStart(2, "0")).join("");
