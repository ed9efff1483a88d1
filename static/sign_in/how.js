/** How a sign-in was proven, in words. */

/** @type {Record<string, string>} */
export const HOW = { "passkey": "passkey", "password+totp": "password and code", "password+recovery": "password and recovery code", "oidc": "the agency's own sign-in", "link": "link, not set up yet", "setup": "set-up code", "exercise": "link of an exercise", "display": "display on a wall" };
