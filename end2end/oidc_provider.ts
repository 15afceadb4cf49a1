// A provider of OpenID Connect: `oidc-provider` (certified by the OpenID Foundation), on a port of its own, of another site than
// the page.

import { createServer, type IncomingMessage } from "node:http";
import type { AddressInfo } from "node:net";
import { text } from "node:stream/consumers";
import Provider from "oidc-provider";

export const CLIENT = { id: "holdfast", secret: "of the client alone" };
/** How long what it gives out is good, in seconds: one test. */
const SECONDS = 600;

/** Where it asks who somebody is. */
const FORM = `<!DOCTYPE html><html lang="en"><head><title>Example ID</title><link rel="icon" href="data:,"></head><body>
<form method="post"><label>Name at Example ID <input name="login" autocomplete="username"></label><button>Go in</button></form>
</body></html>`;

/** A running provider. */
export interface Id {
  issuer: string;
  /** Nobody answers there any more. */
  stop(): Promise<void>;
}

async function typedName(request: IncomingMessage): Promise<string> {
  return new URLSearchParams(await text(request)).get("login") ?? "";
}

/**
 * Starts a provider that lets people sign in to `console`, an origin, and believes whatever name they type: proving it
 * is not what is tested here.
 */
export async function provider(console: string): Promise<Id> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  // Not the page's own host: to a browser it is another site, as any provider is.
  const issuer = `http://localhost:${(server.address() as AddressInfo).port}`;
  const own: Provider = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${console}/admin/oidc/back`] }],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    cookies: { keys: ["of one test"] },
    features: { devInteractions: { enabled: false } },
    interactions: { url: (_, interaction) => `/interaction/${interaction.uid}` },
    pkce: { required: () => true },
    ttl: { AccessToken: SECONDS, AuthorizationCode: SECONDS, Grant: SECONDS, IdToken: SECONDS, Interaction: SECONDS, Session: SECONDS },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
    // Nobody is asked what may be told of them.
    loadExistingGrant: async ({ oidc }) => {
      const grant = new own.Grant({ clientId: oidc.client!.clientId, accountId: oidc.session!.accountId });
      grant.addOIDCScope("openid profile");
      await grant.save();
      return grant;
    },
  });
  const callback = own.callback();
  server.on("request", async (request, response) => {
    if (!request.url?.startsWith("/interaction/")) await callback(request, response);
    else if (request.method !== "POST") response.writeHead(200, { "content-type": "text/html; charset=utf-8" }).end(FORM);
    else await own.interactionFinished(request, response, { login: { accountId: await typedName(request) } });
  });
  return {
    issuer,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
