// Takes the pictures of docs/images from a running demo.

import { close, open, token } from './site.js';

const folder = process.argv[2];
if (!folder) throw new Error('name the folder of the pictures');

type Page = Awaited<ReturnType<typeof open>>;

const take = async (name: string, path: string, options: Parameters<typeof open>[1], before?: (page: Page) => Promise<unknown>, fullPage = true) => {
  const page = await open(path, options);
  await before?.(page);
  await page.evaluate(() => scrollTo(0, 0));
  await page.screenshot({ path: `${folder}/${name}.png`, fullPage });
  await page.context().close();
};

const lanterns = '/problems/codeforces-example/9001-a';
await take('page-list', '/', {}, page => page.getByText('live', { exact: true }).waitFor());
await take('page-list-narrow-dark', '/', { colorScheme: 'dark', viewport: { width: 380, height: 800 } });
await take('page-problem', lanterns, {}, async page => {
  await page.getByLabel('Language', { exact: true }).selectOption('python');
  await page.getByLabel('Program', { exact: true }).fill('n, k = map(int, input().split())\na = list(map(int, input().split()))\nprint(sum(x - y > k for x, y in zip(a, a[1:])))\n');
  await page.getByLabel('Kubernetes token').fill(token);
  await page.getByRole('button', { name: 'Submit' }).click();
  await page.locator('#outcome').getByText('WA', { exact: true }).waitFor({ timeout: 60_000 });
});
await take('page-attempts-dark', '/problems/inline/moorings', { colorScheme: 'dark' }, async page => {
  const solutions = page.locator('section[aria-labelledby="solutions"]');
  await solutions.locator('summary', { hasText: /How it came about/ }).click();
  await solutions.locator('summary', { hasText: /Changes since/ }).click();
});
await take('page-spending', '/spending', {});
await take('page-api', '/api/docs', { viewport: { width: 1280, height: 1000 } }, undefined, false);
await close();
