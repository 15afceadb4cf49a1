// A provider of OpenID Connect: the reference implementation of many, on a port of its own, of another site than the page.

import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import Provider from "oidc-provider";

export const CLIENT = { id: "holdfast", secret: "of the client alone" };

/** A running provider. */
export interface Id {
  issuer: string;
  /** Nobody answers there any more. */
  stop(): Promise<void>;
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
  const own = new Provider(issuer, {
    clients: [{ client_id: CLIENT.id, client_secret: CLIENT.secret, redirect_uris: [`${console}/admin/oidc/back`] }],
    claims: { openid: ["sub"], profile: ["preferred_username"] },
    cookies: { keys: ["of one test"] },
    pkce: { required: () => true },
    findAccount: (_, id) => ({ accountId: id, claims: () => ({ sub: id, preferred_username: id }) }),
  });
  server.on("request", own.callback());
  return {
    issuer,
    stop: () => new Promise((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    }),
  };
}
