/**
 * Codes: read from the camera or a photo, and drawn. A wristband's code is its number alone, printed beforehand; the card of
 * a person who is handed over also says who, since when and what cannot wait, so that the next tablet knows it with no network.
 */
import { generate } from "../static/vendor/lean-qr/lean-qr.js";

/** @typedef {(picture: ImageData | Blob) => Promise<string[]>} Reader what is written in the codes that are in sight */

/** @type {Promise<Reader> | undefined} */
let reader;

/** The browser's own reader where it has one, else the vendored one, fetched once. @returns {Promise<Reader>} */
export function openReader() {
  reader ??= native().then((own) => own ?? vendored());
  reader.catch(() => { reader = undefined; }); // the next try may have more luck
  return reader;
}

/** @returns {Promise<Reader | null>} */
async function native() {
  const Detector = /** @type {any} */ (globalThis).BarcodeDetector;
  if (!Detector || !(await Detector.getSupportedFormats()).includes("qr_code")) return null;
  const detector = new Detector({ formats: ["qr_code"] });
  return async (picture) => {
    const drawn = picture instanceof Blob ? await createImageBitmap(picture) : picture;
    return (await detector.detect(drawn)).map((/** @type {{rawValue: string}} */ one) => one.rawValue);
  };
}

/** @returns {Promise<Reader>} */
async function vendored() {
  const { prepareZXingModule, readBarcodes } = await import("../static/vendor/zxing-wasm/reader.js");
  const wasm = new URL("../static/vendor/zxing-wasm/zxing_reader.wasm", import.meta.url).href;
  await prepareZXingModule({ overrides: { locateFile: () => wasm }, fireImmediately: true });
  return async (picture) => (await readBarcodes(picture, { formats: ["QRCode"], tryHarder: true })).filter((one) => one.isValid).map((one) => one.text);
}

/** A code as dark and light squares, row by row. @param {string} text @returns {{size: number, dark: (x: number, y: number) => boolean}} */
export function drawn(text) {
  const code = /** @type {any} */ (generate)(text); // the vendored file comes without types
  return { size: code.size, dark: (x, y) => code.get(x, y) };
}

/**
 * What a code says of a person in custody; all but the band only on the card that a tablet shows. `subject` is what the log
 * calls the person: random, and it says nothing of them.
 * @typedef {{band: string, arrest: string, subject: string, since: string, needs: string}} Carried
 */

const HEAD = "MUSTER1";

/** @param {Carried} carried */
export const written = ({ band, arrest, subject, since, needs }) => [HEAD, band, arrest, subject, since, needs.replaceAll("|", "/").slice(0, 300)].join("|");

/** What was scanned; any other text is a number as it is printed on a band. @param {string} text @returns {Carried} */
export function told(text) {
  const [head, band = "", arrest = "", subject = "", since = "", ...needs] = text.trim().split("|");
  return head === HEAD ? { band, arrest, subject, since, needs: needs.join("|") } : { band: text.trim(), arrest: "", subject: "", since: "", needs: "" };
}
