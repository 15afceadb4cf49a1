// Passkeys in a real browser, with the authenticator that Chromium simulates: added on the account page, and then the
// only thing that is needed to sign in.

import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { PASSWORD, administrate } from "../administrator.ts";
import { start, temporaryFolder, type Running } from "../holdfast.ts";
import { expect, test } from "../reader.ts";

/** A node whose page is at this very machine's name: a browser binds passkeys to no number. */
async function node(): Promise<{ running: Running; origin: string; remove(): Promise<void> }> {
  const folder = await temporaryFolder();
  const config = join(folder, "holdfast.toml");
  await writeFile(config, `
data = "data"
[page]
name = "Example"
url = "http://localhost"
[public]
listen = "127.0.0.1:0"
[operators]
listen = "127.0.0.1:0"
`);
  const running = await start(["serve", "--config", config], join(folder, "data"), false);
  const origin = running.origin.replace("127.0.0.1", "localhost");
  const remove = async () => { await running.stop(); await rm(folder, { recursive: true, force: true }); };
  return { running, origin, remove };
}

test("a passkey is added and signs in without a name", async ({ page }) => {
  const { running, origin, remove } = await node();
  try {
    const devtools = await page.context().newCDPSession(page);
    await devtools.send("WebAuthn.enable");
    await devtools.send("WebAuthn.addVirtualAuthenticator", {
      options: {
        protocol: "ctap2", transport: "internal", hasResidentKey: true, hasUserVerification: true,
        isUserVerified: true, automaticPresenceSimulation: true,
      },
    });
    await administrate(page, running, origin);
    await page.goto(`${origin}/admin/account`);
    const passkeys = page.locator("#passkeys");
    await passkeys.getByLabel("What you call it").fill("work phone");
    await passkeys.getByLabel("Present password").fill(PASSWORD);
    await passkeys.getByRole("button", { name: "Add a passkey" }).click();
    await expect(page.getByRole("status")).toHaveText("The passkey is added. You can sign in with it.");
    await expect(passkeys.getByRole("listitem").first()).toContainText("work phone, since");

    await page.locator("details.menu > summary").click();
    await page.getByRole("button", { name: "Sign out" }).click();
    await expect(page).toHaveURL(`${origin}/admin/sign-in`);
    await page.getByRole("button", { name: "Sign in with a passkey" }).click();
    await expect(page).toHaveURL(`${origin}/admin`);
    await expect(page.locator("body")).toContainText("Li Wei");
  } finally {
    await remove();
  }
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });
  test("no passkey is offered, and the other ways in are there", async ({ page }) => {
    const { origin, remove } = await node();
    try {
      await page.goto(`${origin}/admin/sign-in`);
      await expect(page.getByRole("button", { name: "Sign in with a passkey" })).toBeHidden();
      await expect(page.getByRole("button", { name: "Sign in", exact: true })).toBeVisible();
      await expect(page.getByRole("link", { name: /break-glass/ })).toBeVisible();
    } finally {
      await remove();
    }
  });
});
