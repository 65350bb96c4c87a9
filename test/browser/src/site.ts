// What every test needs: the addresses from the environment, the generated
// client, and a browser.

import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';

import createClient from 'openapi-fetch';
import { chromium, type Browser, type BrowserContextOptions, type Page } from 'playwright-core';

import type { paths } from './api.js';

const required = (name: string): string => {
  const value = process.env[name];
  if (!value) throw new Error(`${name} is not set; hack/browser.sh sets it`);
  return value;
};

export const site = required('ALGOITNY_SITE').replace(/\/$/, '');

/** A token of the account that the demo makes for its frontend. */
export const token = execFileSync('kubectl', ['create', 'token', 'frontend'], { encoding: 'utf8' }).trim();

/** The API as its description says it is. */
export const api = createClient<paths>({ baseUrl: site });

export const authorized = { Authorization: `Bearer ${token}` };

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');

let browser: Browser | undefined;

export async function close(): Promise<void> {
  await browser?.close();
}

/** A page that fails the test when the browser complains or asks elsewhere. */
export async function open(path: string, options: BrowserContextOptions = {}): Promise<Page> {
  browser ??= await chromium.launch({ executablePath: required('ALGOITNY_CHROMIUM'), args: ['--no-sandbox'] });
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options });
  const page = await context.newPage();
  const complaints: string[] = [];
  complaintsOf.set(page, complaints);
  page.on('console', message => { if (['error', 'warning'].includes(message.type())) complaints.push(message.text()); });
  page.on('pageerror', error => complaints.push(error.message));
  page.on('request', request => {
    if (!request.url().startsWith(site) && !request.url().startsWith('data:')) complaints.push(`asks ${request.url()}`);
  });
  await page.goto(site + path);
  return page;
}

const complaintsOf = new WeakMap<Page, string[]>();

/** What the browser has complained about, and forgets it. */
export const complaints = (page: Page): string[] => complaintsOf.get(page)?.splice(0) ?? [];

/** Rules of WCAG 2.2 at level AA that the page breaks. */
export async function barriers(page: Page): Promise<string[]> {
  await page.evaluate(axe);
  return page.evaluate(async () => {
    const found = await (globalThis as unknown as { axe: { run(o: object): Promise<{ violations: { id: string; nodes: { html: string }[] }[] }> } }).axe.run({
      runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'],
    });
    return found.violations.map(violation => `${violation.id}: ${violation.nodes.map(node => node.html).slice(0, 3).join(' ')}`);
  });
}

/** A test whose pages are closed with it. */
export function it(name: string, run: () => Promise<void>): void {
  test(name, { timeout: 120_000 }, async () => {
    try {
      await run();
    } finally {
      for (const context of browser?.contexts() ?? []) await context.close();
    }
  });
}
