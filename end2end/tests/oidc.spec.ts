// Signing in by a provider of OpenID Connect, which is another site, and without it.

import type { Page } from "@playwright/test";
import { rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { expectAccessible } from "../accessibility.ts";
import { LOGIN, PASSWORD, administrate } from "../administrator.ts";
import { freePorts } from "../cluster.ts";
import { start, temporaryFolder, type Running } from "../holdfast.ts";
import { CLIENT, provider, type Id } from "../oidc_provider.ts";
import { expect, test } from "../reader.ts";

// The provider is taken away, and refuses.
test.use({ outage: true, refused: true });

interface House {
  running: Running;
  id: Id;
  remove(): Promise<void>;
}

async function house(): Promise<House> {
  const folder = await temporaryFolder();
  const config = join(folder, "holdfast.toml");
  // The provider has to be told the page's address before there is a page.
  const [port] = await freePorts(1);
  const id = await provider(`http://127.0.0.1:${port}`);
  await writeFile(join(folder, "oidc.secret"), `${CLIENT.secret}\n`);
  await writeFile(config, `
data = "data"
[page]
name = "Example"
url = "http://127.0.0.1:${port}"
[public]
listen = "127.0.0.1:${port}"
[operators]
listen = "127.0.0.1:0"
[console.oidc]
issuer = "${id.issuer}"
client_id = "${CLIENT.id}"
client_secret_file = "oidc.secret"
name = "Example ID"
claim = "preferred_username"
`);
  const running = await start(["serve", "--config", config], join(folder, "data"), false);
  const remove = async () => {
    await running.stop();
    await id.stop();
    await rm(folder, { recursive: true, force: true });
  };
  return { running, id, remove };
}

/** Signs in at the provider's own pages as `name`. */
async function signInThere(page: Page, id: Id, name: string) {
  await page.getByRole("link", { name: "Sign in with Example ID" }).click();
  await expect(page).toHaveURL(new RegExp(`^${id.issuer}/interaction/`));
  await page.getByLabel("Name at Example ID").fill(name);
  await page.getByRole("button", { name: "Go in" }).click();
}

async function signOut(page: Page) {
  await page.locator("details.menu > summary").click();
  await page.getByRole("button", { name: "Sign out" }).click();
  await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");
}

test("an operator signs in by the provider; a stranger does not; without it everything is as ever", async ({ page }) => {
  const { running, id, remove } = await house();
  try {
    await administrate(page, running);
    await signOut(page);

    await page.goto(`${running.origin}/admin/audit`);
    await expect(page.getByRole("link", { name: "Sign in with Example ID" })).toBeVisible();
    await expectAccessible(page);
    await signInThere(page, id, LOGIN);
    await expect(page, "on to the page that was asked for").toHaveURL(`${running.origin}/admin/audit`);
    await expect(page.locator("body")).toContainText("Li Wei");
    await page.goto(`${running.origin}/admin/operators`);
    await expect(page.getByRole("heading", { level: 1 }), "an administrator, as the log says").toHaveText("Operators");
    await page.goto(`${running.origin}/admin`);
    await signOut(page);

    // The provider knows the browser still, as whom it will.
    await page.context().clearCookies({ domain: "localhost" });
    await signInThere(page, id, "mallory");
    await expect(page.locator("main")).toContainText("the name or the password is not right");
    await page.goto(`${running.origin}/admin`);
    await expect(page.getByRole("heading", { level: 1 })).toHaveText("Sign in");

    await id.stop();
    await page.getByRole("link", { name: "Sign in with Example ID" }).click();
    // What the provider says of itself is known for a while: then it is the browser that finds nobody there.
    await expect(page).toHaveURL("chrome-error://chromewebdata/");
    await page.goto(`${running.origin}/admin/sign-in`);
    await page.locator("#login").fill(LOGIN);
    await page.locator("#password").fill(PASSWORD);
    await page.getByRole("button", { name: "Sign in", exact: true }).click();
    await expect(page).toHaveURL(`${running.origin}/admin`);
    await expect(page.locator("body")).toContainText("Li Wei");
  } finally {
    await remove();
  }
});

test.describe("without script", () => {
  test.use({ javaScriptEnabled: false });
  test("a provider that is away is told on the page with the other ways in", async ({ page }) => {
    const { running, id, remove } = await house();
    try {
      await administrate(page, running);
      await signOut(page);
      await id.stop();
      await page.getByRole("link", { name: "Sign in with Example ID" }).click();
      await expect(page.locator("main")).toContainText("the sign-in provider cannot be reached at this moment");
      await page.locator("#login").fill(LOGIN);
      await page.locator("#password").fill(PASSWORD);
      await page.getByRole("button", { name: "Sign in", exact: true }).click();
      await expect(page).toHaveURL(`${running.origin}/admin`);
    } finally {
      await remove();
    }
  });
});
