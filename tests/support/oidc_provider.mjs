// A real OpenID Connect provider (the npm package oidc-provider) for the tests: whoever comes is `sub-anna` and has used
// two factors. Prints its port on one line. Arguments: the redirect URI.
import http from "node:http";
import Provider from "oidc-provider";

const [redirect] = process.argv.slice(2);
const server = http.createServer();
server.listen(0, "127.0.0.1", () => {
  const issuer = `http://127.0.0.1:${server.address().port}`;
  const provider = new Provider(issuer, {
    clients: [{ client_id: "muster", client_secret: "s3cret-s3cret-s3cret-s3cret", redirect_uris: [redirect],
      response_types: ["code"], grant_types: ["authorization_code"], application_type: "web" }],
    pkce: { required: () => true },
    acrValues: ["urn:mfa"],
    claims: { openid: ["sub", "acr", "amr", "auth_time"] },
    conformIdTokenClaims: false,
    features: { devInteractions: { enabled: false } },
    interactions: { url: (ctx, interaction) => `/interaction/${interaction.uid}` },
    findAccount: (ctx, id) => ({ accountId: id, claims: () => ({ sub: id }) }),
    loadExistingGrant: async (ctx) => {
      const grant = new ctx.oidc.provider.Grant({ clientId: ctx.oidc.client.clientId, accountId: ctx.oidc.session.accountId });
      grant.addOIDCScope("openid");
      await grant.save();
      return grant;
    },
  });
  const handle = provider.callback();
  server.on("request", async (request, response) => {
    if (!request.url.startsWith("/interaction/")) return handle(request, response);
    const login = { accountId: "sub-anna", acr: "urn:mfa", amr: ["pwd", "mfa"], remember: false };
    await provider.interactionFinished(request, response, { login }, { mergeWithLastSubmission: false });
  });
  console.log(server.address().port);
});
