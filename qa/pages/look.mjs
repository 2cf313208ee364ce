// Open pages in chromium as a person would, and print what is wrong with them as JSON. "make pages" starts this and
// sends the job as JSON: {browser, modules, pages: [{file, picture, width, height, dark, axe, print}]}.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const job = JSON.parse(readFileSync(0, "utf8"));
const modules = createRequire(job.modules + "/");
const { chromium } = modules("playwright-core");
const axe = readFileSync(modules.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: job.browser,
  args: ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"],
});
const wrong = [];
for (const { file, picture, width, height, dark, axe: isChecked, print } of job.pages) {
  const look = { viewport: { width, height: height ?? 900 }, colorScheme: dark ? "dark" : "light", offline: true };
  const url = pathToFileURL(file).href;
  const complain = (what) => wrong.push({ file, width, dark, what });

  const context = await browser.newContext(look);
  const page = await context.newPage();
  page.on("console", (message) => complain(`console: ${message.text()}`));
  page.on("pageerror", (error) => complain(`error: ${error}`));
  page.on("request", (request) => request.url() === url || complain(`request: ${request.url()}`));
  await page.goto(url);
  // What lies in a frame that can be scrolled, or in a picture, is cut off and widens nothing.
  const wide = await page.evaluate(() => [...document.querySelectorAll("body *")]
    .filter((one) => one.closest(".scroll, svg") === null)
    .filter((one) => one.getBoundingClientRect().right > document.documentElement.clientWidth + 1)
    .map((one) => `${one.tagName.toLowerCase()} ${one.className}: ${one.textContent.slice(0, 40)}`)
    .slice(0, 3));
  for (const one of wide) complain(`wider than the window: ${one}`);
  await page.screenshot({ path: picture, fullPage: height === null });
  if (print) {
    const edge = "12mm";
    await page.pdf({ path: print, format: "A4", margin: { top: edge, bottom: edge, left: edge, right: edge } });
  }
  await context.close();

  if (!isChecked) continue;
  // The policy of the page keeps every script out, and so that of the check.
  const open = await browser.newContext({ ...look, bypassCSP: true });
  const checked = await open.newPage();
  await checked.goto(url);
  await checked.evaluate(() => document.querySelectorAll("details").forEach((one) => { one.open = true; }));
  await checked.evaluate(axe);
  const found = await checked.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
  for (const { id, impact, help, nodes } of found.violations) {
    complain(`axe, ${impact}: ${id}, ${help}: ${nodes[0].html.slice(0, 120)} (${nodes.length})`);
  }
  await open.close();
}
await browser.close();
console.log(JSON.stringify(wrong, null, 1));
