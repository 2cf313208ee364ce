// Take a picture of one page of Home Assistant, logged in. "ha shot" starts this and sends the job as JSON.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";

const job = JSON.parse(readFileSync(0, "utf8"));
const { chromium } = createRequire(job.modules + "/")("playwright-core");

// The frontend keeps its login and its looks in the browser's storage.
function logIn({ url, token, dark, language }) {
  localStorage.setItem("hassTokens", JSON.stringify({
    access_token: token, token_type: "Bearer", expires_in: 1e8,
    expires: Date.now() + 1e11, refresh_token: "", hassUrl: url,
    clientId: url + "/", ha_auth_provider: "homeassistant",
  }));
  localStorage.setItem("selectedTheme", JSON.stringify({ dark }));
  if (language !== "en") localStorage.setItem("selectedLanguage", JSON.stringify(language));
  localStorage.setItem("dockedSidebar", JSON.stringify("docked"));
}

const context = await chromium.launchPersistentContext(job.profile, {
  executablePath: "/usr/bin/chromium",
  headless: true,
  viewport: { width: job.width, height: job.height },
  colorScheme: job.dark ? "dark" : "light",
  locale: job.language === "en" ? "en-GB" : job.language,
  timezoneId: job.timeZone,
  args: [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1", // nothing outside is asked
  ],
});
let status = 0;
try {
  await context.addInitScript(logIn, job);
  const page = context.pages()[0] ?? await context.newPage();
  page.on("pageerror", (error) => console.error("page error:", String(error)));
  await page.goto(job.url + job.path, { waitUntil: "domcontentloaded" });
  await page.waitForFunction(
    () => document.querySelector("home-assistant")?.shadowRoot?.querySelector("home-assistant-main"),
    undefined,
    { timeout: 60000 },
  );
  // A dashboard with live data may never be idle.
  await page.waitForLoadState("networkidle", { timeout: 15000 }).catch(() => {});
  for (const text of job.wait) { // in the page, or in a card that shows another page
    const isShown = (frame) => frame.getByText(text).first().isVisible().catch(() => false);
    for (const end = Date.now() + 30000; ; await page.waitForTimeout(200)) {
      if ((await Promise.all(page.frames().map(isShown))).includes(true)) break;
      if (Date.now() > end) throw new Error(`${text} is not shown`);
    }
  }
  await page.waitForTimeout(job.settle * 1000);
  await page.screenshot({ path: job.file });
} catch (error) {
  console.error("shot:", error.message ?? error);
  status = 1;
} finally {
  await context.close();
}
process.exit(status);
