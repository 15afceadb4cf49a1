// html-validate with its recommended rules, and the exceptions with their reasons.

import { expect } from "@playwright/test";
import { HtmlValidate, type ConfigData } from "html-validate";

const CONFIGURATION: ConfigData = {
  root: true,
  extends: ["html-validate:recommended", "html-validate:document"],
  rules: {
    // The title is the headline, a whole sentence on purpose: it is what a tab, a bookmark and a shared link show.
    "long-title": "off",
    // How the bytes are written, not what they mean: the renderer writes no end slash and no pretty whitespace.
    "void-style": "off",
    "no-trailing-whitespace": "off",
    "attribute-boolean-style": "off",
    "doctype-style": "off",
    // Every file is our own and from our own origin, under a name that holds its hash.
    "require-sri": "off",
  },
};

const validator = new HtmlValidate(CONFIGURATION);

/** Fails with the rule, the place and the reason of each fault. */
export async function expectValidHtml(html: string, name: string): Promise<void> {
  const report = await validator.validateString(html, name);
  const found = report.results.flatMap(({ messages, source }) =>
    messages.map(({ ruleId, message, line, column, selector }) => {
      const near = source?.split("\n")[line - 1]?.slice(Math.max(0, column - 40), column + 60);
      return `${ruleId}: ${message} (${selector ?? ""}) near ${near}`;
    }),
  );
  expect(found, `HTML of ${name}`).toEqual([]);
}
