/**
 * A statement: what happened in the author's words, in the exact bytes that the device signs (command/ledger/statement.py).
 * What is private stands in it as the digest of a disclosure, whose salt is made here; the disclosures travel beside it.
 */
import { base64, bytesOf, random, sha256, standard, textOf, utf8, utf8Text } from "./bytes.js";
import { DEFAULTS, PRIVATE } from "./private_fields.js";

const SALT_BYTES = 16;
const ECDSA = { name: "ECDSA", hash: "SHA-256" };

/**
 * What is told. Times are ms since 1970.
 * @typedef {object} Told
 * @property {string} incident
 * @property {string} cmd
 * @property {number} device_seq
 * @property {string} author
 * @property {number} occurred_ms
 * @property {number} signed_ms
 * @property {number} clock_error_ms
 * @property {number | null} basis_seq
 * @property {Record<string, unknown> & {type: string}} command
 */

/** As it is sent. @typedef {{cmd: string, command: {}, statement: string, signature: string, disclosures: string[], author_signature?: string}} Submission */

/** @param {CryptoKey} key @param {BufferSource} text @returns {Promise<Uint8Array<ArrayBuffer>>} r ‖ s */
export async function sign(key, text) {
  return new Uint8Array(await crypto.subtle.sign(ECDSA, key, text));
}

/** base64url(JSON [salt, path, value]). @param {string} path @param {unknown} value @param {Uint8Array} [salt] */
export function disclosure(path, value, salt = random(SALT_BYTES)) {
  return textOf(utf8(JSON.stringify([textOf(salt), path, value])));
}

/** @param {string} text a disclosure's @returns {Promise<string>} */
export const digest = async (text) => textOf(await sha256(utf8(text)));

/**
 * A command parted into what may be read and what only its commitment may show. A private field that was left empty is
 * committed to as well, so that the log does not tell what was said and what was not.
 * @param {Record<string, unknown> & {type: string}} command
 * @returns {Promise<{command: Record<string, unknown>, disclosures: string[]}>}
 */
async function parted(command) {
  /** @type {Record<string, unknown>} */
  const shown = { ...command };
  const disclosures = [];
  for (const name of PRIVATE[command.type] ?? []) {
    const value = command[name] ?? DEFAULTS[command.type]?.[name];
    if (value === undefined) continue; // required and not there: the server says so
    const text = disclosure(name, value);
    disclosures.push(text);
    shown[name] = { sha256: await digest(text) };
  }
  return { command: shown, disclosures };
}

/**
 * Sign what is told, as the device and, where their key is there, as its author.
 * @param {Told} told @param {{id: string, key: CryptoKey}} device @param {CryptoKey | null} own
 * @returns {Promise<{submission: Submission, sha256: string}>} `sha256` of the signed bytes, base64url
 */
export async function stated(told, device, own) {
  const { command, disclosures } = await parted(told.command);
  const signed = utf8(JSON.stringify({
    v: 1, alg: "es256", log: told.incident, cmd: told.cmd, device: device.id, device_seq: told.device_seq, author: told.author,
    occurred_at: new Date(told.occurred_ms).toISOString(), signed_at: new Date(told.signed_ms).toISOString(),
    clock_error_ms: told.clock_error_ms, basis_seq: told.basis_seq, command,
  }));
  /** @type {Submission} */
  const submission = { cmd: told.cmd, command: {}, statement: textOf(signed), signature: textOf(await sign(device.key, signed)), disclosures };
  if (own) submission.author_signature = textOf(await sign(own, signed));
  return { submission, sha256: textOf(await sha256(signed)) };
}

/**
 * Whether a header that the server answered with carries exactly what was signed, of which the outbox kept the SHA-256, for
 * this incident, command and device. The header of a report in confidence leads to no device: there every commitment must
 * stand in it, for which the statement itself is needed: null without it, for nobody here can tell.
 * @param {string} header base64url @param {{incident: string, cmd: string, device: string, statement_sha256: string}} kept
 * @param {string} [statement] base64url, where it is at hand @returns {Promise<boolean | null>}
 */
export async function binds(header, kept, statement) {
  try {
    const said = JSON.parse(utf8Text(bytesOf(header)));
    if (said.log !== kept.incident || said.cmd !== kept.cmd) return false;
    if (said.statement) return said.statement.device === kept.device && textOf(await sha256(standard(said.statement.signed))) === kept.statement_sha256;
    if (!said.confidential) return false;
    return statement ? await commitsTo(said.body, bytesOf(statement), kept) : null;
  } catch {
    return false; // what cannot be read binds nothing
  }
}

/** @param {Record<string, any>} body @param {Uint8Array<ArrayBuffer>} signed @param {{statement_sha256: string}} kept */
async function commitsTo(body, signed, kept) {
  if (textOf(await sha256(signed)) !== kept.statement_sha256) return false;
  const command = JSON.parse(utf8Text(signed)).command;
  const committed = Object.entries(command).filter(([, value]) => commitment(value) !== null);
  return committed.length > 0 && committed.every(([name, value]) => commitment(body[name]) === commitment(value));
}

/** The digest in `{"sha256": digest}`, null for any other value. @param {any} value */
function commitment(value) {
  const whole = value && typeof value === "object" && Object.keys(value).length === 1;
  return whole && typeof value.sha256 === "string" ? value.sha256 : null;
}

/** The headers of a request that the device signs (RFC 9421, command/devices/requests.py).
 * @param {{id: string, key: CryptoKey}} device @param {string} method @param {string} authority @param {string} path @param {Uint8Array<ArrayBuffer>} body @param {string} nonce
 */
export async function requestHeaders(device, method, authority, path, body, nonce) {
  const digested = `sha-256=:${base64(await sha256(body))}:`;
  const params = `("@method" "@authority" "@path" "content-digest");keyid="${device.id}";alg="ecdsa-p256-sha256";nonce="${nonce}"`;
  const base = [`"@method": ${method}`, `"@authority": ${authority.toLowerCase()}`, `"@path": ${path}`, `"content-digest": ${digested}`, `"@signature-params": ${params}`].join("\n");
  return { "Content-Digest": digested, "Signature-Input": `muster=${params}`, Signature: `muster=:${base64(await sign(device.key, utf8(base)))}:` };
}
