/**
 * What someone typed and has not sent, and what waits for its answer: kept in this browser so that a reload, a cut or a
 * locked screen costs nothing, and sealed so that nobody else who sits down here can read it. The server hands out the key,
 * one for each person and browser, to that person's own live session and to nobody else; it lives in this page's memory only.
 * Without a key (no answer, no secure context) everything stays in memory: lost with the page rather than readable.
 */
import { call } from "./api.js";

const PREFIX = "muster.sealed.";
const NONCE_BYTES = 12;

/** @type {Map<string, any>} */
let held = new Map();
/** @type {CryptoKey | null} */
let key = null;
let place = "";
let dirty = false;
/** @type {Promise<void>} */
let writing = Promise.resolve();

/** @param {string} text base64url */
export function bytesOf(text) {
  return Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (one) => one.charCodeAt(0));
}

/** @param {ArrayBuffer | Uint8Array} raw @returns {string} base64url */
export function textOf(raw) {
  const bytes = raw instanceof Uint8Array ? raw : new Uint8Array(raw);
  let text = "";
  for (const one of bytes) text += String.fromCharCode(one);
  return btoa(text).replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
}

/** Open what belongs to whoever is signed in; what belongs to others stays shut. */
export async function openVault() {
  if (!globalThis.crypto?.subtle) return;
  try {
    const given = await call("GET", "/api/session/drafts");
    place = PREFIX + given.name;
    key = await crypto.subtle.importKey("raw", bytesOf(given.key), "AES-GCM", false, ["encrypt", "decrypt"]);
  } catch {
    return;
  }
  const sealed = sessionStorage.getItem(place);
  if (!sealed) return;
  try {
    const raw = bytesOf(sealed);
    const plain = await crypto.subtle.decrypt({ name: "AES-GCM", iv: raw.slice(0, NONCE_BYTES), additionalData: new TextEncoder().encode(place) }, key, raw.slice(NONCE_BYTES));
    held = new Map([...Object.entries(JSON.parse(new TextDecoder().decode(plain))), ...held]);
  } catch {
    sessionStorage.removeItem(place); // changed by another hand, or of a key that is no more
  }
}

/** @param {string} name */
export function kept(name) {
  return held.get(name);
}

/** @param {string} start */
export function keptNames(start) {
  return [...held.keys()].filter((name) => name.startsWith(start));
}

/** Keep a value; undefined drops it. @param {string} name @param {any} value */
export function keep(name, value) {
  if (value === undefined) held.delete(name);
  else held.set(name, value);
  if (!key || dirty) return;
  dirty = true;
  writing = writing.then(write);
}

async function write() {
  dirty = false;
  if (!key) return;
  try {
    if (!held.size) return sessionStorage.removeItem(place);
    const iv = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    const plain = new TextEncoder().encode(JSON.stringify(Object.fromEntries(held)));
    const box = new Uint8Array(await crypto.subtle.encrypt({ name: "AES-GCM", iv, additionalData: new TextEncoder().encode(place) }, key, plain));
    const whole = new Uint8Array(iv.length + box.length);
    whole.set(iv);
    whole.set(box, iv.length);
    if (key) sessionStorage.setItem(place, textOf(whole));
  } catch {
    // A full or forbidden store costs the draft its reload, nothing else.
  }
}

/** Wait until all of it is written, and forget it: nobody is at the screen. */
export async function shutVault() {
  await writing;
  held = new Map();
  key = null;
}

/** Destroy what is one's own, for signing out. */
export async function wipeVault() {
  const mine = place;
  await shutVault();
  if (mine) sessionStorage.removeItem(mine);
}
