/** Ids made on this side: UUIDv7, so that a repeated command is recognized and ids sort by time. */

/**
 * @param {number} now_ms milliseconds since 1970 by the server's clock (see time.js), never by the browser's
 * @returns {string} a UUIDv7 (RFC 9562 5.7)
 */
export function uuid7(now_ms) {
  const bytes = crypto.getRandomValues(new Uint8Array(16));
  let rest = Math.max(0, Math.floor(now_ms));
  for (let i = 5; i >= 0; i -= 1) {
    bytes[i] = rest % 256;
    rest = Math.floor(rest / 256);
  }
  bytes[6] = (bytes[6] & 0x0f) | 0x70;
  bytes[8] = (bytes[8] & 0x3f) | 0x80;
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** A random id for a person in a report: it says nothing and repeats nowhere. */
export function subjectId() {
  const bytes = crypto.getRandomValues(new Uint8Array(12));
  return `s-${Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("")}`;
}
