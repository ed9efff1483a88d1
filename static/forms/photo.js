/**
 * A picture or paper for a record. What goes on record is the digest of its bytes, at once and whatever the line does; the
 * bytes follow (uploads.js). The file stays in this tab until they are there: a draft holds what it is, never the picture.
 */
import { html, useEffect, useState } from "../lib.js";
import { newId } from "./options.js";
import { drop, fileOf, holdFile } from "../uploads.js";

/** "2.4 MB" @param {number} bytes */
export const sizeText = (bytes) => (bytes < 1000 ? `${bytes} B` : bytes < 1_000_000 ? `${Math.round(bytes / 1000)} kB` : `${(bytes / 1_000_000).toFixed(1)} MB`);

/** @param {ArrayBuffer} bytes */
async function sha256(bytes) {
  const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes));
  return Array.from(digest, (byte) => byte.toString(16).padStart(2, "0")).join("");
}

/** @param {{value: any, change: (value: any) => void, id: string}} props */
export function PhotoField({ value, change, id }) {
  const [words, setWords] = useState("");
  const file = value ? fileOf(value.attachment) : undefined;
  const [shown, setShown] = useState("");
  useEffect(() => {
    if (!file?.type.startsWith("image/")) return undefined;
    const url = URL.createObjectURL(file);
    setShown(url);
    return () => { setShown(""); URL.revokeObjectURL(url); };
  }, [file]);

  /** @param {any} event */
  async function chosen(event) {
    const picked = event.currentTarget.files?.[0];
    if (!picked) return;
    setWords("Reading…");
    try {
      const attachment = newId();
      holdFile(attachment, picked);
      change({ attachment, sha256: await sha256(await picked.arrayBuffer()), size_bytes: picked.size, media: picked.type || "application/octet-stream", name: picked.name });
      setWords("");
    } catch {
      setWords("This file could not be read.");
    }
  }
  return html`<div class="photo-field">
    ${shown ? html`<img class="photo-shown" src=${shown} alt="The picture as it was taken" />` : null}
    ${value ? html`<p class="small">${value.name} · ${sizeText(value.size_bytes)} · <span class="code" title=${value.sha256}>${value.sha256.slice(0, 12)}…</span>${file ? "" : html` <span class="warn-text">The picture is no longer in this tab: only its fingerprint is recorded, so keep the file.</span>`}</p>` : null}
    <label class="button small photo-pick"><span>${value ? "Take another…" : "Take or choose a picture…"}</span><input id=${`${id}-file`} class="sr" type="file" accept="image/*,application/pdf" onChange=${chosen} /></label>
    ${value ? html`<button type="button" class="button small" onClick=${() => { drop(value.attachment); change(null); }}>Remove the picture</button>` : null}
    ${words ? html`<p class="small" role="status">${words}</p>` : null}</div>`;
}
