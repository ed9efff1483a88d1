/** Languages by their tag, as forms and papers call them. A tag that is not here is shown as it is. @type {Record<string, string>} */
export const TONGUES = { en: "English", es: "Spanish", zh: "Chinese", vi: "Vietnamese", fr: "French", ko: "Korean", tl: "Tagalog", ar: "Arabic", ru: "Russian", pt: "Portuguese", pl: "Polish", am: "Amharic", so: "Somali", ase: "American Sign Language" };
