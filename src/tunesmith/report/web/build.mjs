// Build the page's script: `make page`. The banner names the sources it was built from.

import { createHash } from "node:crypto";
import { readFileSync, readdirSync } from "node:fs";
import { build } from "esbuild";

const names = readdirSync(".").filter((name) => /\.(js|mjs|json)$/.test(name)).sort();
const digest = createHash("sha256");
for (const name of names) digest.update(readFileSync(name));
const banner = "/* Tunesmith (Apache-2.0), with Apache ECharts (Apache-2.0) and zrender (BSD-3-Clause): see "
  + `page.licences.txt. Built from sources ${digest.digest("hex")} */`;

await build({
  entryPoints: ["main.js"],
  bundle: true,
  minify: true,
  format: "iife",
  target: "es2020",
  charset: "utf8",
  legalComments: "none",
  banner: { js: banner },
  outfile: "../templates/page.js",
});
