/** A picture for a record: kept as it was taken, sealed on the tablet before the record names it. */
import { html, useEffect, useState } from "../../static/lib.js";
import { sizeText } from "../../static/forms/photo.js";
import { dropStaged, original, TooLarge } from "../files.js";
import { NoRoom } from "../tablet.js";
import { here } from "../state.js";

/** @param {{value: any, change: (value: any) => void, label: string, accept?: string, id?: string}} props */
export function Photo({ value, change, label, accept = "image/*,.heic,.heif", id = "f-photo" }) {
  const [words, setWords] = useState("");
  const shown = usePicture(value);
  /** @param {any} event */
  async function chosen(event) {
    const input = event.currentTarget;
    const file = input.files?.[0];
    if (!file) return;
    setWords("Keeping the picture…");
    try {
      const staged = await here().stage(file);
      if (value) await dropStaged(here().db, value.attachment);
      change({ ...staged, media: staged.media || "application/octet-stream" });
      setWords("");
    } catch (error) {
      setWords(error instanceof NoRoom ? "No room for pictures on this tablet. Records still fit: save without it, keep the picture." : error instanceof TooLarge ? "This file is larger than the server takes. Keep it, and say so in the record." : "This picture could not be kept.");
    } finally {
      input.value = "";
    }
  }
  async function remove() {
    await dropStaged(here().db, value.attachment);
    change(undefined);
  }
  return html`<fieldset class="field photo-field"><legend>${label}</legend>
    ${shown ? html`<img class="photo-shown" src=${shown} alt="The picture as it was taken" />` : null}
    ${value ? html`<p class="small">Kept, sealed: ${sizeText(value.size_bytes)}${shown ? "" : " (this browser does not show its kind)"}</p>` : null}
    <div class="field-row"><label class="button big photo-pick"><span>${value ? "Take another…" : "Take a picture…"}</span><input id=${id} class="sr" type="file" accept=${accept} capture="environment" onChange=${chosen} /></label>
    ${value ? html`<button type="button" class="button big" onClick=${remove}>Remove</button>` : null}</div>
    ${words ? html`<p class="small" role="status">${words}</p>` : null}</fieldset>`;
}

/** The picture on the screen, opened from the disk. @param {any} value */
function usePicture(value) {
  const [shown, setShown] = useState("");
  useEffect(() => {
    let url = "";
    let over = false;
    if (value?.media?.startsWith("image/") && !/hei[cf]/.test(value.media)) {
      void original(here().db, value.attachment, value.key).then((blob) => {
        if (over || !blob) return;
        url = URL.createObjectURL(blob);
        setShown(url);
      });
    }
    return () => { over = true; setShown(""); if (url) URL.revokeObjectURL(url); };
  }, [value?.attachment]);
  return shown;
}
